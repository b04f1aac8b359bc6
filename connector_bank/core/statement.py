"""The canonical bank statement, whatever format it came in, and the rules by which its entries are told apart.

Rules carry a version (`ref1`, `fp1`, `stm1`), because a key that changes its meaning would book everything again.
"""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from odoo.addons.finance_integration_governance.core.canonical import plain
from odoo.addons.finance_integration_governance.core.contract import (
    Canonical,
    Code,
    Currency,
    Name,
    Reference,
    Remittance,
    Text,
)

Account = Annotated[str, Text(64, r"[0-9A-Z./:_-]+")]

# What banks write where they have no reference.
NO_REFERENCE = frozenset(
    {"", "NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF", "NONE", "UNKNOWN", "N/A", "NA", "-", "0"}
)
_NOT_ACCOUNT = re.compile(r"[^0-9A-Z./:_-]+")


def identity(default=None):
    """A member that says which object this is, and not what it contains: it is in no digest."""
    return field(default=default, compare=False)


@dataclass(frozen=True, slots=True)
class Balance:
    """`code` as in ISO 20022 (OPBD, CLBD, PRCD, ITBD, CLAV ...); `amount` is negative for a debit balance."""

    code: Code
    amount: Decimal
    currency: Currency
    on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class DeclaredTotals:
    """What the bank says the booked entries add up to; credits and debits without sign, net with sign."""

    count: int | None = None
    credit_count: int | None = None
    debit_count: int | None = None
    credits: Decimal | None = None
    debits: Decimal | None = None
    net: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge as the bank shows it; `amount` is negative where it was taken. `is_included`: in the entry's amount."""

    amount: Decimal
    currency: Currency
    kind: Code | None = None
    is_included: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement(Canonical):
    """One statement of one account. Its entries follow it and name it as their parent."""

    contract = "bank.statement/1.0"

    account: Account
    statement: Reference
    currency_of_account: Currency | None = None
    servicer: Code | None = None
    sequence: Code | None = None
    legal_sequence: Code | None = None
    page: int | None = None
    is_last_page: bool | None = None
    from_on: dt.date | None = None
    to_on: dt.date | None = None
    opening: Balance | None = None
    closing: Balance | None = None
    balances: tuple[Balance, ...] = ()
    declared: DeclaredTotals | None = None
    created_at: Reference | None = identity()
    copy: Code | None = identity()
    key: str = identity("")

    @property
    def alt_key(self):
        return self.key

    @property
    def scope(self):
        return self.account

    @property
    def on(self):
        return self.closing.on if self.closing else self.to_on


@dataclass(frozen=True, kw_only=True)
class BankEntry(Canonical):
    """One booked row: an entry, or one detail of an entry whose details add up to it. `amount`: credits are positive.

    `detail` counts from 1 within a divided entry; `details` is how many details an undivided entry has.
    """

    contract = "bank.entry/1.0"

    account: Account
    amount: Decimal
    currency: Currency
    booked_on: dt.date
    value_on: dt.date | None = None
    status: Code | None = None
    is_reversal: bool = False
    bank_reference: Reference | None = None
    detail_reference: Reference | None = None
    end_to_end: Reference | None = None
    instruction: Reference | None = None
    transaction: Reference | None = None
    mandate: Reference | None = None
    uetr: Code | None = None
    counterparty: Name | None = None
    counterparty_account: Reference | None = None
    counterparty_agent: Code | None = None
    remittance: Remittance | None = None
    structured_reference: Reference | None = None
    additional: Remittance | None = None
    bank_code: Code | None = None
    proprietary_code: Reference | None = None
    return_reason: Code | None = None
    batch: Reference | None = None
    batch_count: int | None = None
    charges: tuple[Charge, ...] = ()
    original_amount: Decimal | None = None
    original_currency: Currency | None = None
    rate: Decimal | None = None
    detail: int | None = None
    details: int | None = None
    # Many banks number the entries of each file anew; the same entry in a later file has another number.
    entry_reference: Reference | None = identity()
    ordinal: int = identity(0)
    parent_key: str = identity("")
    key: str = identity("")
    alt_key: str = identity("")

    @property
    def scope(self):
        return self.account

    @property
    def on(self):
        return self.booked_on

    @classmethod
    def of(cls, **values):
        """An entry from a value for every member. __init__ sets frozen members one by one: four times as slow."""
        entry = object.__new__(cls)
        object.__setattr__(entry, "__dict__", values)
        return entry


def account_number(text):
    """An IBAN or domestic number without blanks, in capitals: one account, one spelling."""
    return _NOT_ACCOUNT.sub("", text.upper()) if text else None


def usable_reference(text):
    """The reference in one spelling, or None where the bank has only filled the field."""
    reference = " ".join(text.split()) if text else ""
    return None if reference.upper() in NO_REFERENCE else reference


def statement_key(account, statement, closing, page=None):
    """Banks use statement numbers again every year, so the closing balance and its date are part of the key."""
    end = f"{closing.on or ''}:{plain(closing.amount)}{closing.currency}" if closing else ":"
    return f"stm1:{account}:{statement}:{end}" + (f":{page}" if page else "")


class EntryKeys:
    """Keys for the entries of one payload, in their order.

    An entry is known by the bank's reference; where there is none, by what it says, and by its place among those that
    say exactly the same. Two identical payments on one day are two payments.
    """

    def __init__(self):
        self._seen = {}

    def of(self, account, reference, detail, content):
        """(key, alt_key, ordinal) of an entry; `content` is the tuple of texts that would be compared by eye."""
        fingerprint = hashlib.sha256("\x1f".join((account, *content)).encode())
        short = fingerprint.digest()[:12]
        self._seen[short] = ordinal = self._seen.get(short, 0) + 1
        alt_key = f"fp1:{fingerprint.hexdigest()}:{ordinal}"
        if not reference:
            return alt_key, alt_key, ordinal
        # The first detail bears the entry's own key: an entry sent once whole and once divided is seen to be the same.
        return f"ref1:{account}:{reference}" + (f":{detail}" if detail and detail > 1 else ""), alt_key, ordinal
