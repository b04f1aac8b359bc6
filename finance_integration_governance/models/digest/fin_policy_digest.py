"""Who gets the daily mail of a company, and when: part of its policy, for whoever is not told sees less."""

from odoo import api, fields, models

USUAL = {"people": True, "approvers": True, "controller": True, "hour": 7, "quiet": False}


class FinPolicy(models.Model):
    _inherit = "fin.policy"

    digest_people = fields.Boolean(
        "Daily mail to owners, deputies and stewards", default=True, tracking=True, help="Each about their own flows."
    )
    digest_approvers = fields.Boolean("Daily mail to approvers", default=True, tracking=True)
    digest_controller = fields.Boolean(
        "Daily mail to the controller", default=True, tracking=True, help="About every flow of the company."
    )
    digest_user_ids = fields.Many2many(
        "res.users",
        "fin_policy_digest_user_rel",
        string="Daily mail also to",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="About every flow of the company, as far as they may see it.",
    )
    digest_hour = fields.Integer(
        "Daily mail not before", default=USUAL["hour"], tracking=True, help="Hour of the day where the person is."
    )
    digest_quiet = fields.Boolean("Daily mail also when there is nothing to tell", tracking=True)

    _digest_hour = models.Constraint("CHECK(digest_hour BETWEEN 0 AND 23)", "A day has the hours 0 to 23.")

    def _compose(self):
        told = {name: self[f"digest_{name}"] for name in USUAL}
        if self.digest_user_ids:
            told["also"] = sorted(self.digest_user_ids.mapped("login"))
        return super()._compose() | ({"digest": told} if told != USUAL else {})

    @api.model
    def _strict(self):
        return super()._strict() | {"digest": USUAL}


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    fin_policy_digest_people = fields.Boolean("Owners, deputies, stewards")
    fin_policy_digest_approvers = fields.Boolean("Daily Mail to Approvers")
    fin_policy_digest_controller = fields.Boolean("Daily Mail to the Controller")
    fin_policy_digest_user_ids = fields.Many2many(
        "res.users",
        "fin_settings_digest_user_rel",
        string="Daily Mail also to",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    fin_policy_digest_hour = fields.Integer("Daily Mail not before")
    fin_policy_digest_quiet = fields.Boolean("Daily Mail also when there is nothing to tell")


class ResUsers(models.Model):
    _inherit = "res.users"

    def _working_copies(self):
        # sudo: whoever renames a login need not see the policy that names it
        policies = self.env["fin.policy"].sudo().search([("digest_user_ids", "in", self.ids)])
        return [*super()._working_copies(), policies.with_env(self.env)]
