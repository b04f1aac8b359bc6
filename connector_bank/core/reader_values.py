"""Values out of the fields of one statement; what cannot be read is refused with its place."""

from decimal import Decimal

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

from . import values
from .values import clean

ORIGINALS = ("instructed", "transacted", "amount")
CURRENCY_OF = {name: f"{name}_ccy" for name in ORIGINALS}
_SIDES = frozenset({"CRDT", "DBIT"})
LONGEST = 20_000


class ReaderValues:
    """What a reader of statements reads values with; it says where it is by `_place` and `_number`."""

    def _money(self, fields, name, sign=None, is_signed=True):
        """(signed amount, currency); `sign` is the side where the fields name none."""
        amount, currency = fields.get(name), fields.get(CURRENCY_OF[name])
        if amount.__class__ is not Decimal:
            amount = values.amount(amount)
        side = fields.get("sign")
        if side not in _SIDES and (side := clean(side) or sign) not in _SIDES:
            raise self._malformed(f"{name} is neither credit nor debit", code="amount")
        if amount is None or not values.is_currency(currency):
            raise self._malformed(f"{name} is not a number with a currency", code="amount")
        return (amount.copy_negate() if side == "DBIT" and is_signed else amount), currency

    def _day(self, fields, name):
        text = fields.get(name)
        day = values.day(text)
        if text and day is None:
            raise self._malformed(f"{name.removesuffix('_on')} is not a date", code="date")
        return day

    def _optional(self, read, fields, name):
        value = read(fields.get(name))
        if value is None and fields.get(name):
            raise self._malformed(f"{name} is not a number", code="number")
        return value

    def _long(self, text):
        if text and len(text) > LONGEST:
            self._tally.odd["text_shortened"] += 1
            return text[: LONGEST - 1] + "…"
        return text

    def _malformed(self, what, code=None):
        place = f"{self._place}, entry {self._number}" if self._number else self._place
        return MalformedPayload(f"{place}: {what}", code=code, entry=self._number)
