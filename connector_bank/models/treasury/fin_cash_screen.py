from odoo import models

from odoo.addons.finance_integration_governance.models.screen import opened


class FinCashDay(models.Model):
    """From a figure to what it stands on."""

    _inherit = "fin.cash.day"

    def action_open_statement(self):
        """The statement that the balance is the end of."""
        self.ensure_one()
        return opened(self.statement_id)

    def action_open_statements(self):
        """The statements of the account, the youngest first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "finance_integration_governance.account_bank_statement_action"
        )
        return {**action, "domain": [("journal_id", "=", self.journal_id.id)], "context": {}}

    def action_open_flow(self):
        """The flow that brings the statements of the account."""
        self.ensure_one()
        return opened(self.flow_id)
