from odoo import api, models

from .bulk import bulk_of, one_of_each


class AccountMoveLine(models.Model):
    """The journal items of a chunk of statement lines."""

    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        bulk = bulk_of(self.env)
        if bulk is not None and bulk.linked:
            self.env["account.move"]._fin_linked(bulk)
        return super().create(vals_list)

    def _inverse_analytic_distribution(self):
        """Items of a draft that say nothing about analytics have nothing to merge and no analytic line."""
        if bulk_of(self.env) is None:
            return super()._inverse_analytic_distribution()
        told = self.filtered(lambda line: line.analytic_distribution or line.parent_state == "posted")
        return super(AccountMoveLine, told)._inverse_analytic_distribution() if told else None

    def _check_company(self, fnames=None):
        return super(AccountMoveLine, one_of_each(self))._check_company(fnames)
