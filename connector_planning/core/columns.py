"""Which column of another system's table holds which member of a figure, both ways.

    Account = account; Entity = company; Year = year; Month = month; Scenario = "Actual"; Amount = balance

On the left a column, on the right a member of the contract, `key`, `year` or `month` (of a period such as 2026-03),
`reason` (why a final figure changes, empty elsewhere), or a text in double quotes that stands in every row. The text is
a setting of the connection, so it is approved with it.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from odoo.addons.finance_integration_governance.core.canonical import plain
from odoo.addons.finance_integration_governance.core.contract import members
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    MalformedPayload,
    printable,
)

from .actual import KEY_RULE as ACTUAL_RULE
from .actual import Actual
from .cell import KEY_RULE as CELL_RULE
from .cell import Cell
from .open_item import KEY_RULE as OPEN_ITEM_RULE
from .open_item import OpenItem

DEFAULT = "Key = key; Company = company; Account = account; Period = period; Currency = currency; Balance = balance"
CARRIED = (Actual, Cell, OpenItem)
AMOUNT = "balance"  # what every figure adds to control totals
REASON = "reason"
_BY_RULE = {ACTUAL_RULE: Actual, CELL_RULE: Cell, OPEN_ITEM_RULE: OpenItem}
_PERIOD_AT = {ACTUAL_RULE: 2, CELL_RULE: 3}  # where the period stands among the parts of a key
_KNOWN = {"key", "year", "month", REASON, *(member.name for cls in CARRIED for member in members(cls))}
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Column:
    """`member` of a figure, or `fixed` text where it is None."""

    name: str
    member: str | None
    fixed: str = ""


class Columns:
    """`text` as above. `currency`: that of every figure, where no column holds it. `reason`: why they change.

    Raises ConfigurationError where the text cannot be read, or holds no amount or no currency.
    """

    def __init__(self, text, currency=None, reason=""):
        self.columns = tuple(_column(part) for part in re.split(r"[;\n]", text) if part.strip())
        self.names = [column.name for column in self.columns]
        self.currency = currency
        self.reason = printable(reason, 500)
        told = {column.member for column in self.columns}
        if len(set(self.names)) != len(self.names):
            raise ConfigurationError("two columns have the same name", setting="columns")
        if AMOUNT not in told:
            raise ConfigurationError(f"no column holds the {AMOUNT}", setting="columns")
        if "currency" not in told and not currency:
            raise ConfigurationError("no column holds the currency, and none is named for all", setting="currency")

    def name_of(self, member):
        """The column that holds the member, or None."""
        return next((column.name for column in self.columns if column.member == member), None)

    # Out

    def row(self, one):
        """The cells of a figure, as texts. ConfigurationError where its key could not be told from them again."""
        if self.currency and one.currency != self.currency:
            raise ConfigurationError(
                f"figures are in {self.currency}, and one is in {one.currency}", setting="currency"
            )
        cells = [self._cell(one, column) for column in self.columns]
        if self.key_of(type(one), dict(zip(self.names, cells, strict=True))) != one.key:
            raise ConfigurationError("the columns do not tell all figures apart: add their other members, or the key")
        return cells

    def _cell(self, one, column):
        return self.reason if column.member == REASON else _told(one, column)

    # Back

    def key_of(self, cls, told):
        """The key of the figure in a row (column -> text)."""
        values = {column.member: told.get(column.name, "") for column in self.columns if column.member}
        if "key" in values:
            return values["key"]
        if "year" in values and "month" in values:
            values["period"] = f"{values['year']}-{values['month']:0>2}"
        one = object.__new__(cls)
        found = {member.name: _read(member, values.get(member.name)) for member in members(cls)}
        object.__setattr__(one, "__dict__", found)
        return one.key

    def figures(self, keys, header, rows):
        """(key, amount, currency) of each row (a list of texts) that is one of these keys.

        Raises ConfigurationError where the table has no such columns, MalformedPayload where a row is no figure.
        """
        missing = [
            column.name for column in self.columns if column.member in self._needed() and column.name not in header
        ]
        if missing:
            raise ConfigurationError(
                f"the table that is read back has no column {', '.join(missing)}", setting="columns"
            )
        cls, amount, currency = class_of(keys), self.name_of(AMOUNT), self.name_of("currency")
        for cells in rows:
            told = dict(zip(header, cells, strict=False))
            if all(told.get(column.name, column.fixed) == column.fixed for column in self.columns if not column.member):
                key = self.key_of(cls, told)
                if key in keys:
                    yield key, number(told.get(amount)), told[currency] if currency else self.currency

    def _needed(self):
        """The members that a row has to tell when it is read back."""
        told = {column.member for column in self.columns} - {None}
        identity = {"key"} if "key" in told else told & {"company", "account", "period", "year", "month"}
        return identity | {AMOUNT} | (told & {"currency"})


def class_of(keys):
    """The canonical class whose rule made these keys; keys lead with it."""
    return _BY_RULE[next(iter(keys)).partition("|")[0]]


def month_of(key):
    """(year, month) of a key, such as ("2026", "03"). DataError where the figure is of no month."""
    rule, *parts = key.split("|")
    found = _MONTH.fullmatch(parts[_PERIOD_AT[rule]] if rule in _PERIOD_AT else "")
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


def _column(part):
    name, sign, source = (text.strip() for text in part.partition("="))
    if not sign or not name:
        raise ConfigurationError(f"{part.strip()} names no column and its member", setting="columns")
    if len(source) >= 2 and source[0] == source[-1] == '"':
        return Column(name, None, source[1:-1])
    if source not in _KNOWN:
        raise ConfigurationError(f"{source} is no member of a figure", setting="columns")
    return Column(name, source)


def _told(one, column):
    if column.member is None:
        return column.fixed
    if column.member in ("year", "month"):
        return month_of(one.key)[0 if column.member == "year" else 1]
    value = getattr(one, column.member, None)
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else value.isoformat() if isinstance(value, dt.date) else str(value)


def _read(member, text):
    if not text:
        return None if member.optional or member.type is not str else ""
    if member.type is not dt.date:
        return text
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise MalformedPayload("the table that is read back holds a date that is none") from None
