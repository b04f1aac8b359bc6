from odoo import api, models


class AccountBankStatement(models.Model):
    _name = "account.bank.statement"
    _inherit = ["account.bank.statement", "fin.origin.mixin"]


class AccountBankStatementLine(models.Model):
    _name = "account.bank.statement.line"
    _inherit = ["account.bank.statement.line", "fin.origin.mixin"]


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "fin.origin.mixin"]

    @api.depends("statement_line_id")
    def _compute_fin_origin(self):
        """A bank entry's journal entry has the origin of its statement line."""
        super()._compute_fin_origin()
        for move in self.filtered(lambda m: not m.fin_run_id and m.statement_line_id):
            move.fin_item_id, move.fin_run_id = move.statement_line_id.fin_item_id, move.statement_line_id.fin_run_id
