"""Budgets and members out of any table over REST or OData: all of its pages, as they came, in one payload.

A page says where there is more, and the first one how many rows there are, so that part of them is seen.
"""

from odoo.addons.finance_integration_governance.core.connector import Setting
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

from .answers import spelled
from .json_pages import CONTENT_TYPE, joined, pages_of
from .logins import LOGIN
from .rest_system import COUNT, NEXT, PLACE, RestSystem, page_of
from .table_source import TOTALS, BudgetTable, MemberTable, as_payload, source_settings


class RestPages(RestSystem):
    """Fetches every page of a table; with a reader of tables it is a source."""

    def _fetched(self, window):
        asked = {"$count": "true"} if self.protocol == "odata" else {}
        return as_payload("table.json-seq", joined(body for body, _rows in self._pages(**asked)), CONTENT_TYPE)

    def _table(self, content):
        found, names = _whole(content), {}
        for row in found:
            # What OData says of a row is no column; a value that is not there may be left out of it.
            names |= {name: None for name in row if "@odata." not in name}
        yield 1, list(names)
        for number, row in enumerate(found, 2):
            yield number, [spelled(row.get(name)) for name in names]


def _whole(content):
    """The rows of all pages; MalformedPayload where one is missing."""
    pages = [page_of(body) for body in pages_of(content)]
    if [bool(told.get(NEXT)) for _rows, told in pages] != [True] * (len(pages) - 1) + [False]:
        raise MalformedPayload("a page of the table is missing", code="cut_off")
    found, count = [row for rows, _told in pages for row in rows], pages[0][1].get(COUNT)
    if count is not None and str(count) != str(len(found)):
        raise MalformedPayload(f"the table has {count} rows, and {len(found)} came", code="cut_off")
    return found


_SETTINGS = source_settings(
    *PLACE, *LOGIN, Setting("where", "Filter", required=False, help="OData, such as Scenario eq 'Budget'")
)


class RestBudgets(RestPages, BudgetTable):
    """Figures of budgets and forecasts out of a table over REST or OData."""

    code = "planning.rest_budgets"
    label = "Planning: budgets from a REST or OData table"
    settings = (*_SETTINGS, TOTALS)


class RestMembers(RestPages, MemberTable):
    """Members of dimensions out of a table over REST or OData."""

    code = "planning.rest_members"
    label = "Planning: members from a REST or OData table"
    settings = _SETTINGS
