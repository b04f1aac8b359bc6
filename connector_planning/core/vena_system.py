"""A hub of Vena as a connection names it: login, and the pages of a model that both directions read."""

from functools import cached_property
from urllib.parse import parse_qsl, quote, urlsplit

from odoo.addons.finance_integration_governance.core import strict_json
from odoo.addons.finance_integration_governance.core.connector import Connector, Setting
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.http_wire import Limits

from .answers import spelled
from .logins import FixedLogin
from .tables import LARGEST

PAGE = 20_000
HUB = (
    Setting("base_url", "Address", default="https://us1.vena.io", help="Of your hub: us1, us2, us3, ca3, eu1 ..."),
    Setting("user", "API user"),
    Setting("api_key", "API key", secret=True),
)
_LIMITS = Limits(max_bytes=LARGEST)


class VenaSystem(Connector):
    """A connector with the settings `HUB` and `model`."""

    @cached_property
    def _http(self):
        base = f"{self.base_url.rstrip('/')}/api/public/v1"
        return self.http(base, authorization=FixedLogin("Basic", self.user, self.api_key), limits=_LIMITS)

    def _pages(self):
        """The bytes of each page of the model's intersections."""
        path, query, seen = f"/models/{quote(self.model, safe='')}/intersections", {"pageSize": PAGE}, []
        while query:
            body = self._http.get(path, query=query).body
            yield body
            query = _next(page_of(body)[2])
            seen.append(query)
            if query and query in seen[:-1]:
                raise MalformedPayload("the pages of the model do not go on")

    def probe(self):
        self._http.get(f"/models/{quote(self.model, safe='')}/intersections", query={"pageSize": 1})
        return f"{self._http.endpoint.host} answered, accepts the key and lets it read the model."


def rows_in(pages):
    """Column names, then the rows of every page; each page has the names in front. MalformedPayload for part of it."""
    header, following = None, None
    for body in pages:
        names, rows, following = page_of(body)
        if header is None:
            header = names
            yield header
        if names != header:
            raise MalformedPayload("a page of the model has other columns than the one before")
        yield from rows
    if following or header is None:
        raise MalformedPayload("the last page of the model is missing", code="cut_off")


def page_of(body):
    """(names of the columns, rows, address of the next page or None) of one page."""
    told = strict_json.loads(body)
    about, found = (told.get("metadata"), told.get("data")) if isinstance(told, dict) else (None, None)
    names = about.get("headers") if isinstance(about, dict) else None
    if not isinstance(names, list) or not isinstance(found, list) or not all(isinstance(row, list) for row in found):
        raise MalformedPayload("the answer has no rows with names")
    return [str(name) for name in names], [[spelled(cell) for cell in row] for row in found[1:]], about.get("nextPage")


def _next(address):
    # Where we call is not the answer's to say: only what it asks there is taken.
    return dict(parse_qsl(urlsplit(str(address)).query)) if address else None
