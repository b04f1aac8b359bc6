from odoo import models
from odoo.tools import SQL


class FinBinding(models.Model):
    _inherit = "fin.binding"

    def _lost(self):
        """A line that no longer says the amount that the bank sent, or is posted no more, is lost too."""
        return super()._lost() | self._changed_lines()

    def _changed_lines(self):
        lines = self.filtered(lambda binding: binding.res_model == "account.bank.statement.line")
        rows = self.env.execute_query(
            SQL(
                """SELECT b.id FROM fin_binding b JOIN fin_item i ON i.id = b.item_id
                JOIN account_bank_statement_line l ON l.id = b.res_id JOIN account_move m ON m.id = l.move_id
                WHERE b.id = ANY(%s) AND (l.amount <> i.amount OR m.state <> 'posted')""",
                lines.ids,
            )
        )
        return self.browse(row[0] for row in rows)
