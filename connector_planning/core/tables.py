"""Systems that take figures as a table and give a table back: what Pigment, Vena, TM1 and the others have in common."""

import csv
import io
from functools import partial
from itertools import chain

from odoo.addons.finance_integration_governance.core.connector import (
    KeyedDestination,
    LoadingDestination,
    Payload,
    Receipt,
    Setting,
)
from odoo.addons.finance_integration_governance.core.csv_rows import DELIMITERS, rows_in
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MalformedPayload
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .carried import CARRIED, carried_by
from .columns import Columns

MEGABYTE = 1 << 20
LARGEST = 50 * MEGABYTE  # of a file that travels in one request


def table_settings(*own, columns=None, more=()):
    """The settings of a system, with those that say how its table looks; without `columns` each kind has its own."""
    told = "Their column = our member, separated by semicolons; else the usual ones of what is told"
    return (
        *own,
        Setting("columns", "Columns", default=columns, required=False, help=told),
        Setting("currency", "Currency of all figures", required=False, help="Where no column holds it"),
        *more,
    )


class TableTarget(KeyedDestination):
    """Holds one object a row. Gives `_held(figures)`: the column names, then each row as a list of texts."""

    carries = CARRIED
    keeps_zeros = False

    def _columns_of(self, cls):
        """The columns of a kind of object; ConfigurationError where this system does not take it."""
        if cls not in self.carries:
            raise ConfigurationError(f"{self.label} does not take {cls.contract}", code="not_carried")
        return Columns(self.columns, self.currency, cls, self.note)

    def _held(self, figures):
        raise NotImplementedError

    def read_back(self, figures):
        rows = self._held(figures)
        header = next(rows, None)
        if header is None:
            raise MalformedPayload("what was read back has no column names")
        return self.as_sent(figures, self._columns_of(carried_by(figures).cls).figures(figures, header, rows))


class FileLoad(TableTarget, LoadingDestination):
    """Takes all figures as one CSV file, in the request that starts the load; nothing is there before.

    A load replaces figures by key. So one whose start was cut off, and of which the other side keeps no list, is
    started again: what it does twice stands there once.
    """

    delimiter = "comma"

    def serialize(self, objects):
        objects = iter(objects)
        first = next(objects, None)
        if first is not None:
            table = _Table(self._columns_of(type(first)), DELIMITERS[self.delimiter])
            for one in chain((first,), objects):
                table.add(one)
            yield table.payload()

    def begin(self, count):
        """Nothing: the file travels with the start."""

    def upload(self, number, payload):
        return Receipt("pending", str(number))

    def seal(self):
        """Nothing: the file travels with the start."""

    def find_load(self, since, known=()):
        """None: this system keeps no list of its loads, and repeating one changes nothing."""


class _Table:
    """A CSV file on its way: all rows, with column names."""

    def __init__(self, columns, delimiter):
        self._columns, self.keys, self._totals = columns, [], ControlTotals()
        self._content = io.StringIO(newline="")
        self._writer = csv.writer(self._content, delimiter=delimiter, lineterminator="\n")
        self._writer.writerow(columns.names)

    def add(self, one):
        self._writer.writerow(self._columns.row(one))
        if self._content.tell() > LARGEST:
            text = f"the figures are more than {LARGEST // MEGABYTE} MB: let several flows tell parts of them"
            raise ConfigurationError(text, code="too_large")
        self.keys.append(one.key)
        self._totals.add(one.key, one.amount, one.currency)

    def payload(self):
        content = self._content.getvalue().encode()
        opener = partial(io.BytesIO, content)
        return Payload(f"{self._columns.kind.name}.csv", opener, "text/csv", keys=tuple(self.keys), totals=self._totals)


def content_of(payloads):
    """The bytes of one file with the rows of all payloads."""
    parts = []
    for payload in payloads:
        with payload.open() as stream:
            parts.append(stream.read())
    # Each has the column names in front; one file has them once.
    return parts[0] + b"".join(part.partition(b"\n")[2] for part in parts[1:])


def rows_of(content, delimiter="comma"):
    """The rows of a CSV file's bytes; blank ones are left out. MalformedPayload where they are no such file."""
    return (cells for _number, cells in rows_in(io.BytesIO(content), "utf-8-sig", DELIMITERS[delimiter]) if cells)
