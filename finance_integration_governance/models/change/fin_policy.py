from types import MappingProxyType

from odoo import api, fields, models

from ...core.register import CRITICALITIES
from ..writer import as_writer


class FinPolicy(models.Model):
    """What holds in a company beside its flows: the working copy of its policy document, one per company.

    It takes effect as a version that a second person approved; `company._fin_policy()` says what is in force.
    """

    _name = "fin.policy"
    _description = "Policy"
    _inherit = ["fin.working.copy", "mail.thread"]
    _order = "company_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    approvals_normal = fields.Integer(default=1, required=True, tracking=True, string="Approvers, normal")
    approvals_high = fields.Integer(default=1, required=True, tracking=True, string="Approvers, high")
    approvals_critical = fields.Integer(default=1, required=True, tracking=True, string="Approvers, critical")
    version_ids = fields.One2many("fin.version", "policy_id")
    live_version_id = fields.Many2one("fin.version", compute="_compute_live_version_id")
    is_changed = fields.Boolean(compute="_compute_is_changed", help="The working copy differs from the live version.")

    _company_uniq = models.Constraint("UNIQUE(company_id)", "A company has one policy.")
    _approvals_positive = models.Constraint(
        "CHECK(approvals_normal > 0 AND approvals_high > 0 AND approvals_critical > 0)",
        "At least one other person approves.",
    )

    @api.depends("company_id.name")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = self.env._("Policy of %s", policy.company_id.name)

    @api.depends("version_ids.state")
    def _compute_live_version_id(self):
        return super()._compute_live_version_id()

    @api.depends("live_version_id")
    def _compute_is_changed(self):
        return super()._compute_is_changed()

    @api.model
    def _of(self, company):
        """The company's policy, made with its strict defaults where there is none yet."""
        known = self.search([("company_id", "=", company.id)], limit=1)
        return known or as_writer(self).create({"company_id": company.id}).with_env(self.env)

    def _subject_key(self):
        # Codes of flows have no colon, so the two never meet.
        return f"policy:{self.company_id.fin_code}"

    def _obey(self):
        self.env.registry.clear_cache()

    def _compose(self):
        """Everything that is in force in the company; addons add their part by extending this method."""
        self.ensure_one()
        return {
            "policy": self.company_id.fin_code,
            "approvals": {name: self[f"approvals_{name}"] for name, _label in CRITICALITIES},
        }

    @api.model
    def _strict(self):
        """What holds where no approved policy says otherwise; addons add the strict answer of their part."""
        return {"approvals": {name: 1 for name, _label in CRITICALITIES}}

    def _in_force(self):
        """The newest version that was applied and whose approval stands in the sealed log."""
        applied = self.version_ids.filtered(lambda v: v.applied_at and v.state in ("live", "superseded"))
        return next((v for v in applied.sorted("number", reverse=True) if v._is_approved()), self.env["fin.version"])

    @api.model
    def _told(self, version):
        content = version._read_document().content if version else {}
        return MappingProxyType({**self._strict(), **content})
