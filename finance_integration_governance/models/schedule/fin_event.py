from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from ..writer import as_writer

_WAITING = "fin.event"


class FinEventKind(models.Model):
    """Something that may happen in Odoo and that a flow may wait for. An addon adds its kinds as data."""

    _name = "fin.event.kind"
    _description = "Kind of Event"
    _order = "name"

    name = fields.Char(required=True, translate=True)
    key = fields.Char(required=True, readonly=True)

    _key_uniq = models.Constraint("UNIQUE(key)", "There is already a kind of event with this key.")


class FinTrigger(models.Model):
    """What the live version of a flow waits for: the key of an event, or of another flow's end."""

    _name = "fin.trigger"
    _description = "Trigger of a Flow"
    _inherit = ["fin.evidence.mixin"]
    _rec_name = "key"

    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="cascade", index=True)
    key = fields.Char(required=True, readonly=True, index=True)

    _key_uniq = models.Constraint("UNIQUE(flow_id, key)", "A flow waits for one thing once.")

    @api.model
    def _arm(self, flow):
        """The flow waits for exactly what its live version says."""
        schedule = flow._document()["schedule"]
        keys = self._keys(schedule)
        known = self.search([("flow_id", "=", flow.id)])
        as_writer(known.filtered(lambda t: t.key not in keys)).unlink()
        as_writer(self).create([{"flow_id": flow.id, "key": key} for key in sorted(keys - {*known.mapped("key")})])
        self.env.registry.clear_cache()

    def _keys(self, schedule):
        return {*schedule.get("events", ()), *(f"run:{code}" for code in schedule.get("flows", ()))}

    @api.model
    @ormcache("key", "company_id")
    def _waiting_for(self, key, company_id):
        """Flows in use that wait for this in a company, as (id, lane); remembered, so that nobody's work asks twice."""
        self.env["fin.flow"].flush_model(["state", "lane", "company_id"])
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT f.id, f.lane FROM fin_trigger t JOIN fin_flow f ON f.id = t.flow_id
                WHERE t.key = %s AND f.state IN ('active', 'paused') AND (%s IS NULL OR f.company_id = %s)
                ORDER BY f.id""",
                key,
                company_id or None,
                company_id or None,
            )
        )
        return tuple(rows)


class FinEvent(models.Model):
    """Something that happened and that a flow waits for, written in the transaction in which it happened."""

    _name = "fin.event"
    _description = "Event"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "key"

    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="cascade")
    key = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True, string="Record")
    res_model = fields.Char(readonly=True)
    at = fields.Datetime(required=True, readonly=True)
    slot_id = fields.Many2one("fin.slot", readonly=True, ondelete="cascade", index="btree_not_null")

    _waiting_idx = models.Index("(flow_id) WHERE slot_id IS NULL")

    @api.model
    def _happened(self, key, records=None, company=None):
        """Note it for every flow that waits for it; nothing is asked of the database where none does."""
        waiting = self.env["fin.trigger"]._waiting_for(key, company.id if company else False)
        if not waiting:
            return
        data = self.env.cr.precommit.data
        if _WAITING not in data:
            data[_WAITING] = {}
            self.env.cr.precommit.add(self._keep)
        model, ids = (records._name, records.ids) if records else (None, [None])
        for flow in waiting:
            data[_WAITING].update(dict.fromkeys((*flow, key, model, res_id) for res_id in ids))

    def _keep(self):
        """One statement for all of a transaction, and one call for each lane."""
        noted = self.env.cr.precommit.data.pop(_WAITING, {})
        rows = [(flow, key, model, res_id) for flow, _lane, key, model, res_id in noted]
        self.env.cr.execute_values(
            "INSERT INTO fin_event (flow_id, key, res_model, res_id, at) VALUES %s",
            [(*row, fields.Datetime.now()) for row in rows],
        )
        for lane in sorted({lane for _flow, lane, *_rest in noted}):
            self.env["fin.engine"]._wake(lane)

    @api.autovacuum
    def _gc_taken(self):
        """What a slot has taken is of use to nobody after a month."""
        before = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        self.env.cr.execute(SQL("DELETE FROM fin_event WHERE slot_id IS NOT NULL AND at < %s", before))

    @api.model
    def _take(self, now):
        """All that waits for one flow becomes one slot; what is written meanwhile waits. Whether anything did."""
        rows = self.env.execute_query(
            SQL(
                """SELECT flow_id, array_agg(id), array_agg(DISTINCT key) FROM fin_event
                WHERE slot_id IS NULL GROUP BY flow_id ORDER BY min(id)"""
            )
        )
        for flow_id, ids, keys in rows:
            flow = self.env["fin.flow"].browse(flow_id)
            slot = self._slot_for(flow, sorted(keys), now)
            if slot:
                self.env.cr.execute(SQL("UPDATE fin_event SET slot_id = %s WHERE id = ANY(%s)", slot.id, ids))
            else:
                self.env.cr.execute(SQL("DELETE FROM fin_event WHERE id = ANY(%s)", ids))
        self.invalidate_model()
        return bool(rows)

    def _slot_for(self, flow, keys, now):
        """A slot where the flow still waits for that, else nothing."""
        if flow.state not in ("active", "paused") or not flow.live_version_id:
            return None
        return self.env["fin.slot"]._event(flow, flow._document(), ", ".join(keys), now)


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def _obey(self):
        super()._obey()
        self.env["fin.trigger"]._arm(self)

    def write(self, vals):
        done = super().write(vals)
        if "state" in vals:
            self.env.registry.clear_cache()
        return done
