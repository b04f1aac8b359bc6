import re

from odoo import api, fields, models
from odoo.fields import Command

from ..core.register import CRITICALITIES, PROCESSES, QUESTIONS


class FinFlowNew(models.TransientModel):
    """A new flow in one dialog: what, where, when, and who answers for it."""

    _name = "fin.flow.new"
    _inherit = ["fin.options.mixin"]
    _description = "New Flow"

    name = fields.Char(required=True)
    purpose = fields.Text(required=True)
    connection_id = fields.Many2one("fin.connection", required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    object = fields.Selection(selection=lambda self: self.env["fin.flow"]._selection_object(), required=True)
    journal_ids = fields.Many2many("account.journal", domain="[('company_id', '=', company_id)]")
    # What waits for something else than the clock says for what, on the flow itself.
    schedule_kind = fields.Selection(
        [("manual", "By hand"), ("interval", "Every so many minutes"), ("times", "At times of day")],
        required=True,
        default="times",
    )
    interval_minutes = fields.Integer(default=60)
    times = fields.Char(default="06:00")
    owner_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.company.fin_owner_id)
    deputy_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.company.fin_deputy_id)
    steward_id = fields.Many2one("res.users", default=lambda self: self.env.company.fin_steward_id)
    process = fields.Selection(PROCESSES)
    criticality = fields.Selection(CRITICALITIES, required=True, default="normal")
    data_class_id = fields.Many2one("fin.data.class", default=lambda self: self.env["fin.flow"]._default_data_class())
    answer_trigger = fields.Text(QUESTIONS["trigger"], compute="_compute_answers", store=True, readonly=False)
    answer_approvals = fields.Text(QUESTIONS["approvals"], compute="_compute_answers", store=True, readonly=False)
    answer_checks = fields.Text(QUESTIONS["checks"], compute="_compute_answers", store=True, readonly=False)
    answer_exceptions = fields.Text(QUESTIONS["exceptions"], compute="_compute_answers", store=True, readonly=False)
    answer_reconciliation = fields.Text(
        QUESTIONS["reconciliation"], compute="_compute_answers", store=True, readonly=False
    )
    runbook = fields.Text()
    adopts = fields.Char()
    submit = fields.Boolean("Submit for approval", default=True)

    @api.onchange("connection_id")
    def _onchange_connection(self):
        self.company_id = self.connection_id.company_id or self.company_id

    @api.onchange("object")
    def _onchange_object(self):
        self.connection_id = self.connection_id or self._business()._usual_connection(self.company_id)

    @api.depends("connection_id", "object", "schedule_kind", "interval_minutes", "times")
    def _compute_answers(self):
        """Proposals that follow what is chosen; whoever creates the flow makes them their own."""
        flows = self.env["fin.flow"]
        for new in self:
            words = flows._schedule_in_words(new.schedule_kind, new.interval_minutes, new.times)
            label = dict(flows._selection_object()).get(new.object, "")
            for name, text in flows._proposals(words, new.connection_id.direction, label).items():
                new[f"answer_{name}"] = text

    def action_create(self):
        """Make the flow, propose its first version, and submit it where wanted."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_operator")
        flow = self.env["fin.flow"].create(self._vals())
        self.journal_ids.sudo().fin_flow_id = flow  # sudo: an operator of flows need not be an accounting manager
        flow._prefill_scope()
        version = self.env["fin.change"]._propose(flow, self.purpose).version_ids
        if self.submit:
            version.action_submit()
        return {"type": "ir.actions.act_window", "res_model": "fin.flow", "res_id": flow.id, "view_mode": "form"}

    def _vals(self):
        people = {"owner": self.owner_id, "deputy": self.deputy_id, "steward": self.steward_id}
        register = ("process", "criticality", "runbook", *(f"answer_{name}" for name in QUESTIONS))
        return {
            **{name: self[name] for name in register},
            "data_class_id": self.data_class_id.id,
            "adopts": self.adopts,
            "name": self.name,
            "code": re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:60],
            "purpose": self.purpose,
            "connection_id": self.connection_id.id,
            "company_id": self.company_id.id,
            "object": self.object,
            "options": self.options,
            "schedule_kind": self.schedule_kind,
            "interval_minutes": self.interval_minutes,
            "times": self.times,
            "role_ids": [Command.create({"role": r, "user_id": user.id}) for r, user in people.items() if user],
        }
