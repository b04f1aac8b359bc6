from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.finance_integration_governance.core.lifecycle import Lifecycle
from odoo.addons.finance_integration_governance.models.writer import as_writer, is_writer


class FinBudgetRound(models.Model):
    """One round of planning, such as the budget of a year or its second reforecast: what is due when, and by whom."""

    _name = "fin.budget.round"
    _description = "Planning Round"
    _inherit = ["fin.lifecycle.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _lifecycle = Lifecycle(
        {"planned": "Planned", "open": "Open", "closed": "Closed"},
        open="planned > open",
        close="open > closed",
    )

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    kind = fields.Selection(
        [("budget", "Budget"), ("reforecast", "Reforecast")], required=True, default="budget", tracking=True
    )
    number = fields.Integer(default=1, help="Which reforecast of the year.")
    date_from = fields.Date(required=True, string="From")
    date_to = fields.Date(required=True, string="To")
    owner_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.user, tracking=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, default="planned")
    step_ids = fields.One2many("fin.budget.step", "round_id", string="Calendar", copy=True)
    version_ids = fields.One2many("fin.budget.version", "round_id", string="Versions")
    next_step_id = fields.Many2one("fin.budget.step", compute="_compute_next_step")
    next_due_on = fields.Date(compute="_compute_next_step", string="Next is due")
    late_count = fields.Integer(compute="_compute_next_step", string="Late")

    @api.depends("step_ids.done_at", "step_ids.due_on")
    def _compute_next_step(self):
        today = fields.Date.context_today(self)
        for one in self:
            open_steps = one.step_ids.filtered(lambda step: not step.done_at)
            one.next_step_id = open_steps.sorted("due_on")[:1]
            one.next_due_on = one.next_step_id.due_on
            one.late_count = len(open_steps.filtered(lambda step: step.due_on < today))

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for one in self:
            if one.date_from > one.date_to:
                raise ValidationError(self.env._("A round begins before it ends."))

    def action_open(self):
        """From now on its steps are due, and their owners know it."""
        self._need_operator()
        self._transition("open")

    def action_close(self):
        self._need_operator()
        self._transition("close")

    def _need_operator(self):
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_operator")
        self.check_access("write")

    def _guard_open(self):
        if not self.step_ids:
            raise UserError(self.env._("Say first what is due when, and by whom."))

    def _after_open(self):
        for step in self.step_ids:
            # sudo: a reminder is the suite's own, whoever caused it
            step.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=step.due_on,
                summary=f"{self.name}: {step.name}",
                user_id=step.owner_id.id,
            )

    def _guard_close(self):
        open_steps = self.step_ids.filtered(lambda step: not step.done_at)
        if open_steps:
            raise UserError(self.env._("Still open: %s", ", ".join(open_steps.mapped("name"))))


class FinBudgetStep(models.Model):
    """One thing of a round that somebody has to do by a day."""

    _name = "fin.budget.step"
    _description = "Planning Step"
    _inherit = ["mail.activity.mixin", "mail.thread"]
    _order = "due_on, id"

    name = fields.Char(required=True)
    round_id = fields.Many2one("fin.budget.round", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="round_id.company_id", store=True, index=True)
    due_on = fields.Date(required=True, string="Due")
    owner_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.user)
    done_at = fields.Datetime(readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    is_late = fields.Boolean(compute="_compute_is_late")

    @api.depends("due_on", "done_at")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for step in self:
            step.is_late = not step.done_at and bool(step.due_on) and step.due_on < today

    def action_done(self):
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_operator")
        self.check_access("write")
        if self.round_id.state != "open":
            raise UserError(self.env._("%s is not open.", self.round_id.name))
        as_writer(self).write({"done_at": fields.Datetime.now(), "done_by_id": self.env.uid})
        self.round_id._audit("step", step=self.name, due=self.due_on.isoformat())
        # sudo: the reminder of whoever owns the step is done with it
        self.sudo().activity_ids.action_feedback()

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_done(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(vals if is_writer(self) else self._without_done(vals))

    @api.model
    def _without_done(self, vals):
        """Who did it and when says the button."""
        return {name: value for name, value in vals.items() if name not in ("done_at", "done_by_id")}
