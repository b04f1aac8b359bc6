"""Which column of another system's table holds which member of a figure, both ways.

    Account = account; Entity = company; Year = year; Month = month; Scenario = "Actual"; Amount = balance

On the left a column, on the right a member of the contract, `key`, `year` or `month` (of a period such as 2026-03),
`reason` (why a final figure changes, empty elsewhere), or a text in double quotes that stands in every row. The text is
a setting of the connection, so it is approved with it.
Where there is none, each kind of `carried.py` has its usual columns.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from odoo.addons.finance_integration_governance.core.canonical import plain
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    MalformedPayload,
    printable,
)

from .actual import Actual
from .carried import DEFAULT, carried, carried_by, kind_of

AMOUNT = "balance"  # what every figure of the ledger adds to control totals
REASON = "reason"  # why final figures change; nobody's member
_CALENDAR = ("year", "month")  # of a period, where the contract has no member of that name
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Column:
    """`member` of a figure, or `fixed` text where it is None."""

    name: str
    member: str | None
    fixed: str = ""


class Columns:
    """`text` as above, None for the usual ones. `currency`: that of every figure, where no column holds it.

    `cls`: the canonical class whose rows these are; `reason`: why final ones among them change. Raises
    ConfigurationError where the text cannot be read, names what the class does not have, or holds no amount or no
    currency of what has them.
    """

    def __init__(self, text=None, currency=None, cls=Actual, reason=""):
        self.kind = carried(cls)
        self.columns = columns_of(text or self.kind.columns)
        self.reason = printable(reason, 500)
        self.names = [column.name for column in self.columns]
        self.currency = currency if self.kind.amount else None
        self._must_fit({column.member for column in self.columns} - {None})

    def _must_fit(self, told):
        own = {"key", REASON, *self.kind.members, *(_CALENDAR if "period" in self.kind.identity else ())}
        unknown, name = sorted(told - own), self.kind.cls.__name__
        if unknown:
            raise ConfigurationError(f"{unknown[0]} is no member of {name}", setting="columns")
        if len(set(self.names)) != len(self.names):
            raise ConfigurationError("two columns have the same name", setting="columns")
        if self.kind.amount and self.kind.amount not in told:
            raise ConfigurationError(f"no column holds the {self.kind.amount} of {name}", setting="columns")
        if self.kind.amount and "currency" not in told and not self.currency:
            raise ConfigurationError("no column holds the currency, and none is named for all", setting="currency")

    @property
    def amount(self):
        """The column with what control totals add up; None where nothing is."""
        return self.name_of(self.kind.amount) if self.kind.amount else None

    @property
    def numbers(self):
        """The places of the columns with numbers."""
        return [place for place, column in enumerate(self.columns) if column.member in self.kind.numbers]

    def name_of(self, member):
        """The column that holds the member, or None."""
        return next((column.name for column in self.columns if column.member == member), None)

    # Out

    def row(self, one):
        """The cells of an object, as texts. ConfigurationError where its key could not be told from them again."""
        if type(one) is not self.kind.cls:
            raise ConfigurationError(f"{type(one).__name__} does not stand in a table of {self.kind.cls.__name__}")
        if self.currency and one.currency != self.currency:
            raise ConfigurationError(
                f"figures are in {self.currency}, and one is in {one.currency}", setting="currency"
            )
        cells = [self._told(one, column) for column in self.columns]
        if self.key_of(dict(zip(self.names, cells, strict=True))) != one.key:
            raise ConfigurationError("the columns do not tell all figures apart: add their other members, or the key")
        return cells

    def _told(self, one, column):
        if column.member is None:
            return column.fixed
        if column.member == REASON:
            return self.reason
        if column.member in _CALENDAR and column.member not in self.kind.members:
            return month_of(one.key)[_CALENDAR.index(column.member)]
        value = getattr(one, column.member)
        if isinstance(value, Decimal):
            return plain(value)
        return "" if value is None else value.isoformat() if isinstance(value, dt.date) else str(value)

    # Back

    def key_of(self, told):
        """The key of what stands in a row (column -> text)."""
        values = {column.member: told.get(column.name, "") for column in self.columns if column.member}
        if "key" in values:
            return values["key"]
        if "year" in values and "month" in values:
            values["period"] = f"{values['year']}-{values['month']:0>2}"
        one = object.__new__(self.kind.cls)
        found = {name: _read(member, values.get(name)) for name, member in self.kind.members.items()}
        object.__setattr__(one, "__dict__", found)
        return one.key

    def figures(self, keys, header, rows):
        """(key, amount, currency) of each row (a list of texts) that is one of these keys; both None where it has none.

        Raises ConfigurationError where the table has no such columns, MalformedPayload where a row is no figure.
        """
        missing = [
            column.name for column in self.columns if column.member in self._needed() and column.name not in header
        ]
        if missing:
            raise ConfigurationError(
                f"the table that is read back has no column {', '.join(missing)}", setting="columns"
            )
        amount, currency = self.amount, self.name_of("currency")
        for cells in rows:
            told = dict(zip(header, cells, strict=False))
            if all(told.get(column.name, column.fixed) == column.fixed for column in self.columns if not column.member):
                key = self.key_of(told)
                if key in keys and amount:
                    yield key, number(told.get(amount)), told[currency] if currency else self.currency
                elif key in keys:
                    yield key, None, None

    def _needed(self):
        """The members that a row has to tell when it is read back."""
        told = {column.member for column in self.columns} - {None}
        identity = {"key"} if "key" in told else told & {*self.kind.identity, *_CALENDAR}
        return identity | (told & {self.kind.amount, "currency"} if self.kind.amount else set())


def columns_of(text, known=None):
    """The `Column`s that the text names, each of a member in `known` where that is given.

    What `known` has with a point at its end, such as `analytic.`, stands for whatever follows it. Raises
    ConfigurationError where the text cannot be read.
    """
    return tuple(_column(part, known) for part in re.split(r"[;\n]", text) if part.strip())


def key_name(text):
    """What the column with the key is called, in the text of a setting or by custom; None where none holds it."""
    return next((column.name for column in columns_of(text or DEFAULT) if column.member == "key"), None)


def key_in(text, cells):
    """The key in a row as it was written (texts in their order); None where no column holds it, or the row is another.

    `text`: of the setting, None where the columns are the usual ones of the key's own kind.
    """
    kind = None if text else kind_of(cells[0] if cells else "")
    columns = columns_of(text or (kind.columns if kind else DEFAULT))
    place = next((place for place, column in enumerate(columns) if column.member == "key"), None)
    return cells[place] if place is not None and len(cells) == len(columns) else None


def month_of(key):
    """(year, month) of a key, such as ("2026", "03"). DataError where the figure is of no month."""
    found = _MONTH.fullmatch(carried_by([key]).period_of(key))
    if not found:
        raise DataError(f"{key} is of no month, and this system plans by months", code="no_month")
    return found.groups()


def number(text):
    """An amount as a system spells it: a point, no groups; nothing is zero. MalformedPayload for anything else."""
    try:
        found = Decimal(str(text or "0").strip())
    except InvalidOperation:
        raise MalformedPayload("the table that is read back holds an amount that is no number") from None
    if not found.is_finite():
        raise MalformedPayload("the table that is read back holds an amount that is no number")
    return found


def _column(part, known):
    name, sign, source = (text.strip() for text in part.partition("="))
    if not sign or not name:
        raise ConfigurationError(f"{part.strip()} names no column and its member", setting="columns")
    if len(source) >= 2 and source[0] == source[-1] == '"':
        return Column(name, None, source[1:-1])
    whole, point, part = source.partition(".")
    if known is not None and (whole + point not in known or bool(point) != bool(part)):
        raise ConfigurationError(f"{source} is no member of a figure", setting="columns")
    return Column(name, source)


def _read(member, text):
    if not text:
        return None if member.optional or member.type is not str else ""
    if member.type is not dt.date:
        return text
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise MalformedPayload("the table that is read back holds a date that is none") from None
