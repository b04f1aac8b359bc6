"""A server of IBM Planning Analytics (TM1) as a connection names it: login, session and queries of both directions."""

import re
from functools import cached_property

from odoo.addons.finance_integration_governance.core import strict_json
from odoo.addons.finance_integration_governance.core.connector import Connector, Setting
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MalformedPayload
from odoo.addons.finance_integration_governance.core.http_wire import Limits
from odoo.addons.finance_integration_governance.core.redaction import register

from .answers import rows, spelled, text
from .logins import FixedLogin
from .tables import LARGEST

SERVER = (
    Setting("base_url", "API address", help="Up to /api/v1, such as https://tm1.example.com:8010/api/v1"),
    Setting("user", "User"),
    Setting("password", "Password", secret=True),
    Setting("namespace", "CAM namespace", required=False, help="Where the server logs in by Cognos"),
)
_CELLS = "Axes($expand=Hierarchies($select=Name),Tuples($expand=Members($select=Name))),Cells($select=Ordinal,Value)"
_SESSION = re.compile(r"(TM1SessionId=[^;,\s]+)")


class Tm1System(Connector):
    """A connector with the settings `SERVER`."""

    @cached_property
    def _http(self):
        scheme, parts = ("CAMNamespace", (self.namespace,)) if self.namespace else ("Basic", ())
        login = FixedLogin(scheme, self.user, self.password, *parts)
        return self.http(self.base_url, authorization=login, limits=Limits(max_bytes=LARGEST))

    @cached_property
    def _session(self):
        """The cookie of one session for all calls; without it the server would begin one with each."""
        answer = self._http.get("/ActiveSession")
        found = _SESSION.search(answer.headers.get("set-cookie", ""))
        return {"Cookie": register(found[1])} if found else {}

    def _call(self, method, path, *, headers=None, **options):
        return self._http.request(method, path, headers={**self._session, **(headers or {})}, **options)

    def _queried(self, mdx):
        """The answer to a query, as bytes that `cells_of` reads."""
        return self._call("POST", "/ExecuteMDX", query={"$expand": _CELLS}, json={"MDX": mdx}).body


def cells_of(body):
    """The names of the columns of a cellset, then each of its rows: the members on rows, and the value of each column.

    Raises MalformedPayload where a cell is missing, ConfigurationError for a query without rows.
    """
    told = strict_json.loads(body, max_bytes=LARGEST)
    axes = rows(told, "Axes") if isinstance(told, dict) else []
    if len(axes) < 2:
        raise ConfigurationError("the MDX query has no rows", setting="mdx")
    columns, found = [_members(one)[-1] for one in rows(axes[0], "Tuples")], rows(axes[1], "Tuples")
    cells = {cell.get("Ordinal"): cell.get("Value") for cell in rows(told, "Cells")}
    if cells.keys() != set(range(len(columns) * len(found))):
        raise MalformedPayload("the cellset has other cells than rows and columns", code="cut_off")
    yield [text(one, "Name") for one in rows(axes[1], "Hierarchies")] + columns
    for number, one in enumerate(found):
        first = number * len(columns)
        yield _members(one) + [spelled(cells[first + place]) for place in range(len(columns))]


def _members(one):
    return [text(member, "Name") for member in rows(one, "Members")]
