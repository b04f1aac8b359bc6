import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...core.close import CHECKS, rests_on
from ...core.schedule import times_of

ACTIONS = [
    ("run", "Run a flow"),
    ("evaluate", "Look at the other checkpoints"),
    ("lock", "Set Odoo's lock date to the period's end"),
    ("unlock", "Lift Odoo's lock date to before the period"),
    ("pack", "Send the evidence pack of the period"),
]
CARRIED_LOCKS = [("fiscalyear_lock_date", "Everything"), ("tax_lock_date", "Tax return")]


class FinCheckpointTemplate(models.Model):
    """One checkpoint of a company's close calendar, as people edit it; it takes effect with the company's policy."""

    _name = "fin.checkpoint.template"
    _description = "Checkpoint of the Close Calendar"
    _inherit = ["fin.working.part"]
    _order = "company_id, work_day, sequence, id"
    _bystanders = frozenset({"sequence"})

    name = fields.Char(required=True)
    code = fields.Char(required=True, help="How flows and evidence name it.")
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    check = fields.Selection(list(CHECKS.items()), required=True, default="hand", string="What has to be true")
    accounts = fields.Char(help="Beginnings of account codes that it looks at, such as 64, 65. Empty: all that fits.")
    tolerance = fields.Monetary(help="How far the figures may be off and still count, in the company's currency.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    flow_id = fields.Many2one("fin.flow", string="Which flow", ondelete="restrict", check_company=True)
    after_ids = fields.Many2many(
        "fin.checkpoint.template",
        "fin_checkpoint_template_after_rel",
        "template_id",
        "after_id",
        string="Only after",
        domain="[('company_id', '=', company_id), ('id', '!=', id)]",
    )
    work_day = fields.Integer("Working day", default=2, required=True, help="2: the second working day of next month.")
    due_time = fields.Char("At", default="18:00", required=True)
    owner_id = fields.Many2one("res.users", required=True, default=lambda self: self.env.user)
    second_id = fields.Many2one("res.users", string="Second signature", help="Empty: any approver but the first one.")
    holds_lock = fields.Selection(
        [("books", "The books' lock date"), ("tax", "The tax lock date")],
        help="Odoo's lock date does not move past the period before this is signed.",
    )
    action = fields.Selection(ACTIONS, string="When signed")
    action_flow_id = fields.Many2one("fin.flow", string="Run which flow", ondelete="restrict", check_company=True)
    action_lock = fields.Selection(CARRIED_LOCKS, string="Which lock date", default="fiscalyear_lock_date")

    _code_uniq = models.Constraint("UNIQUE(company_id, code)", "The company has a checkpoint with this code.")
    _day_positive = models.Constraint("CHECK(work_day BETWEEN 1 AND 23)", "A month has working days 1 to 23.")
    _tolerance_positive = models.Constraint("CHECK(tolerance >= 0)", "A tolerance is not negative.")

    @api.constrains("code", "due_time")
    def _check_words(self):
        for template in self:
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", template.code or ""):
                raise ValidationError(self.env._("A checkpoint's code is made of small letters, digits and dashes."))
            try:
                times_of(template.due_time)
            except ValueError as error:
                raise ValidationError(self.env._("%s is not a time of day such as 06:00.", error)) from None

    @api.constrains("check", "flow_id", "action", "action_flow_id", "after_ids")
    def _check_parts(self):
        for template in self:
            if template.check == "flow" and not template.flow_id:
                raise ValidationError(self.env._("Say which flow has to have delivered."))
            if template.action == "run" and not template.action_flow_id:
                raise ValidationError(self.env._("Say which flow it runs."))
            told = [one._document() for one in template.search([("company_id", "=", template.company_id.id)])]
            if template.code in rests_on(told, template.code):
                raise ValidationError(self.env._("%s would wait for itself.", template.name))

    def _working_copies(self):
        # sudo: whoever edits the close calendar need not see the policy; it is noted as their edit of it
        policies = self.env["fin.policy"].sudo().search([("company_id", "in", self.company_id.ids)])
        return [policies.with_env(self.env), *self._flows_that_name()]

    def _flows_that_name(self):
        """Flows whose version would name one of these."""
        return []

    def _document(self):
        """What the policy keeps of it; what is not said is left out."""
        self.ensure_one()
        told = {
            "code": self.code,
            "name": self.name,
            "check": self.check,
            "accounts": sorted(part.strip() for part in (self.accounts or "").split(",") if part.strip()),
            "tolerance": self.tolerance and format(self.tolerance, f".{self.currency_id.decimal_places}f"),
            "flow": self.flow_id.code if self.check == "flow" else None,
            "after": sorted(self.after_ids.mapped("code")),
            "day": self.work_day,
            "time": self.due_time,
            "owner": self.owner_id.login,
            "second": self.second_id.login,
            "holds": self.holds_lock,
            "action": self._action_told(),
        }
        return {name: value for name, value in told.items() if value}

    def _action_told(self):
        more = {
            "run": {"flow": self.action_flow_id.code},
            "lock": {"lock": self.action_lock},
            "unlock": {"lock": self.action_lock},
        }
        return {"kind": self.action, **more.get(self.action, {})} if self.action else None
