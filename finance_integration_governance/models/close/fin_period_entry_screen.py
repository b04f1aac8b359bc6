from odoo import api, fields, models
from odoo.tools import formatLang

from ..privacy.fin_masking import AMOUNT


class FinPeriodEntry(models.Model):
    """An amount that the policy hides is neither read nor found."""

    _inherit = "fin.period.entry"

    shown_amount = fields.Char("Amount, as shown", compute="_compute_shown_amount")

    @api.model
    def _has_field_access(self, field, operation):
        if field.name == "amount" and not self.env.su and AMOUNT in self.env.companies._fin_hidden():
            return False
        return super()._has_field_access(field, operation)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_shown_amount(self):
        for entry in self:
            told = entry.sudo()  # sudo: what this user may not read is hidden before it is shown
            is_hidden = AMOUNT in entry.company_id._fin_hidden()
            entry.shown_amount = "…" if is_hidden else formatLang(self.env, told.amount, digits=2)
