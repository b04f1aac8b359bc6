from odoo import models


class FinOriginMixin(models.AbstractModel):
    """From a business record to the item behind it."""

    _inherit = "fin.origin.mixin"

    def action_fin_open_item(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.item",
            "res_id": self.fin_item_id.id,
            "view_mode": "form",
        }


class AccountBankStatementLine(models.Model):
    """From a bank entry to the journal entry that it posted."""

    _inherit = "account.bank.statement.line"

    def action_fin_open_entry(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }
