"""Figures and dimensions to any REST or OData table: one a row, put under its key, read back page by page."""

import io
from functools import partial
from itertools import islice
from urllib.parse import quote

from odoo.addons.finance_integration_governance.core import strict_json
from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.connector import Payload, Receipt, Setting
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    TransientError,
    printable,
)
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .answers import spelled
from .carried import carried_by
from .columns import number
from .logins import LOGIN
from .rest_system import PLACE, RestSystem
from .tables import TableTarget, table_settings

LARGEST_CHUNK = 1000
# What a table answers to one row that it does not take; everything else is about the call, not about the figure.
REFUSED = (400, 409, 412, 422)


class RestTable(RestSystem, TableTarget):
    """Puts each figure under its own address, so that it is made or replaced, and reads the table back.

    OData: PATCH of `Actuals(Entity='BE',Account='700000')`; REST: PUT of `actuals/BE/700000`. A list stands in `value`,
    with `@odata.nextLink` where there is more. What is refused is named by its row.
    """

    code = "planning.rest_table"
    label = "Planning: a REST or OData table"
    keeps_zeros = True
    settings = table_settings(
        *PLACE,
        Setting("key_columns", "Key columns", default="Key", help="They make the address of a row, by commas"),
        *LOGIN,
        Setting("where", "Filter for reading back", required=False, help="OData, such as Scenario eq 'Actual'"),
        more=(Setting("chunk", "Figures per payload", kind="integer", default=100),),
    )

    def _places(self, columns):
        """The places of the columns that make a row's address."""
        names = [name.strip() for name in self.key_columns.split(",") if name.strip()]
        unknown = [name for name in names if name not in columns.names]
        if unknown or not names:
            raise ConfigurationError(f"no column is called {', '.join(unknown) or 'anything'}", setting="key_columns")
        return [columns.names.index(name) for name in names]

    # Rows

    def serialize(self, objects):
        size = int(self.chunk)
        if not 0 < size <= LARGEST_CHUNK:
            raise ConfigurationError(f"figures per payload: from 1 to {LARGEST_CHUNK}", setting="chunk")
        objects, count = iter(objects), 0
        while some := tuple(islice(objects, size)):
            count += 1
            columns = self._columns_of(type(some[0]))
            content = canonical([columns.row(one) for one in some]).encode()
            totals = ControlTotals.of((one.key, one.amount, one.currency) for one in some)
            name, keys = f"{columns.kind.name}-{count:05d}.json", tuple(one.key for one in some)
            yield Payload(name, partial(io.BytesIO, content), "application/json", keys=keys, totals=totals)

    def send(self, payload, idempotency_key):
        """Row by row; what is cut off in between is made again from the first: a row that is there is replaced."""
        with payload.open() as stream:
            told = strict_json.loads(stream.read())
        columns, rejects = self._columns_of(carried_by(payload.keys).cls), {}
        for key, cells in zip(payload.keys, told, strict=True):
            answer = self._put(columns, cells)
            if answer.status in REFUSED:
                rejects[key] = _reason(answer)
        return Receipt("refused" if len(rejects) == len(payload.keys) else "accepted", None, rejects)

    def _put(self, columns, cells):
        method, numbers = "PATCH" if self.protocol == "odata" else "PUT", columns.numbers
        values = [_numeric(cell) if place in numbers else cell for place, cell in enumerate(cells)]
        row, kind = dict(zip(columns.names, values, strict=True)), {"Content-Type": "application/json"}
        address = self._address(columns, cells)
        return self._http.request(method, address, body=_json(row), headers=kind, expect=REFUSED)

    def _address(self, columns, cells):
        told = [(columns.names[place], cells[place]) for place in self._places(columns)]
        if self.protocol == "rest":
            return "/".join([self._path, *(quote(cell, safe="") for _name, cell in told)])
        # A quote inside of a text is doubled (OData 4.01, URL conventions, 5.1.1.6.1).
        named = ((quote(name, safe=""), quote(cell.replace("'", "''"), safe="")) for name, cell in told)
        parts = ",".join(f"{name}='{cell}'" for name, cell in named)
        return f"{self._path}({parts})"

    # Read back

    def _held(self, figures):
        columns, seen = self._columns_of(carried_by(figures).cls), set()
        names, places = columns.names, self._places(columns)
        yield names
        for row in self._rows():
            found = [spelled(row.get(name)) for name in names]
            key = tuple(found[place] for place in places)
            if key in seen:
                raise TransientError("the rows have moved while they were read", code="pages_moved", sent=True)
            seen.add(key)
            yield found

    def _rows(self):
        """Every row of the table, over all its pages."""
        for _body, found in self._pages():
            yield from found


def _json(row):
    """The row as JSON: numbers are numbers, written exactly, and null where there is none."""
    parts = (f"{canonical(name)}:{_number(value)}" for name, value in row.items())
    return ("{" + ",".join(parts) + "}").encode()


def _numeric(cell):
    return number(cell) if cell else None


def _number(value):
    return canonical(value) if isinstance(value, str) else canonical(value).strip('"')


def _reason(answer):
    """Why a row was refused, in the system's words where it has any."""
    error = strict_json.loads(answer.body).get("error") if answer.body.lstrip().startswith(b"{") else None
    words = error.get("message") if isinstance(error, dict) else error
    return printable(words if isinstance(words, str) else f"refused ({answer.status})", 200)
