from odoo import api, fields, models


class FinPolicy(models.Model):
    """Which policy set new flows of the company begin with."""

    _inherit = "fin.policy"

    default_set_id = fields.Many2one(
        "fin.policy.set",
        string="Policy set of new flows",
        domain="[('company_id', '=', company_id)]",
        ondelete="restrict",
        tracking=True,
    )

    def _compose(self):
        return super()._compose() | ({"policy_set": self.default_set_id.code} if self.default_set_id else {})


class FinPolicySet(models.Model):
    """A policy names it by its code; the rest of it stands in no policy."""

    _inherit = "fin.policy.set"

    def write(self, vals):
        done = super().write(vals)
        if "code" in vals:
            # sudo: whoever edits a set need not see the policy that names it
            policies = self.env["fin.policy"].sudo().search([("default_set_id", "in", self.ids)])
            policies.with_env(self.env)._edited()
        return done


class FinFlow(models.Model):
    _inherit = "fin.flow"

    policy_set_id = fields.Many2one(default=lambda self: self._default_policy_set())

    @api.model
    def _default_policy_set(self):
        code = self.env.company._fin_policy().get("policy_set")
        return code and self.env["fin.policy.set"].search([("code", "=", code)], limit=1)
