"""Control totals: count, signed amount per currency, and a hash total over keys.

The hash total is the sum modulo 2^64 of the first eight bytes, big endian, of SHA-256(key). It is additive, so totals
of parts add up to the total of the whole, and a key that comes twice does not cancel out.
"""

import hashlib
from dataclasses import dataclass, field
from decimal import Context, Decimal

_MODULUS = 1 << 64
# Sums must not be rounded, however long the amounts are.
_EXACT = Context(prec=200)
_ZERO = Decimal()


def hash_of(key):
    """The key's share of a hash total: an integer from 0 to 2^64 - 1."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")


def signed(hash_value):
    """The same 64 bits as PostgreSQL's bigint holds them."""
    return hash_value - _MODULUS if hash_value >> 63 else hash_value


@dataclass
class ControlTotals:
    """`amounts` maps a currency code to a signed Decimal; currencies whose sum is zero stay in."""

    count: int = 0
    amounts: dict = field(default_factory=dict)
    hash_total: int = 0

    def add(self, key, amount=None, currency=None):
        """Count one more fact; returns its key's share of the hash total."""
        self.count += 1
        hashed = hash_of(key)
        self.hash_total = (self.hash_total + hashed) % _MODULUS
        if amount is not None:
            self.amounts[currency] = _EXACT.add(self.amounts.get(currency, _ZERO), amount)
        return hashed

    def __add__(self, other):
        currencies = {*self.amounts, *other.amounts}
        amounts = {c: _EXACT.add(self.amount(c), other.amount(c)) for c in currencies}
        return ControlTotals(self.count + other.count, amounts, (self.hash_total + other.hash_total) % _MODULUS)

    def amount(self, currency):
        return self.amounts.get(currency, Decimal())

    def differences(self, other):
        """What does not agree: a list of (measure, ours, theirs); `measure` is count, hash or a currency."""
        pairs = [("count", self.count, other.count), ("hash", self.hash_total, other.hash_total)]
        pairs += [(c, self.amount(c), other.amount(c)) for c in sorted({*self.amounts, *other.amounts})]
        return [pair for pair in pairs if pair[1] != pair[2]]

    def ties(self, other, tolerance=None):
        """Equal, or each amount apart by no more than its currency's tolerance; counts and keys have to be equal."""
        allowed = tolerance or {}
        return all(
            measure not in ("count", "hash") and abs(_EXACT.subtract(ours, theirs)) <= allowed.get(measure, Decimal())
            for measure, ours, theirs in self.differences(other)
        )

    def document(self):
        """As a plain mapping for canonical text; the hash total is text, because JSON numbers lose 64-bit integers."""
        return {"count": self.count, "amounts": dict(self.amounts), "hash": str(self.hash_total)}

    @classmethod
    def from_document(cls, document):
        amounts = {currency: Decimal(amount) for currency, amount in document.get("amounts", {}).items()}
        return cls(document["count"], amounts, int(document["hash"]))

    @classmethod
    def of(cls, rows):
        """Totals of (key, amount, currency) rows."""
        totals = cls()
        for row in rows:
            totals.add(*row)
        return totals
