from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.finance_integration_governance.core.lifecycle import Lifecycle
from odoo.addons.finance_integration_governance.models.screen import act_window
from odoo.addons.finance_integration_governance.models.triggers import refuse_rewriting
from odoo.addons.finance_integration_governance.models.writer import as_writer, is_writer

from ...core.budget import months

SCENARIOS = [("budget", "Budget"), ("forecast", "Forecast"), ("mix", "Actuals and forecast")]
CLOSED = ("submitted", "approved", "frozen", "superseded")


class FinBudgetVersion(models.Model):
    """One version of a company's plan. What was approved is never overwritten: the next version takes its place."""

    _name = "fin.budget.version"
    _description = "Budget Version"
    _inherit = ["fin.lifecycle.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, company_id, id desc"
    _check_company_auto = True
    _lifecycle = Lifecycle(
        {
            "draft": "Draft",
            "submitted": "Submitted",
            "approved": "Approved",
            "frozen": "Frozen",
            "superseded": "Superseded",
        },
        submit="draft > submitted",
        withdraw="submitted > draft",
        approve="submitted > approved",
        freeze="approved > frozen",
        supersede="approved, frozen > superseded",
    )

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True, copy=False, tracking=True, help="What files and other systems call it.")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, tracking=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    scenario = fields.Selection(SCENARIOS, required=True, default="budget", tracking=True)
    number = fields.Integer(default=1, tracking=True, help="Which forecast of the year.")
    date_from = fields.Date(required=True, string="From", tracking=True)
    date_to = fields.Date(required=True, string="To", tracking=True)
    owner_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.user, tracking=True)
    round_id = fields.Many2one("fin.budget.round", check_company=True, index="btree_not_null")
    state = fields.Selection(
        _lifecycle.selection, required=True, readonly=True, copy=False, index=True, tracking=True, default="draft"
    )
    line_ids = fields.One2many("fin.budget.line", "version_id", string="Lines")
    line_count = fields.Integer(compute="_compute_line_count", string="Figures")
    supersedes_id = fields.Many2one(
        "fin.budget.version", "Takes the place of", readonly=True, copy=False, ondelete="restrict", check_company=True
    )
    digest = fields.Char(readonly=True, copy=False, size=64, string="Fingerprint", help="Of what was submitted.")
    notes = fields.Text("Assumptions")

    _code_uniq = models.UniqueIndex("(company_id, code)", "There is already a version with this code.")

    def init(self):
        closed = "OLD.state IN ('approved', 'frozen', 'superseded')"
        columns = ["digest", "code", "company_id", "scenario", "number", "date_from", "date_to", "supersedes_id"]
        refuse_rewriting(self.env.cr, self._table, columns, closed)

    def _compute_line_count(self):
        counts = dict(
            self.env["fin.budget.line"]._read_group([("version_id", "in", self.ids)], ["version_id"], ["__count"])
        )
        for version in self:
            version.line_count = counts.get(version, 0)

    @api.constrains("date_from", "date_to", "code")
    def _check_places(self):
        for version in self:
            if version.date_from.day != 1 or (fields.Date.add(version.date_to, days=1)).day != 1:
                raise ValidationError(self.env._("A version begins and ends with whole months."))
            if not 0 < len(version._months()) <= 60:
                raise ValidationError(self.env._("A version holds from one to sixty months."))
            if not version.code or "|" in version.code or len(version.code) > 64:
                raise ValidationError(self.env._("A version's code has up to 64 characters and no bar."))

    def _months(self):
        return months(self.date_from, self.date_to)

    def _subject_key(self):
        return f"{self.company_id.fin_code}/{self.code}"

    @api.model_create_multi
    def create(self, vals_list):
        """What it takes the place of, and its fingerprint, are said by the buttons."""
        kept = ("supersedes_id", "digest")
        return super().create([{name: value for name, value in vals.items() if name not in kept} for vals in vals_list])

    def write(self, vals):
        """Behind its submission only what is no part of the plan changes."""
        free = {"state", "digest", "supersedes_id", "owner_id", "activity_ids", "message_ids", "message_follower_ids"}
        if set(vals) - free and not is_writer(self) and any(version.state in CLOSED for version in self):
            raise UserError(self.env._("What was submitted does not change: take it back, or make a new version."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        if any(version.state != "draft" or version.digest for version in self):
            raise UserError(self.env._("What was submitted once stays; a new version takes its place."))

    # Buttons

    def action_submit(self):
        """Say that it is ready; another person decides on exactly these figures."""
        self._need_operator()
        self._transition("submit")

    def action_withdraw(self):
        """Back to draft, to be worked on again."""
        self._need_operator()
        self._transition("withdraw")

    def action_freeze(self):
        """Nothing but a new version changes what it is compared with from now on."""
        self._need_operator()
        self._transition("freeze")

    def action_new_version(self):
        """A draft with the same figures, which takes this one's place once it is approved."""
        self._need_operator()
        if self.state not in ("approved", "frozen"):
            raise UserError(self.env._("A draft is worked on itself; a new version follows one that was approved."))
        count = self.search_count([("company_id", "=", self.company_id.id), ("code", "=like", f"{self.code}%")])
        made = self.copy({"code": f"{self.code}-v{count + 1}", "name": self.env._("%s, new version", self.name)})
        as_writer(made).write({"supersedes_id": self.id})
        self.env["fin.budget.line"].create([line._copied(made) for line in self.line_ids])
        return made._opened()

    def _opened(self):
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "view_mode": "form"}

    def action_open_lines(self):
        self.ensure_one()
        mine = [("version_id", "=", self.id)]
        action = "connector_planning.fin_budget_line_action"
        return act_window(self.env, action, mine, self.name, default_version_id=self.id)

    def action_open_variance(self):
        self.ensure_one()
        mine, name = [("version_id", "=", self.id)], self.env._("%s and actuals", self.name)
        shown = dict.fromkeys(("search_default_result", "search_default_over", "search_default_group_account"), 1)
        return act_window(self.env, "connector_planning.fin_budget_variance_action", mine, name, **shown)

    def _need_operator(self):
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_operator")
        self.check_access("write")
