from odoo import api, fields, models

from ..screen import act_window


class FinFlow(models.Model):
    """What the screens of a flow show and open."""

    _inherit = "fin.flow"

    run_count = fields.Integer(compute="_compute_screen_counts", compute_sudo=True)
    version_count = fields.Integer(compute="_compute_screen_counts", compute_sudo=True)
    waiting_version_id = fields.Many2one("fin.version", compute="_compute_waiting_version", string="Proposed Version")
    bound_journal_ids = fields.Many2many(
        "account.journal",
        compute="_compute_bound_journals",
        inverse="_inverse_bound_journals",
        string="Journals of this Flow",
        domain="[('company_id', '=', company_id), ('fin_flow_id', 'in', [False, id])]",
        help="The journals that this flow may book into. A journal belongs to one flow.",
    )
    release_state = fields.Selection(
        lambda self: self.env["fin.database"]._release_states(), compute="_compute_release_state"
    )

    def _compute_screen_counts(self):
        runs = self._count_of("fin.run")
        versions = self._count_of("fin.version")
        for flow in self:
            flow.run_count, flow.version_count = runs.get(flow, 0), versions.get(flow, 0)

    def _count_of(self, model):
        return dict(self.env[model]._read_group([("flow_id", "in", self.ids)], ["flow_id"], ["__count"]))

    @api.depends("version_ids.state")
    def _compute_waiting_version(self):
        for flow in self:
            flow.waiting_version_id = flow.version_ids.filtered(lambda v: v.state in ("proposed", "review"))[:1]

    @api.depends("journal_ids")
    def _compute_bound_journals(self):
        for flow in self:
            flow.bound_journal_ids = flow.journal_ids

    def _inverse_bound_journals(self):
        self.env["fin.approval"]._need_group("group_operator")
        for flow in self:
            flow.check_access("write")
            flow.bound_journal_ids.check_access("read")
            leaving, coming = flow.journal_ids - flow.bound_journal_ids, flow.bound_journal_ids - flow.journal_ids
            # sudo: an operator of flows need not be an accounting manager; the flow's version decides what is booked
            journals = self.env["account.journal"].sudo()
            journals.browse(leaving.ids).fin_flow_id = False
            journals.browse(coming.ids).fin_flow_id = flow

    def _compute_release_state(self):
        self.release_state = self.env["fin.database"]._release_state()

    def action_open_runs(self):
        return act_window(self.env, "fin_run_action", [("flow_id", "in", self.ids)])

    def action_open_exceptions(self):
        return act_window(self.env, "fin_exception_action", [("flow_id", "in", self.ids)], search_default_unresolved=1)

    def action_open_versions(self):
        return act_window(self.env, "fin_version_action", [("flow_id", "in", self.ids)])

    def action_open_waiting_version(self):
        return self.waiting_version_id._open()

    def action_request_release(self):
        return self.env["fin.database"].action_request_release()
