from odoo import api, fields, models
from odoo.tools import SQL

from ..writer import as_writer
from .fin_flow_levels import promised

LATE = "slot_late"


class FinSlot(models.Model):
    """A slot whose flow promises a time has until then; what is not done by then is told at once, not at the end."""

    _inherit = "fin.slot"

    promised_at = fields.Datetime(readonly=True, string="Done by")
    is_told = fields.Boolean(readonly=True, help="Its owner knows that it is late.")

    _promised_idx = models.Index("(promised_at) WHERE state IN ('due', 'started') AND is_told IS NOT TRUE")

    def _values(self, flow, document, moment):
        values, minutes = super()._values(flow, document, moment), promised(document, "on_time")
        return values | ({"promised_at": fields.Datetime.add(values["due_at"], minutes=minutes)} if minutes else {})

    @api.model
    def _tick(self, now=None):
        now = now or fields.Datetime.now()
        super()._tick(now)
        self._watch_late(now)

    def _watch_late(self, now):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM fin_slot
                WHERE state IN ('due', 'started') AND is_told IS NOT TRUE AND promised_at <= %s ORDER BY id""",
                now,
            )
        )
        late = self.browse(slot_id for (slot_id,) in rows)
        as_writer(late).write({"is_told": True})
        for slot in late:
            slot._tell_late()

    def _tell_late(self):
        text = self.env._(
            "%(flow)s was due at %(due)s and promised to be done by %(promised)s. %(state)s",
            flow=self.flow_id.name,
            due=self.flow_id._in_its_zone(self.due_at),
            promised=self.flow_id._in_its_zone(self.promised_at),
            state=self._where_it_stands(),
        )
        self.env["fin.exception"]._raise_for_flow(self.flow_id, LATE, text, due=self.due_at.isoformat())

    def _where_it_stands(self):
        run = self.run_ids[:1]
        if not run:
            return self.env._("No run of it has begun.")
        if run.state == "held":
            return self.env._("%s is held: decide on its exceptions.", run.name)
        stage = dict(run._fields["stage"]._description_selection(self.env)).get(run.stage, run.stage)
        return self.env._("%(run)s stands at %(stage)s.", run=run.name, stage=stage)

    def _done(self):
        """Its run is done: in time or not."""
        now = fields.Datetime.now()
        if self.state != "started":
            return
        if not self.promised_at or now <= self.promised_at:
            self._transition("meet")
            return
        minutes = round((now - self.promised_at).total_seconds() / 60)
        self._transition("be_late", minutes=minutes)
        self.env["fin.exception"]._close_for_flow(
            self.flow_id, LATE, self.env._("Done %s minutes late.", minutes), due=self.due_at.isoformat()
        )


class FinRun(models.Model):
    _inherit = "fin.run"

    def _after_finish(self):
        super()._after_finish()
        self.slot_id._done()
