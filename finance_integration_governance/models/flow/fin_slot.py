from odoo import api, fields, models

from ...core.lifecycle import Lifecycle
from ...core.schedule import UTC, due
from ..writer import as_writer


def _aware(moment):
    return moment.replace(tzinfo=UTC)


class FinSlot(models.Model):
    """One due moment of a flow's schedule, and what became of it."""

    _name = "fin.slot"
    _description = "Slot"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "due_at desc"
    _rec_name = "due_at"
    _lifecycle = Lifecycle(
        {"due": "Due", "started": "Started", "met": "Met", "late": "Late", "missed": "Missed", "skipped": "Skipped"},
        start="due > started",
        meet="started > met",
        be_late="started > late",
        miss="due, started > missed",
        skip="due > skipped",
    )

    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="flow_id.company_id", store=True)
    due_at = fields.Datetime(required=True, readonly=True, index=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, index=True)
    run_ids = fields.One2many("fin.run", "slot_id", readonly=True)

    _due_uniq = models.UniqueIndex("(flow_id, due_at)")

    def _subject_key(self):
        return f"{self.flow_id.code}@{self.due_at.isoformat()}Z"

    @api.model
    def _tick(self, now=None):
        """Materialise what has become due and queue a run for it; several missed moments make one run."""
        now = now or fields.Datetime.now()
        self.env["fin.version"]._expire(now)
        self.env["fin.version"]._apply_due(now)
        for flow in self.env["fin.flow"].search([("state", "=", "active")]):
            slots = self._materialise(flow, now)
            if slots:
                slots[:-1]._transition("skip", reason="several were due: one run brings all")
                slots[-1]._start()

    def _materialise(self, flow, now):
        version = flow.live_version_id
        if not version:
            return self
        document = version._read_document()
        moments = due(document["schedule"], _aware(self._since(flow)), _aware(now), document["tz"])
        return as_writer(self).create(
            [{"flow_id": flow.id, "due_at": moment.replace(tzinfo=None)} for moment in moments[-100:]]
        )

    def _since(self, flow):
        last = self.search([("flow_id", "=", flow.id)], limit=1)
        applied = flow.live_version_id.applied_at
        return max(last.due_at, applied) if last else applied

    def _start(self):
        self._transition("start")
        run = self.env["fin.run"]._queue(self.flow_id, "schedule", slot=self)
        # Any lane may look at the clock; the run waits in its own.
        self.env["fin.engine"]._wake(run.lane)

    @api.model
    def _next_due(self, flow):
        """When the live version says that the flow is due next, or False."""
        if not flow.live_version_id or flow.state != "active":
            return False
        document, now = flow._document(), fields.Datetime.now()
        moments = due(document["schedule"], _aware(now), _aware(fields.Datetime.add(now, days=2)), document["tz"])
        return moments[0].replace(tzinfo=None) if moments else False
