from odoo import api, fields, models
from odoo.tools import SQL

from ..writer import as_writer

STALE = "data_stale"


class FinClock(models.Model):
    """Until when a flow's data are young enough; a source that falls silent is told, also when every run is green."""

    _inherit = "fin.clock"

    stale_at = fields.Datetime(readonly=True, index="btree_not_null")

    @api.model
    def _freshen(self, flow, moment):
        """Something came, or went, at that moment: the flow's data are young from then."""
        minutes = flow._promised("fresh")
        clock = self.search([("flow_id", "=", flow.id)])
        if not minutes:
            as_writer(clock).write({"stale_at": False})
        elif flow._fresh_by_clock():
            as_writer(clock).write({"stale_at": fields.Datetime.add(moment, minutes=minutes)})
        else:
            as_writer(clock).write({"stale_at": flow._after_working(moment, minutes)})
        self.env["fin.exception"]._close_for_flow(flow, STALE, self.env._("Something came again."))

    @api.model
    def _watch_stale(self, now):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT c.id FROM fin_clock c JOIN fin_flow f ON f.id = c.flow_id
                WHERE f.state = 'active' AND c.stale_at <= %s ORDER BY c.id""",
                now,
            )
        )
        for clock in self.browse(clock_id for (clock_id,) in rows):
            clock._tell_stale()

    def _tell_stale(self):
        """Told once: what comes next winds it up again."""
        flow, stale_at = self.flow_id, self.stale_at
        as_writer(self).write({"stale_at": False})
        text = (
            self.env._(
                "%(flow)s has sent nothing since longer than promised: its data in the other system are older than "
                "they may be since %(since)s. Look at its last runs, and at what holds them.",
                flow=flow.name,
                since=flow._in_its_zone(stale_at),
            )
            if flow.direction == "outbound"
            else self.env._(
                "Nothing has come by %(flow)s for longer than promised: its data are older than they may be since "
                "%(since)s. Ask the other side whether it sends.",
                flow=flow.name,
                since=flow._in_its_zone(stale_at),
            )
        )
        self.env["fin.exception"]._raise_for_flow(flow, STALE, text, family="data")


class FinSlot(models.Model):
    _inherit = "fin.slot"

    @api.model
    def _tick(self, now=None):
        now = now or fields.Datetime.now()
        super()._tick(now)
        self.env["fin.clock"]._watch_stale(now)


class FinRun(models.Model):
    _inherit = "fin.run"

    def _after_finish(self):
        """Inbound, an empty answer makes nothing younger, and what was there before neither."""
        super()._after_finish()
        news = self.received - self.unchanged - self.duplicate
        if not self.is_draft and self.trigger != "rollback" and (self.direction == "outbound" or news):
            self.env["fin.clock"]._freshen(self.flow_id, self.finished_at)


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def _obey(self):
        super()._obey()
        self.env["fin.clock"]._freshen(self, self.live_version_id.applied_at or fields.Datetime.now())
