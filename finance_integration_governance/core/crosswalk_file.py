"""A crosswalk's lines as a table, both ways: taken whole, or refused whole with line and reason."""

import datetime as dt
import unicodedata

from .crosswalk import KINDS, Line, problems
from .errors import MalformedPayload
from .sheets import rows_of

COLUMNS = ("kind", "source", "until", "target", "label", "valid_from", "valid_to")
SHOWN = 20


def table(lines):
    """The head and a row for each line, for `sheets.as_csv` and `sheets.as_xlsx`."""
    yield list(COLUMNS)
    for line in sorted(lines, key=lambda one: one.order):
        yield [getattr(line, name) if getattr(line, name) is not None else "" for name in COLUMNS]


def lines_of(content):
    """The lines of a CSV or XLSX file; MalformedPayload names the lines that cannot stand and why (`told`, `count`)."""
    numbered, refused = [], []
    for number, row in rows_of(content, COLUMNS):
        try:
            numbered.append((number, _line(row)))
        except ValueError as error:
            refused.append((number, str(error)))
    refused += [(problem.number, problem.reason) for problem in problems(numbered)]
    if refused:
        told = [f"line {number}: {reason}" for number, reason in sorted(refused)]
        raise MalformedPayload("; ".join(told[:SHOWN]), code="crosswalk_refused", told=told[:SHOWN], count=len(told))
    return [line for _number, line in numbered]


def _line(row):
    texts = {name: unicodedata.normalize("NFC", row[name]) for name in ("source", "until", "target", "label")
             if isinstance(row.get(name), str)}  # fmt: skip
    wrong = [name for name in ("source", "until", "target", "label", "kind") if isinstance(row.get(name), dt.date)]
    if wrong:
        raise ValueError(f"{wrong[0]} is a date, not a code: format the column as text")
    days = {name: _day(name, row[name]) for name in ("valid_from", "valid_to") if name in row}
    kind = row.get("kind", "exact").strip().lower()
    if kind not in KINDS:
        raise ValueError(f"the kind is none of {', '.join(KINDS)}")
    return Line(**{"target": "", **texts}, **days, kind=kind)


def _day(name, value):
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"{name} is no date such as 2026-01-31") from None
