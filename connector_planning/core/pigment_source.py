"""Budgets and members out of Pigment: the export of a view, a list, a metric or a table, as it came."""

from .pigment_system import ACCOUNT, BLOCK, DELIMITER, PigmentSystem
from .table_source import TOTALS, BudgetTable, MemberTable, as_payload, csv_table, source_settings


class PigmentExport(PigmentSystem):
    """Exports a block; with a reader of tables it is a source."""

    def _fetched(self, window):
        return as_payload(f"{self.block_kind}.csv", self._exported(), "text/csv")

    def _table(self, content):
        return csv_table(content, self.delimiter, "utf-8-sig")


_SETTINGS = (*source_settings(*ACCOUNT, *BLOCK), DELIMITER)


class PigmentBudgets(PigmentExport, BudgetTable):
    """Figures of budgets and forecasts out of an export."""

    code = "pigment.budgets"
    label = "Pigment: budgets"
    settings = (*_SETTINGS, TOTALS)


class PigmentMembers(PigmentExport, MemberTable):
    """Members of a list out of its export."""

    code = "pigment.members"
    label = "Pigment: members of lists"
    settings = _SETTINGS
