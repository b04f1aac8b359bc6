import re

from odoo import api, fields, models

from ..writer import as_writer


class ResCompany(models.Model):
    _inherit = "res.company"

    fin_code = fields.Char(
        "Finance Integration Code", copy=False, help="How flows, evidence and other systems name this company."
    )
    fin_owner_id = fields.Many2one("res.users", string="Default Flow Owner")
    fin_deputy_id = fields.Many2one("res.users", string="Default Flow Deputy")
    fin_steward_id = fields.Many2one("res.users", string="Default Steward")
    # Required on screens only: NOT NULL would refuse companies made while Odoo loads `account` and not yet this addon.
    fin_environment = fields.Selection(
        [("production", "Production"), ("test", "Test"), ("sandbox", "Sandbox")], default="production"
    )
    fin_mail_sender = fields.Char("Sender of Finance Integration Mails")
    fin_service_user_id = fields.Many2one("res.users", readonly=True, copy=False)

    _fin_code_uniq = models.Constraint("UNIQUE(fin_code)", "There is already a company with this code.")

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._fin_name()
        companies._fin_policies()
        return companies

    def _fin_name(self):
        """Give a code to companies without one: VAT number, else the name in small letters."""
        for company in self.filtered(lambda c: not c.fin_code):
            wanted = re.sub(r"[^A-Z0-9]+", "", (company.vat or "").upper()) or re.sub(
                r"[^a-z0-9]+", "-", company.name.lower()
            ).strip("-")
            taken = self.sudo().search_count([("fin_code", "=", wanted)])  # sudo: unique over all companies
            company.fin_code = f"{wanted}-{company.id}" if taken else wanted

    def _fin_policies(self):
        for company in self:
            self.env["fin.policy"].sudo()._of(company)  # sudo: every company has its policy, whoever makes it

    def _fin_service_login(self):
        """How the user is called in whose name flows of this company book."""
        return self.sudo().fin_service_user_id.login or f"finance-integration-{self.fin_code}"  # sudo: only its name

    def _fin_service_user(self):
        """That user: no login, no mail, accounting rights only; made when the first version is proposed."""
        self.ensure_one()
        # sudo: a flow's editor need not be allowed to create users
        company = self.sudo()
        if not company.fin_service_user_id:
            as_writer(company).fin_service_user_id = company._fin_new_service_user()
        return company.fin_service_user_id

    def _fin_admit(self, companies):
        """Let the service user work in the other companies that a flow of this one touches."""
        user = self._fin_service_user()
        missing = companies - user.company_ids
        if missing:
            user.sudo().company_ids |= missing  # sudo: the version that asks for it is approved by a second person
