"""Budgets as tables: a row for each account, a column for each month; each cell is read, or refused by its name."""

import re
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.shape import shape

from .budget import MORE, BudgetLine

HEADS = {
    "version": "Version",
    "company": "Company",
    "account": "Account",
    "name": "Account name",
    "analytic": "Analytic",
    "partner": "Partner",
    "currency": "Currency",
}
# Columns that a template has where its version plans by them.
MORE_HEADS = dict(zip(MORE, ("Tax", "Journal type", "Document currency", "Ledger"), strict=True))
_KNOWN = {**HEADS, **MORE_HEADS}
_NEEDED = ("version", "company", "account", "currency")
_FREE = ("analytic", "partner", *MORE)
_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])|FY[0-9]{4}-P(0[1-9]|1[0-2])")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,10})?")
WIDEST = 200
TOTAL = "Total"
NO_NUMBER, TWICE, MISSING = "no number", "stands twice", "missing"


@dataclass(frozen=True)
class Trouble:
    """A cell that cannot be taken: its row, where it stands (such as H14), in which column, and why.

    `told`: what stands in it, for `NO_NUMBER`; the cell that says the same, for `TWICE`.
    """

    row: int
    place: str
    column: str
    rule: str
    told: str = ""


@dataclass(frozen=True)
class Figure:
    """A cell that was read: the `BudgetLine` in it, and which cell of the file holds which member of it."""

    row: int
    place: str
    line: BudgetLine
    columns: dict
    head: int

    def where(self, member):
        """The cell to look at for what is wrong with this member: its row, or for a period the head of its column.

        Members without a column of their own stand with the figure.
        """
        if member == "period":
            return f"{letter(self.columns[self.line.period])}{self.head}"
        return f"{letter(self.columns[member])}{self.row}" if member in self.columns else self.place


def head(months, more=()):
    """The first row. `more`: names of `MORE` that have a column."""
    return [*HEADS.values(), *(MORE_HEADS[name] for name in more), *months]


def row_of(line, months, figures, more=()):
    """A row of the template: what the head names from a mapping, then the figure of each month or nothing."""
    told = [line.get(name) or "" for name in (*HEADS, *more)]
    return [*told, *(figures.get(month, "") for month in months)]


def cells(rows, is_whole=False):
    """A `Figure` or `Trouble` for each cell that holds something. `rows`: (number, cells), the head first.

    Raises MalformedPayload where the first row names columns that nobody knows, or one twice. `is_whole`: a row of
    totals has to be the last one, and to be what the rows above it add up to.
    """
    first, titles = next(rows, (1, []))
    columns, sums = _columns(first, titles), Sums()
    one_row = _Row(first, columns)
    for number, row in rows:
        if _text(row, columns["version"]).lower() == TOTAL.lower():
            sums.told = {period: _text(row, place) for period, place in columns.items() if period not in _KNOWN}
        elif any(_text(row, place) for place in columns.values()):
            for one in one_row.read(number, row):
                yield sums.of(one, columns)
    if is_whole:
        sums.check()


class _Row:
    """Reads rows of one table. `seen`: which cell of it has told which figure."""

    def __init__(self, first, columns):
        self.first, self.columns, self.seen = first, columns, {}
        self.periods = [(name, place) for name, place in columns.items() if name not in _KNOWN]

    def read(self, number, row):
        told = {name: _text(row, place) for name, place in self.columns.items() if name in _KNOWN}
        lacking = next((name for name in _NEEDED if not told.get(name)), None)
        if lacking:
            yield Trouble(number, f"{letter(self.columns[lacking])}{number}", HEADS[lacking], MISSING)
            return
        for period, place in self.periods:
            if text := _text(row, place):
                yield self._cell(number, f"{letter(place)}{number}", period, told, text)

    def _cell(self, number, where, period, told, text):
        if not _NUMBER.fullmatch(text):
            return Trouble(number, where, period, NO_NUMBER, text)
        needed = {name: told[name] for name in _NEEDED}
        free = {name: told.get(name) or None for name in _FREE}
        line = BudgetLine(**needed, **free, period=period, balance=Decimal(text))
        first = self.seen.setdefault((line.version, line.key), where)
        if first != where:
            return Trouble(number, where, period, TWICE, first)
        return Figure(number, where, line, self.columns, self.first)


class Sums:
    """What the cells of each month add up to, beside what the file's last row says of it."""

    def __init__(self):
        self.told, self.found, self.troubled, self.count = None, {}, set(), 0

    def of(self, one, columns):
        self.count += 1
        if isinstance(one, Trouble):
            # A row that lacks what every row needs leaves no month with a sum.
            self.troubled |= columns.keys() if one.rule == MISSING else {one.column}
        else:
            self.found[one.line.period] = self.found.get(one.line.period, 0) + one.line.balance
        return one

    def check(self):
        """MalformedPayload where the totals are missing or others; a month with a cell that is none has no sum."""
        if not self.count:
            raise MalformedPayload("the file holds no figure", code="no_figure")
        if self.told is None:
            raise MalformedPayload("the row of totals is missing: this may be part of a file", code="no_total")
        for period, text in self.told.items():
            ours = self.found.get(period, 0)
            if period not in self.troubled and (Decimal(text) if _NUMBER.fullmatch(text) else 0) != ours:
                raise MalformedPayload(f"the figures of {period} are not the total that the file tells", code="total")


def _columns(number, row):
    """Name of a column -> its place. Months may be dates: a spreadsheet makes them of what looks like one."""
    known, found = {label.lower(): name for name, label in _KNOWN.items()}, {}
    for place, cell in enumerate(row):
        text = f"{cell:%Y-%m}" if hasattr(cell, "strftime") else str(cell or "").strip()
        name = known.get(text.lower()) or (text if _PERIOD.fullmatch(text) else None)
        if text and (name is None or name in found):
            why = "is neither a column nor a month" if name is None else "stands twice"
            raise MalformedPayload(f"line {number}, column {letter(place)}: {shape(text)} {why}", code="columns")
        if text:
            found[name] = place
    lacking = [HEADS[name] for name in _NEEDED if name not in found]
    if lacking or not any(name not in _KNOWN for name in found):
        raise MalformedPayload(f"the first line lacks {', '.join(lacking) or 'a month'}", code="columns")
    return found


def _text(row, place):
    """What stands in the cell; a cell beyond the row's end is empty."""
    cell = row[place] if place < len(row) else None
    return "" if cell is None else str(cell).strip()


def letter(place):
    """The spreadsheet's name of a column.

    >>> letter(0), letter(25), letter(26)
    ('A', 'Z', 'AA')
    """
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
