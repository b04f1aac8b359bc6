from odoo import models

from .bulk import bulk_of


class AccountBankStatement(models.Model):
    """A statement that grows chunk by chunk is added up by the database, not by reading all its lines each time."""

    _inherit = "account.bank.statement"

    def _compute_first_line_index(self):
        if bulk_of(self.env) is None:
            return super()._compute_first_line_index()
        first = self._fin_of_lines("internal_index:min")
        for statement in self:
            statement.first_line_index = first.get(statement.id)
        return None

    def _compute_date(self):
        if bulk_of(self.env) is None:
            return super()._compute_date()
        lines = self.env["account.bank.statement.line"]
        posted = [("state", "=", "posted"), ("internal_index", "!=", False)]
        for statement in self:
            of_it = [("statement_id", "=", statement.id), *posted]
            statement.date = lines.search(of_it, order="internal_index desc", limit=1).date
        return None

    def _compute_balance_end(self):
        if bulk_of(self.env) is None:
            return super()._compute_balance_end()
        sums = self._fin_of_lines("amount:sum", ("state", "=", "posted"))
        for statement in self:
            statement.balance_end = statement.balance_start + (sums.get(statement.id) or 0)
        return None

    def _compute_is_complete(self):
        if bulk_of(self.env) is None:
            return super()._compute_is_complete()
        posted = self._fin_of_lines("__count", ("state", "=", "posted"))
        for statement in self:
            gap = statement.currency_id.compare_amounts(statement.balance_end, statement.balance_end_real)
            statement.is_complete = bool(posted.get(statement.id)) and gap == 0
        return None

    def _compute_journal_id(self):
        if bulk_of(self.env) is None:
            return super()._compute_journal_id()
        found = self._fin_of_lines("journal_id:recordset")
        for statement in self:
            statement.journal_id = found.get(statement.id)
        return None

    def _fin_of_lines(self, aggregate, *conditions):
        """Statement -> this of its lines."""
        domain = [("statement_id", "in", self.ids), *conditions]
        rows = self.env["account.bank.statement.line"]._read_group(domain, ["statement_id"], [aggregate])
        return {statement.id: value for statement, value in rows}
