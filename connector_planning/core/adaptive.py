"""Figures to Workday Adaptive Planning: rows in an XML call, the number that it says it took, an export read back."""

import io
import re
from functools import partial
from itertools import islice

from odoo.addons.finance_integration_governance.core.connector import Payload, Receipt, Setting
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, printable
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .actual import Actual
from .adaptive_system import INSTANCE, AdaptiveSystem, output_of
from .adaptive_xml import element, joined
from .carried import carried_by
from .cell import Cell
from .columns import AMOUNT, REASON, month_of
from .tables import TableTarget, rows_of, table_settings
from .trial_balance import TrialBalance

LARGEST_CALL = 10_000
METHODS = ("importStandardData", "importCubeData")
_HEADS = {"Account": "Account Code", "Level": "Level Name"}  # what an export calls the columns of an import
_TOOK = re.compile(r"rows? imported:?\s*([0-9]+)", re.I)


class AdaptiveActuals(AdaptiveSystem, TableTarget):
    """Imports the figures of one month a call, and exports the months to read them back.

    A call counts where it says success and that it took as many rows as it got; the number in its messages is the only
    one there is. An import into a cube erases what it gets as zero. Figures are replaced by account, level and month.
    """

    code = "adaptive.actuals"
    label = "Workday Adaptive Planning: figures"
    carries = (Actual, Cell, TrialBalance)
    settings = table_settings(
        *INSTANCE,
        Setting("plan_version", "Version", default="Actuals", help="Its name in Adaptive Planning"),
        Setting("method", "Import", kind="choice", default=METHODS[0], choices=METHODS),
        Setting("sheet", "Sheet", required=False, help="The name of a cube sheet"),
        Setting("kind", "Into", kind="choice", default="Actuals", choices=("Actuals", "Plan")),
        Setting("use_mappings", "Use the mappings of the import", kind="boolean", default=False),
        Setting("chunk", "Rows per call", kind="integer", default=5000),
        columns="Account = account; Level = company; Period = period; Amount = balance",
    )

    def _columns_of(self, cls):
        columns = super()._columns_of(cls)
        if not self.currency or columns.name_of("currency") or not columns.name_of("period"):
            text = "name the currency of all figures, and the column of the period: rows hold neither by themselves"
            raise ConfigurationError(text, setting="currency")
        if columns.name_of(REASON):
            text = "Adaptive Planning has no place for a reason beside a figure: leave its column out"
            raise ConfigurationError(text, setting="columns")
        return columns

    # Rows of one month

    def serialize(self, objects):
        size = int(self.chunk)
        if not 0 < size <= LARGEST_CALL:
            raise ConfigurationError(f"rows per call: from 1 to {LARGEST_CALL}", setting="chunk")
        objects, number = iter(objects), 0
        while some := tuple(islice(objects, size)):
            columns = self._columns_of(type(some[0]))
            for month, found in sorted(_by_month(some).items()):
                number += 1
                yield self._payload(columns, number, month, found)

    def _payload(self, columns, number, month, objects):
        names = columns.names
        period, amount = (names.index(columns.name_of(name)) for name in ("period", AMOUNT))
        places = [place for place in range(len(names)) if place not in (period, amount)]
        rows = [columns.row(one) for one in objects]
        header = joined([*(names[place] for place in places), "/".join(reversed(month))])
        told = "".join(f"<row>{joined([*(row[place] for place in places), row[amount]])}</row>" for row in rows)
        content = element("rowData", f"<header>{header}</header><rows>{told}</rows>").encode()
        opener, keys = partial(io.BytesIO, content), tuple(one.key for one in objects)
        totals = ControlTotals.of((one.key, one.amount, one.currency) for one in objects)
        return Payload(f"{columns.kind.name}-{number:05d}.xml", opener, "text/xml", keys=keys, totals=totals)

    def send(self, payload, idempotency_key):
        with payload.open() as stream:
            rows = stream.read().decode()
        told = self._called(self.method, self._version() + self._sheet() + self._options() + rows)
        words = printable("; ".join(told.messages) or "no message", 500)
        if not told.is_success:
            return Receipt("refused", words)
        took = [int(found[1]) for found in map(_TOOK.search, told.messages) if found]
        left_out = len(payload.keys) - sum(took)
        if not took or left_out:
            return Receipt("partly", words, ignored=max(left_out, 0), text=words)
        return Receipt("accepted", words)

    def _sheet(self):
        # Without a name: the standard sheets.
        return element("sheet", name=self.sheet or "", isUserAssigned="true")

    def _options(self):
        mappings = "true" if self.use_mappings else "false"
        told = {"planOrActuals": self.kind, "allowParallel": "false", "moveBPtr": "false", "useMappings": mappings}
        return element("importDataOptions", **told)

    # Read back

    def _held(self, figures):
        """A row for each figure: an export has a column for each month."""
        months, columns = sorted(set(map(month_of, figures))), self._columns_of(carried_by(figures).cls)
        names, period, amount = columns.names, columns.name_of("period"), columns.name_of(AMOUNT)
        dimensions = [name for name in names if name not in (period, amount, *_HEADS)]
        rows = rows_of(output_of(self._exported(months[0], months[-1], dimensions)))
        header = next(rows, [])
        heads = {name: _HEADS.get(name, name) for name in names if name not in (period, amount)}
        missing = sorted(set(heads.values()) - set(header))
        if missing:
            raise ConfigurationError(f"the export has no column {', '.join(missing)}", setting="columns")
        yield names
        asked = [(f"{month}/{year}", f"{year}-{month}") for year, month in months]
        for row in rows:
            told = dict(zip(header, row, strict=False))
            for head, month in asked:
                if told.get(head):
                    values = {name: told[head_] for name, head_ in heads.items()} | {period: month, amount: told[head]}
                    yield [values[name] for name in names]


def _by_month(objects):
    """(year, month) -> figures: a call has one column of amounts, because an empty cell may mean anything."""
    found = {}
    for one in objects:
        found.setdefault(month_of(one.key), []).append(one)
    return found
