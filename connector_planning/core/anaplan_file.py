"""What goes into Anaplan's file, and what its tasks and dumps say of it."""

import csv
import io
from decimal import Decimal
from functools import cache, partial
from operator import attrgetter

from odoo.addons.finance_integration_governance.core.canonical import plain
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import members
from odoo.addons.finance_integration_governance.core.errors import printable
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

KEY = "Key"


class Chunk:
    """Rows on their way into one payload."""

    def __init__(self, number):
        self.number, self.keys, self.totals = number, [], ControlTotals()
        self.content = io.StringIO(newline="")
        self.writer = csv.writer(self.content, lineterminator="\n")

    @property
    def size(self):
        return self.content.tell()

    def add(self, one):
        names, values, numbers = _columns(type(one))
        if not self.keys and not self.number:
            self.writer.writerow([KEY, *(name.replace("_", " ").title() for name in names)])
        key = one.key
        row = [key, *values(one)]
        for place in numbers:
            if row[place] is not None:
                row[place] = plain(row[place])
        self.writer.writerow(row)
        self.keys.append(key)
        self.totals.add(key, one.amount, one.currency)

    def payload(self):
        content = self.content.getvalue().encode()
        name, kind = f"chunk-{self.number:04d}.csv", "text/csv"
        return Payload(name, partial(io.BytesIO, content), kind, keys=tuple(self.keys), totals=self.totals)


class Result:
    """What a task says of itself and of its steps. A process is not atomic: a step may fail after others."""

    def __init__(self, told):
        self.is_successful = told.get("successful") is True
        steps = [step for step in told.get("nestedResults") or [] if isinstance(step, dict)]
        self.parts = [told, *steps]
        self.is_begun = any(step.get("successful") is True for step in steps) or self.ignored > 0
        self.is_successful = self.is_successful and all(step.get("successful") is not False for step in steps)
        self.has_dump = any(part.get("failureDumpAvailable") for part in self.parts)
        self.dumps = [
            part["objectId"] for part in self.parts if part.get("failureDumpAvailable") and "objectId" in part
        ]

    @property
    def ignored(self):
        return sum(ignored_rows(detail) for part in self.parts for detail in part.get("details") or [])

    @property
    def text(self):
        told = [str(detail.get("localMessageText", "")) for part in self.parts for detail in part.get("details") or []]
        return "; ".join(filter(None, told)) or ("successful" if self.is_successful else "not successful")


def ignored_rows(detail):
    """Rows that a detail of a result says were left out: `successful` is true all the same.

    Told as pairs of names and numbers, or as a number of occurrences of something in words.
    """
    values = detail.get("values") or []
    pairs = dict(zip(values[::2], values[1::2], strict=False))
    if "ignoredCount" in pairs or "failedCount" in pairs:
        return sum(int(pairs.get(name) or 0) for name in ("ignoredCount", "failedCount"))
    kind, words = str(detail.get("type", "")), str(detail.get("localMessageText", "")).lower()
    is_left_out = "ignored" in words or "failed" in words or kind.endswith(("RowsIgnored", "ItemsIgnored", "Failed"))
    return int(detail.get("occurrences") or 0) if is_left_out else 0


@cache
def _columns(cls):
    """(names, values of an object, where in a row that begins with the key the numbers stand)."""
    told = members(cls)
    names = [member.name for member in told]
    return names, attrgetter(*names), [place for place, member in enumerate(told, 1) if member.type is Decimal]


def rejects_of(dump):
    """Key -> reason of the rows in a dump; columns whose names begin with an underscore are Anaplan's own."""
    read = csv.reader(io.StringIO(dump))
    header = next(read, [])
    if KEY not in header:
        return {}
    place, reasons = header.index(KEY), [i for i, name in enumerate(header) if name.startswith("_")]
    return {
        row[place]: printable("; ".join(row[i] for i in reasons if row[i]) or "left out", 200)
        for row in read
        if len(row) == len(header) and row[place] != KEY
    }
