from odoo import models
from odoo.exceptions import AccessError, UserError

from ..writer import is_writer


class ResCompany(models.Model):
    """What versions say of a company by name does not change behind them."""

    _inherit = "res.company"

    def write(self, vals):
        if "fin_service_user_id" in vals and not is_writer(self):
            raise AccessError(self.env._("The service user is made by the suite: a button on the company does it."))
        if "fin_code" in vals:
            self._fin_guard_code(vals["fin_code"])
        return super().write(vals)

    def _fin_guard_code(self, code):
        """The code is the company's name in versions: another company under it would take over its flows."""
        changed = self.filtered(lambda company: company.fin_code and company.fin_code != code)
        # sudo: whether there are versions, whoever may see them
        if changed and self.env["fin.version"].sudo().search_count([("company_id", "in", changed.ids)], limit=1):
            raise UserError(self.env._("The code is the company's name in the evidence: it cannot change any more."))
