"""Budgets out of Vena: all intersections of a model, page by page as they came."""

from odoo.addons.finance_integration_governance.core.connector import Setting

from .json_pages import CONTENT_TYPE, joined, pages_of
from .table_source import TOTALS, BudgetTable, as_payload, source_settings
from .vena_system import HUB, VenaSystem, rows_in


class VenaBudgets(VenaSystem, BudgetTable):
    """Figures of budgets and forecasts. How members are told stands in none of our sources, so they come in files."""

    code = "vena.budgets"
    label = "Vena: budgets"
    settings = (*source_settings(*HUB, Setting("model", "Model", help="Its id")), TOTALS)

    def _fetched(self, window):
        return as_payload("intersections.json-seq", joined(self._pages()), CONTENT_TYPE)

    def _table(self, content):
        return enumerate(rows_in(pages_of(content)), 1)
