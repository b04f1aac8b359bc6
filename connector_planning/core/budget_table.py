"""Figures as planning systems lay them out, for the reader of budgets: a row for each account, a column for each month.

wide   Account;Entity;Jan 26;Feb 26;...     the months as each system spells them
long   Account;Entity;Period;Balance        a row for each figure
"""

import re

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.shape import shape

from .budget_sheet import HEADS, TOTAL

LONG = {"period": "Period", "balance": "Balance"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])|FY[0-9]{4}-P(0[1-9]|1[0-2])")
_SLASHED = re.compile(r"(?P<month>0[1-9]|1[0-2])/(?P<year>[0-9]{4})")
_NAMED = re.compile(rf"(?P<month>{'|'.join(_MONTHS)}) (?P<year>(20)?[0-9]{{2}})", re.IGNORECASE)


def period_of(text):
    """The period of a spelling that planning systems use for it; None for what is none, such as a quarter or a year.

    >>> period_of("2026-03"), period_of("FY2026-P03"), period_of("03/2026"), period_of("Mar 26"), period_of("Q1 FY26")
    ('2026-03', 'FY2026-P03', '2026-03', '2026-03', None)
    """
    if _PERIOD.fullmatch(text):
        return text
    found = _SLASHED.fullmatch(text) or _NAMED.fullmatch(text)
    if not found:
        return None
    month, year = found["month"].title(), found["year"]
    number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
    return f"{year if len(year) == 4 else f'20{year}'}-{number:02}"


def wide(rows):
    """The rows (number, cells as texts) with a column for each month, whichever of the layouts they have."""
    number, names = next(rows, (1, []))
    names = [period_of(name) or name for name in names]
    known = [name.lower() for name in names]
    if all(label.lower() in known for label in LONG.values()):
        period, balance = (known.index(label.lower()) for label in LONG.values())
        return _widened(rows, names, period, balance)
    version = HEADS["version"].lower()
    return _with_totals(rows, number, names, known.index(version) if version in known else None)


def _widened(rows, names, period, balance):
    """A row for each figure, with a column behind the others for each month that there is."""
    kept = [(number, row, _period(number, row, period)) for number, row in rows if row[balance].strip()]
    periods = list(dict.fromkeys(found for _number, _row, found in kept))
    yield 1, [*("" if place in (period, balance) else name for place, name in enumerate(names)), *periods]
    for number, row, found in kept:
        yield number, [*row, *(row[balance] if one == found else "" for one in periods)]


def _period(number, row, place):
    found = period_of(row[place].strip())
    if not found:
        # Left out it would be missed by nobody; taken it would count twice what its months hold.
        text = f"row {number}: {shape(row[place]) or 'nothing'} is no month; sums have to stay out of the table"
        raise MalformedPayload(text, code="no_period")
    return found


def _with_totals(rows, number, names, version):
    """The rows as they are; one that begins with the word Total says so where its reader looks for it."""
    yield number, names
    for number, row in rows:
        if version is not None and row[0].strip().lower() == TOTAL.lower():
            row = [*row[:version], TOTAL, *row[version + 1 :]]
        yield number, row
