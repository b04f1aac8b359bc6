"""Records of Odoo itself that versions name: an edit of one is an edit of the flows whose document it changes."""

from odoo import models
from odoo.tools import ormcache


class ResPartnerBank(models.Model):
    _name = "res.partner.bank"
    _inherit = ["res.partner.bank", "fin.working.part"]
    _watched = frozenset({"acc_number"})

    def _working_copies(self):
        mine = self._fin_of_flows().intersection(self.ids)
        # sudo: whoever edits a bank account need not see the journal
        journals = self.env["account.journal"].sudo().search([("bank_account_id", "in", list(mine))]) if mine else None
        return journals._working_copies() if journals else []

    @ormcache()
    def _fin_of_flows(self):
        """Kept, so that writing on contacts' bank accounts costs no query."""
        # sudo: the same answer for everybody
        return frozenset(self.env["account.journal"].sudo().search([("fin_flow_id", "!=", False)]).bank_account_id.ids)


class ResUsers(models.Model):
    """Versions name people by their logins."""

    _name = "res.users"
    _inherit = ["res.users", "fin.working.part"]
    _watched = frozenset({"login"})

    def _working_copies(self):
        env = self.sudo().env  # sudo: whoever renames a login need not see where it is named
        roles = env["fin.flow.role"].search([("user_id", "in", self.ids)])
        companies = env["res.company"].search([("fin_service_user_id", "in", self.ids)])
        served = env["fin.flow"].search(["|", ("service_user_id", "in", self.ids), ("company_id", "in", companies.ids)])
        rules = env["fin.authority"].search(["|", ("steward_id", "in", self.ids), ("user_ids", "in", self.ids)])
        return [(roles.flow_id | served).with_env(self.env), *rules.with_env(self.env)._working_copies()]


class ResCompany(models.Model):
    """A journal without a currency has its company's."""

    _name = "res.company"
    _inherit = ["res.company", "fin.working.part"]
    _watched = frozenset({"currency_id"})

    def _working_copies(self):
        # sudo: whoever edits a company need not see its journals
        journals = self.env["account.journal"].sudo().search([("company_id", "in", self.ids)])
        return journals.with_env(self.env)._working_copies()


class ResCountryGroup(models.Model):
    """A data class says by groups of countries where its data may be."""

    _name = "res.country.group"
    _inherit = ["res.country.group", "fin.working.part"]
    _watched = frozenset({"country_ids"})

    def _working_copies(self):
        # sudo: whoever edits countries need not see the data classes
        classes = self.env["fin.data.class"].sudo().search([("region_ids", "in", self.ids)])
        return classes.with_env(self.env)._working_copies()
