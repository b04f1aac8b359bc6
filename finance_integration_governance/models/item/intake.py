"""What a reader tells, as the lines that COPY reads."""

import re

from ...core.canonical import plain, told
from ...core.contract import Finding, breaches, may_wait
from ...core.contracts import refuse_unknown
from ...core.errors import DataError
from ...core.field_map import RawRow
from ...core.totals import ControlTotals, signed
from ...core.uid import uuids7

# NUL has no place in a PostgreSQL text: an item that carries one is rejected, and shows the symbol for it.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "␀"})
_NEEDS_ESCAPE = re.compile(r"[\\\t\n\r\0]").search


def _cell(value):
    """A text as COPY reads it."""
    if value is None:
        return "\\N"
    return value.translate(_ESCAPES) if _NEEDS_ESCAPE(value) else value


def _beforehand(lines):
    """The same lines, made now; the reader's error comes after them."""
    made, error = [], None
    try:
        made.extend(lines)
    except DataError as told_error:
        error = told_error
    return _again(made, error)


def _again(made, error):
    yield from made
    if error:
        raise error


class Intake:
    """What a reader tells, turned into lines for COPY, with the totals of the payload so far."""

    def __init__(self, run, payload, scope_of, told_objects):
        self.told, self.scope_of = iter(told_objects), scope_of
        self.findings, self.broken = [], {}
        self.totals, self.row, self.has_more = ControlTotals(), 0, True
        self.fixed = f"{run.id}\t{payload.id}\t{run.company_id.id}\t{run._document()['object']}"
        self.uids = uuids7()
        self.accepted = run._accepted_contracts()
        self.looks_up = "field_map" in run._document().content
        self.chosen = None  # row numbers, where only these are taken in

    def chunk(self, limit):
        """The next lines; made beforehand where making them asks the database, which COPY keeps busy."""
        return _beforehand(self.lines(limit)) if self.looks_up else self.lines(limit)

    def lines(self, limit):
        """Up to `limit` lines; findings on the way are put aside."""
        last = self.row + limit
        for one in self.told:
            if isinstance(one, Finding):
                self.findings.append(one)
                continue
            if one.contract not in self.accepted:
                refuse_unknown([one.contract], self.accepted)
            self.row += 1
            if self.chosen is None or self.row in self.chosen:
                wrong = one.trouble or breaches(one)
                if wrong:
                    self._break(one, wrong)
                yield self._line(one, wrong)
            if self.row == last:
                return
        self.has_more = False

    def noticed(self):
        """Findings and breaches since the last time this was asked."""
        noticed = self.findings, self.broken
        self.findings, self.broken = [], {}
        return noticed

    def _break(self, one, wrong):
        """One cause per breach, with the rows that have it."""
        waits = may_wait(one, wrong)
        for breach in wrong:
            self.broken.setdefault((breach, waits), []).append(self.row)

    def _line(self, one, wrong):
        """The item as one line for COPY. Canonical text holds no raw control characters, only backslashes."""
        key, amount, currency, on = one.key, one.amount, one.currency, one.on
        # A row that no object could be made of has none of what an object finds its scope by.
        scope = one.scope if one.__class__ is RawRow else self.scope_of(one)
        text, digest = told(one)
        exact = amount if amount is not None and amount.is_finite() else None
        hashed = self.totals.add(key, exact, currency)
        written = "\\N" if exact is None else plain(exact)
        outcome = "rejected\tcontract_violation" if wrong and not may_wait(one, wrong) else "open\t\\N"
        return (
            f"{self.fixed}\t{next(self.uids)}\t{self.row}\t{one.contract}\t{_cell(scope)}\t{_cell(key)}\t"
            f"{_cell(one.alt_key)}\t{_cell(one.parent_key)}\t{signed(hashed)}\t{digest}\t"
            + text.replace("\\", "\\\\")
            + f"\t{written}\t{_cell(currency)}\t{_cell(on and on.isoformat())}\t{outcome}\n"
        )
