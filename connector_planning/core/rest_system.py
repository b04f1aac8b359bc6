"""A table over REST or OData as a connection names it: address, login and pages that both directions have in common."""

from functools import cached_property
from urllib.parse import parse_qsl, quote, urlsplit

from odoo.addons.finance_integration_governance.core import strict_json
from odoo.addons.finance_integration_governance.core.connector import Connector, Setting
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.http_wire import Limits

from .answers import mapping, rows, text
from .logins import logged_in
from .tables import LARGEST

NEXT, COUNT = "@odata.nextLink", "@odata.count"
MOST_PAGES = 10_000
PLACE = (
    Setting("base_url", "Address", help="Of the service, without the table"),
    Setting("protocol", "Protocol", kind="choice", default="odata", choices=("odata", "rest")),
    Setting("table", "Table", help="Its path, such as Actuals"),
)


class RestSystem(Connector):
    """A connector with the settings `PLACE`, `logins.LOGIN` and `where`, a filter of OData."""

    @cached_property
    def _http(self):
        return logged_in(self, Limits(max_bytes=LARGEST))

    @property
    def _path(self):
        return "/" + quote(self.table.strip("/"), safe="/")

    def _pages(self, **asked):
        """(bytes, rows) of each page, the first one with what is `asked` beside the filter."""
        query, turned = {**({"$filter": self.where} if self.where else {}), **asked} or None, []
        while True:
            body = self._http.get(self._path, query=query).body
            found, told = page_of(body)
            yield body, found
            if not told.get(NEXT):
                return
            # Where we call is not the answer's to say: only what it asks there is taken.
            query = dict(parse_qsl(urlsplit(text(told, NEXT)).query))
            if not query or query in turned or len(turned) == MOST_PAGES:
                raise MalformedPayload("the pages of the answer do not go on")
            turned.append(query)

    def probe(self):
        found = rows(mapping(self._http.get(self._path, query={"$top": "1"})), "value")
        return f"{self._http.endpoint.host} answered, and the table can be read ({len(found)} rows asked for)."


def page_of(body):
    """(rows, everything that a page says) of the bytes of one page; MalformedPayload where they are none."""
    told = strict_json.loads(body)
    if not isinstance(told, dict) or "value" not in told:
        raise MalformedPayload("the answer has no list of rows in `value`")
    return rows(told, "value"), told
