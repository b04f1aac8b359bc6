from odoo import api, fields, models
from odoo.tools import formatLang

from ..privacy.fin_masking import AMOUNT


class FinPeriodEntry(models.Model):
    _name = "fin.period.entry"
    _inherit = ["fin.period.entry", "fin.amounts"]
    _amounts = frozenset({"amount"})

    shown_amount = fields.Char("Amount, as shown", compute="_compute_shown_amount")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_shown_amount(self):
        for entry in self:
            told = entry.sudo()  # sudo: what this user may not read is hidden before it is shown
            is_hidden = AMOUNT in entry.company_id._fin_hidden()
            entry.shown_amount = "…" if is_hidden else formatLang(self.env, told.amount, digits=2)
