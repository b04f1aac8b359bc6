from odoo import api, fields, models

from ...core.stages import OUTCOMES, STAGES
from ..screen import MODULE, act_window
from .fin_reconciliation import FinReconciliation

SHOWN = 80


class FinRun(models.Model):
    """What the screens of a run show and open."""

    _inherit = "fin.run"

    stage_progress = fields.Html(compute="_compute_stage_progress", sanitize=False, string="Progress")
    tie_state = fields.Selection(FinReconciliation.STATES, compute="_compute_tie_state", string="Control Totals")
    tie_line_ids = fields.Many2many(
        "fin.reconciliation.line", compute="_compute_tie_lines", string="Last Reconciliation"
    )
    shown_item_ids = fields.Many2many("fin.item", compute="_compute_shown_items", string="First Items")
    item_count = fields.Integer(compute="_compute_shown_items")
    open_count = fields.Integer(compute="_compute_open_count", string="Open")
    exception_count = fields.Integer(compute="_compute_exception_count")
    open_exception_count = fields.Integer(compute="_compute_exception_count", string="Open Exceptions")

    @api.depends("state", "stage")
    def _compute_stage_progress(self):
        for run in self:
            values = {"steps": run._steps()}
            run.stage_progress = self.env["ir.qweb"]._render(f"{MODULE}.screen_stages", values)

    def _steps(self):
        """(label, how) per stage; how is done, now, waits, failed or to come."""
        labels = dict(self._fields["stage"]._description_selection(self.env))
        here = len(STAGES) if self.state == "done" else STAGES.index(self.stage)
        now = {"held": "waits", "failed": "failed", "cancelled": "failed", "running": "now"}.get(self.state, "next")
        return [
            (labels[stage], "done" if place < here else now if place == here else "next")
            for place, stage in enumerate(STAGES)
        ]

    @api.depends("received", *OUTCOMES)
    def _compute_open_count(self):
        """What has no outcome yet: received is always the sum."""
        for run in self:
            run.open_count = run.received - sum(run[outcome] for outcome in OUTCOMES)

    @api.depends("reconciliation_state", "reconciliation_ids.state")
    def _compute_tie_state(self):
        for run in self:
            # sudo: whether the totals tie is no amount, so support may know
            run.tie_state = run.reconciliation_state or run.sudo().reconciliation_ids[-1:].state

    def _compute_tie_lines(self):
        for run in self:
            run.tie_line_ids = run.reconciliation_ids[-1:].line_ids

    def _compute_shown_items(self):
        """The first items only: a run may have a million."""
        for run in self:
            run.shown_item_ids = self.env["fin.item"].search([("run_id", "=", run.id)], limit=SHOWN)
            run.item_count = self.env["fin.item"].search_count([("run_id", "=", run.id)])

    def _compute_exception_count(self):
        for run in self:
            found = self.env["fin.exception"].search([("run_ids", "in", run.ids)])
            run.exception_count = len(found)
            run.open_exception_count = len(found.filtered(lambda e: e.state in ("open", "in_progress")))

    def action_open_items(self):
        return act_window(self.env, "fin_item_action", [("run_id", "in", self.ids)])

    def action_open_exceptions(self):
        return act_window(self.env, "fin_exception_action", [("run_ids", "in", self.ids)])

    def action_open_flow(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.flow",
            "res_id": self.flow_id.id,
            "view_mode": "form",
        }
