"""The rows of a bank's table: entries, balances and the control record."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from .statement import account_number
from .table_profile import Control, malformed, plain

_TEXTS = ("bank_reference", "proprietary_code")
_DETAILS = ("end_to_end", "instruction", "mandate")
_PARTY = ("counterparty", "counterparty_account")


@dataclass
class Entry:
    """One row with an entry. `amount`: credits are positive; `balance`: the account's after it, where told."""

    number: int
    account: str | None
    booked_on: dt.date | None
    value_on: dt.date | None
    amount: Decimal
    currency: str | None
    balance: Decimal | None
    is_pending: bool
    texts: dict
    original: tuple | None = None
    remittance: list = field(default_factory=list)

    def fields(self):
        """The same as a `StatementReader` takes it."""
        other, account = map(self.texts.get, _PARTY)
        detail = {
            "remittance": self.remittance,
            **{name: self.texts.get(name) for name in _DETAILS},
            **dict.fromkeys(("debtor", "creditor"), other),
            **dict.fromkeys(("debtor_account", "creditor_account"), account),
        }
        if self.original:
            detail["instructed"], detail["instructed_ccy"] = self.original
        return {
            "amount": abs(self.amount),
            "amount_ccy": self.currency,
            "sign": "DBIT" if self.amount < 0 else "CRDT",
            "status": "PDNG" if self.is_pending else None,
            "booked_on": self.booked_on and self.booked_on.isoformat(),
            "value_on": self.value_on and self.value_on.isoformat(),
            **{name: self.texts.get(name) for name in _TEXTS},
            "details": ({name: told for name, told in detail.items() if told},),
        }


@dataclass
class BalanceRow:
    """`kind`: opening or closing."""

    kind: str
    account: str | None
    amount: Decimal
    currency: str | None
    on: dt.date | None


class Rows:
    """Reads the rows of one file by its profile."""

    def __init__(self, profile, rows):
        self.profile, self.rows = profile, iter(rows)
        self.places, self.width = profile.places(self.rows)

    def __iter__(self):
        """Each `Entry` and `BalanceRow` in the order of the file, and last its `Control`, where one was agreed."""
        waiting, control = None, None
        for number, cells in self.rows:
            if not any(cells) or self.profile.is_ignored(cells):
                continue
            if control:
                raise malformed(number, "something stands behind the control record")
            if self.width and any(cells[self.width :]):
                raise malformed(number, f"more cells than the {self.width} columns have titles")
            control = self._control(number, cells)
            if control or (waiting and self._goes_on(waiting, cells)):
                continue
            if waiting:
                yield waiting
            waiting = self._row(number, cells)
        if waiting:
            yield waiting
        if self.profile.control and not control:
            raise malformed(number, "the file ends without its control record", "truncated")
        if control:
            yield control

    # Cells

    def _cell(self, cells, name):
        """The text of a member's first column, or a date; empty where there is none."""
        place = self.places[name][0] if name in self.places else len(cells)
        cell = cells[place] if place < len(cells) else ""
        return cell.strip() if isinstance(cell, str) else cell

    def _text(self, cells, name):
        """The texts of all columns of a member, in one, without blanks that say nothing."""
        found = (cells[place] for place in self.places.get(name, ()) if place < len(cells))
        return " ".join(" ".join(str(cell).split()) for cell in found if cell)

    def _number(self, cells, name, number):
        text = self._cell(cells, name)
        return self.profile.amount(text, number) if text else None

    def _day(self, cells, name, number):
        cell = self._cell(cells, name)
        return self.profile.day(cell, number) if cell else None

    # Rows

    def _control(self, number, cells):
        if not self.profile.control:
            return None
        word, places = self.profile.control
        first = next((cell for cell in cells if cell), "")
        if not isinstance(first, str) or not plain(first).startswith(word):
            return None
        if max(places.values()) >= len(cells):
            raise malformed(number, "the control record is shorter than agreed", "control")
        return Control({name: self.profile.amount(cells[place], number) for name, place in places.items()})

    def _goes_on(self, entry, cells):
        """Whether this row only goes on with the text of the one before."""
        named = [name for name in self.places if name not in ("remittance", "value_on") and self._cell(cells, name)]
        text = self._text(cells, "remittance")
        if not self.profile.goes_on or named or not text:
            return False
        entry.remittance.append(text)
        return True

    def _row(self, number, cells):
        kind = self._kind(cells)
        account = account_number(self._text(cells, "account")) or self.profile.account
        currency = self._cell(cells, "currency") or self.profile.currency
        if kind:
            amount = self._number(cells, "balance", number)
            amount = self._amount(cells, number) if amount is None else amount
            return BalanceRow(kind, account, amount, currency, self._day(cells, "booked_on", number))
        is_pending = self.profile.is_pending(self._cell(cells, "booked_on"), self._cell(cells, "status"))
        text = self._text(cells, "remittance")
        return Entry(
            number=number,
            account=account,
            booked_on=self._booked_on(cells, number, is_pending),
            value_on=self._day(cells, "value_on", number),
            amount=self._amount(cells, number),
            currency=currency,
            balance=None if is_pending else self._number(cells, "balance", number),
            is_pending=is_pending,
            texts={name: self._text(cells, name) for name in (*_TEXTS, *_DETAILS, *_PARTY)},
            original=self._original(cells, number, currency),
            remittance=[text] if text else [],
        )

    def _kind(self, cells):
        texts = [plain(cell) for cell in cells if isinstance(cell, str) and cell]
        for kind, wanted in (("opening", self.profile.opening_row), ("closing", self.profile.closing_row)):
            if wanted and wanted in texts:
                return kind
        return None

    def _booked_on(self, cells, number, is_pending):
        cell = self._cell(cells, "booked_on")
        if is_pending and (not cell or self.profile.is_pending(cell)):
            return None
        if not cell:
            raise malformed(number, "no date", "date")
        return self.profile.day(cell, number)

    def _amount(self, cells, number):
        """With its sign, credits positive."""
        if "amount" not in self.places:
            return self._of_two_columns(cells, number)
        amount = self._number(cells, "amount", number)
        if amount is None:
            raise malformed(number, "no amount", "amount")
        if "side" in self.places:
            return self._by_side(amount, plain(self._cell(cells, "side")), number)
        return -amount if self.profile.is_debit_positive else amount

    def _of_two_columns(self, cells, number):
        """Debits may be written with or without a minus; one of the two columns holds something."""
        credit, debit = (self._number(cells, name, number) for name in ("credit", "debit"))
        if bool(credit) and bool(debit) or (credit is None and debit is None):
            raise malformed(number, "an entry is either credit or debit", "amount")
        return -abs(debit) if debit else credit or Decimal()

    def _by_side(self, amount, word, number):
        """Where only one of both sides has words, an empty cell says the other one."""
        credits, debits = self.profile.credit_words, self.profile.debit_words
        is_credit = word in credits or (not word and not credits)
        is_debit = word in debits or (not word and not debits)
        if is_credit == is_debit:
            raise malformed(number, f"{word[:30]!r} says neither credit nor debit", "amount")
        if amount < 0 and is_credit:
            raise malformed(number, "a credit has a minus", "amount")
        return abs(amount) if is_credit else -abs(amount)

    def _original(self, cells, number, currency):
        amount, other = self._number(cells, "original_amount", number), self._cell(cells, "original_currency")
        return (abs(amount), other) if amount is not None and other and other != currency else None
