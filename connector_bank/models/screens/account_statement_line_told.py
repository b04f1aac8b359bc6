from odoo import api, fields, models


class AccountBankStatementLine(models.Model):
    """A bank entry with everything that the bank said of it."""

    _inherit = "account.bank.statement.line"

    fin_told = fields.Html(
        "What the bank said",
        compute="_compute_fin_told",
        sanitize=False,
        groups="finance_integration_governance.group_viewer",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_fin_told(self):
        """As the item shows it to this person, masked where it is masked to them."""
        for line in self:
            line.fin_told = line.fin_item_id.with_env(self.env).content_table
