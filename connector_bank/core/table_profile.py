"""What was declared of a bank's tables: which column is what, how amounts and days are written, special rows."""

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MalformedPayload

from . import table_cells
from .table_cells import MARKS

MEMBERS = (
    "account",
    "amount",
    "balance",
    "bank_reference",
    "booked_on",
    "counterparty",
    "counterparty_account",
    "credit",
    "currency",
    "debit",
    "end_to_end",
    "instruction",
    "mandate",
    "original_amount",
    "original_currency",
    "proprietary_code",
    "remittance",
    "side",
    "status",
    "value_on",
)
CONTROLS = ("closing", "count", "credits", "debits", "net", "opening")
_HEAD_WITHIN = 50  # lines of a file in which its head stands


@dataclass(frozen=True)
class Profile:
    """`columns`: member -> titles of its columns, or places such as #3; the rest as in the settings of `TableFiles`."""

    columns: dict
    mark: str
    days: str
    is_debit_positive: bool
    credit_words: frozenset
    debit_words: frozenset
    pending_words: frozenset
    opening_row: str
    closing_row: str
    ignored_rows: tuple
    control: tuple
    goes_on: bool
    account: str | None
    currency: str | None

    @classmethod
    def of(cls, told):
        """The profile that these settings declare; raises ConfigurationError."""
        columns = _pairs(told.columns, "columns", MEMBERS)
        if "booked_on" not in columns:
            raise ConfigurationError("no column says when an entry was booked (booked_on)", setting="columns")
        if ("amount" in columns) == bool({"credit", "debit"} & columns.keys()):
            raise ConfigurationError("either amount, or credit and debit, are columns", setting="columns")
        if "side" in columns and not (told.credit_words or told.debit_words):
            raise ConfigurationError("which words say credit or debit?", setting="credit_words")
        if not table_cells.is_pattern(told.days):
            raise ConfigurationError(f"{told.days} does not say day, month and year", setting="days")
        return cls(
            columns={name: tuple(part.strip() for part in titles.split("+")) for name, titles in columns.items()},
            mark=MARKS[told.decimal],
            days=told.days,
            is_debit_positive=told.sign == "debits",
            credit_words=_words(told.credit_words),
            debit_words=_words(told.debit_words),
            pending_words=_words(told.pending_words),
            opening_row=plain(told.opening_row),
            closing_row=plain(told.closing_row),
            ignored_rows=tuple(sorted(_words(told.ignored_rows))),
            control=_control(told.control),
            goes_on=bool(told.goes_on),
            account=told.account or None,
            currency=told.currency or None,
        )

    # The head

    def places(self, rows):
        """(member -> places of its columns, how many columns have titles), with the rows read up to the head.

        Where all columns are told by their number there is no head: nothing is read, and any row may be of any length.
        """
        titles = {title for names in self.columns.values() for title in names}
        if all(title.startswith("#") for title in titles):
            return {name: tuple(map(_place, names)) for name, names in self.columns.items()}, 0
        missing = titles
        for number, cells in rows:
            head = [plain(cell) for cell in cells]
            lacking = {title for title in titles if not title.startswith("#") and plain(title) not in head}
            if not lacking:
                places = {
                    name: tuple(_column(head, title, number) for title in told) for name, told in self.columns.items()
                }
                return places, len(head)
            missing = min(missing, lacking, key=len)
            if number >= _HEAD_WITHIN:
                break
        raise MalformedPayload(f"no line names the columns {', '.join(sorted(missing))}", code="columns")

    # Cells

    def amount(self, text, number):
        """A signed Decimal of a cell that holds one."""
        found = table_cells.amount(text, self.mark)
        if found is None:
            raise malformed(number, f"{text[:30]!r} is not an amount", "amount")
        return found

    def day(self, cell, number):
        if isinstance(cell, dt.date):
            return cell
        found = table_cells.day(cell, self.days)
        if found is None:
            raise malformed(number, f"{cell[:30]!r} is not a date written {self.days}", "date")
        return found

    def is_ignored(self, cells):
        return bool(self.ignored_rows) and any(plain(cell).startswith(self.ignored_rows) for cell in cells)

    def is_pending(self, *cells):
        return any(plain(cell) in self.pending_words for cell in cells if cell)


@dataclass
class Control:
    """A row that says what the others add up to: `values` by the names of `CONTROLS`, as amounts."""

    values: dict = field(default_factory=dict)

    def declared(self):
        """The same as the fields that a `StatementReader` takes."""
        told = {name: abs(self.values[name]) for name in ("credits", "debits") if name in self.values}
        if "count" in self.values:
            told["declared_count"] = str(int(self.values["count"]))
        if "net" in self.values:
            net = self.values["net"]
            told |= {"declared_net": str(abs(net)), "declared_net_sign": "DBIT" if net < 0 else "CRDT"}
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in told.items()}


def malformed(number, reason, code="row"):
    return MalformedPayload(f"line {number}: {reason}", code=code, line=number)


def plain(cell):
    return " ".join(cell.split()).casefold() if isinstance(cell, str) else ""


def _words(text):
    return frozenset(plain(word) for word in (text or "").split(",") if word.strip())


def _pairs(text, setting, known):
    """name -> value of `name = value` parts between semicolons or in lines of their own."""
    found = {}
    for part in filter(str.strip, re.split(r"[;\n]", text or "")):
        name, mark, value = (piece.strip() for piece in part.partition("="))
        if not mark or not value or name not in known or name in found:
            raise ConfigurationError(
                f"{part.strip()[:60]}: say each as name = column, and of the names {', '.join(known)} each once",
                setting=setting,
            )
        found[name] = value
    return found


def _control(text):
    """(the word that the row begins with, name -> place), or nothing."""
    word, _mark, rest = (text or "").partition(";")
    if not word.strip():
        return ()
    places = {name: _place(value) for name, value in _pairs(rest, "control", CONTROLS).items()}
    if not places:
        raise ConfigurationError("what does the control record tell?", setting="control")
    return plain(word), places


def _place(title):
    number = title.removeprefix("#")
    if not title.startswith("#") or not number.isdigit() or int(number) < 1:
        raise ConfigurationError(f"{title} is not the number of a column, such as #3", setting="columns")
    return int(number) - 1


def _column(head, title, number):
    if title.startswith("#"):
        return _place(title)
    if head.count(plain(title)) > 1:
        raise malformed(number, f"the column {title} stands twice", "columns")
    return head.index(plain(title))
