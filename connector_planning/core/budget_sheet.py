"""Budgets as tables: a row for each account, a column for each month; each cell is read, or refused by its name."""

import re
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.shape import shape

from .budget import BudgetLine

HEADS = {
    "version": "Version",
    "company": "Company",
    "account": "Account",
    "name": "Account name",
    "analytic": "Analytic",
    "partner": "Partner",
    "currency": "Currency",
}
_NEEDED = ("version", "company", "account", "currency")
_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])|FY[0-9]{4}-P(0[1-9]|1[0-2])")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,10})?")
WIDEST = 200
TOTAL = "Total"
NO_NUMBER, TWICE, MISSING = "no number", "stands twice", "missing"


@dataclass(frozen=True)
class Trouble:
    """A cell that cannot be taken: where it stands (such as H14), in which column, and why."""

    row: int
    place: str
    column: str
    rule: str
    shape: str = ""


def head(months):
    return [*HEADS.values(), *months]


def row_of(line, months, figures):
    """A row of the template: what `HEADS` names from a mapping, then the figure of each month or nothing."""
    return [*(line.get(name) or "" for name in HEADS), *(figures.get(month, "") for month in months)]


def cells(rows, is_whole=False):
    """A `BudgetLine` or `Trouble` for each cell that holds something. `rows`: (number, cells), the head first.

    Raises MalformedPayload where the first row names columns that nobody knows, or one twice. `is_whole`: a row of
    totals has to be the last one, and to be what the rows above it add up to.
    """
    columns, seen, sums = _columns(*next(rows, (1, []))), {}, Sums()
    for number, row in rows:
        if _text(row, columns["version"]).lower() == TOTAL.lower():
            sums.told = {period: _text(row, place) for period, place in columns.items() if period not in HEADS}
            continue
        told = {name: _text(row, place) for name, place in columns.items() if name in HEADS}
        if not any(_text(row, place) for place in columns.values()):
            continue
        lacking = [name for name in _NEEDED if not told.get(name)]
        if lacking:
            yield sums.of(Trouble(number, f"{letter(columns[lacking[0]])}{number}", HEADS[lacking[0]], MISSING))
            sums.troubled |= columns.keys()
            continue
        for period, place in columns.items():
            if period not in HEADS and _text(row, place):
                yield sums.of(_cell(number, place, period, told, _text(row, place), seen))
    if is_whole:
        sums.check()


class Sums:
    """What the cells of each month add up to, beside what the file's last row says of it."""

    def __init__(self):
        self.told, self.found, self.troubled, self.count = None, {}, set(), 0

    def of(self, one):
        self.count += 1
        if isinstance(one, Trouble):
            self.troubled.add(one.column)
        else:
            self.found[one.period] = self.found.get(one.period, 0) + one.balance
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
    known, found = {label.lower(): name for name, label in HEADS.items()}, {}
    for place, cell in enumerate(row):
        text = f"{cell:%Y-%m}" if hasattr(cell, "strftime") else str(cell or "").strip()
        name = known.get(text.lower()) or (text if _PERIOD.fullmatch(text) else None)
        if text and (name is None or name in found):
            why = "is neither a column nor a month" if name is None else "stands twice"
            raise MalformedPayload(f"line {number}, column {letter(place)}: {shape(text)} {why}", code="columns")
        if text:
            found[name] = place
    lacking = [HEADS[name] for name in _NEEDED if name not in found]
    if lacking or not any(name not in HEADS for name in found):
        raise MalformedPayload(f"the first line lacks {', '.join(lacking) or 'a month'}", code="columns")
    return found


def _cell(number, place, period, told, text, seen):
    where = f"{letter(place)}{number}"
    if not _NUMBER.fullmatch(text):
        return Trouble(number, where, period, NO_NUMBER, shape(text))
    line = BudgetLine(
        **{name: told[name] for name in _NEEDED},
        analytic=told.get("analytic") or None,
        partner=told.get("partner") or None,
        period=period,
        balance=Decimal(text),
    )
    if (line.version, line.key) in seen:
        return Trouble(number, where, period, TWICE, seen[line.version, line.key])
    seen[line.version, line.key] = where
    return line


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
