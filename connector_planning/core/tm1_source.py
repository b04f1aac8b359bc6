"""Budgets and members out of IBM Planning Analytics (TM1): the cellset of an MDX query, as it came."""

from odoo.addons.finance_integration_governance.core.connector import Setting

from .table_source import TOTALS, BudgetTable, MemberTable, as_payload, source_settings
from .tm1_system import SERVER, Tm1System, cells_of


class Tm1Query(Tm1System):
    """Asks a query; with a reader of tables it is a source."""

    def _fetched(self, window):
        return as_payload("cellset.json", self._queried(self.mdx), "application/json")

    def _table(self, content):
        return enumerate(cells_of(content), 1)

    def probe(self):
        header = next(cells_of(self._queried(self.mdx)))
        return f"{self._http.endpoint.host} answered the query with the columns {', '.join(header)}."


_SETTINGS = source_settings(*SERVER, Setting("mdx", "MDX query", help="Members on rows; months or measures on columns"))


class Tm1Budgets(Tm1Query, BudgetTable):
    """Figures of budgets and forecasts out of an MDX query; consolidated members have to stay out of it."""

    code = "tm1.budgets"
    label = "IBM Planning Analytics: budgets"
    settings = (*_SETTINGS, TOTALS)


class Tm1Members(Tm1Query, MemberTable):
    """Members of a dimension out of an MDX query, such as one of its attributes' cube."""

    code = "tm1.members"
    label = "IBM Planning Analytics: members"
    settings = _SETTINGS
