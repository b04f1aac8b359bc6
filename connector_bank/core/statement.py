"""The canonical bank statement, whatever format it came in, and the rules by which its entries are told apart.

Rules carry a version (`ref1`, `fp1`, `stm1`), because a key that changes its meaning would book everything again.
"""

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256 as _sha256
from typing import Annotated

from odoo.addons.finance_integration_governance.core.canonical import plain
from odoo.addons.finance_integration_governance.core.contract import (
    Canonical,
    Code,
    Currency,
    Reference,
    Text,
)
from odoo.addons.finance_integration_governance.core.dictionary import means
from odoo.addons.finance_integration_governance.core.masking import AccountNumber, FreeText, PersonName

Account = Annotated[str, Text(64, r"[0-9A-Z./:_-]+")]

# What banks write where they have no reference.
NO_REFERENCE = frozenset(
    {"", "NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF", "NONE", "UNKNOWN", "N/A", "NA", "-", "0"}
)
_new, _set = object.__new__, object.__setattr__
_NOT_ACCOUNT = re.compile(r"[^0-9A-Z./:_-]+")


def identity(default=None):
    """A member that says which object this is, and not what it contains: it is in no digest."""
    return field(default=default, compare=False)


@dataclass(frozen=True, slots=True)
class Balance:
    """`code` as in ISO 20022 (OPBD, CLBD, PRCD, ITBD, CLAV ...); `amount` is negative for a debit balance."""

    code: Code = means("The kind of balance: OPBD, CLBD, PRCD, ITBD, CLAV and others.", iso="Tp/CdOrPrtry/Cd")
    amount: Decimal = means("Negative for a debit balance.", iso="Amt")
    currency: Currency = means("The currency of the balance.", iso="Amt/@Ccy")
    on: dt.date | None = means("The day that the balance is of.", None, iso="Dt/Dt")


@dataclass(frozen=True, slots=True)
class DeclaredTotals:
    """What the bank says the booked entries add up to; credits and debits without sign, net with sign."""

    count: int | None = means("How many entries there are.", None, iso="TtlNtries/NbOfNtries")
    credit_count: int | None = means("How many of them are credits.", None, iso="TtlCdtNtries/NbOfNtries")
    debit_count: int | None = means("How many of them are debits.", None, iso="TtlDbtNtries/NbOfNtries")
    credits: Decimal | None = means("The sum of the credits, without sign.", None, iso="TtlCdtNtries/Sum")
    debits: Decimal | None = means("The sum of the debits, without sign.", None, iso="TtlDbtNtries/Sum")
    net: Decimal | None = means("Credits less debits.", None, iso="TtlNtries/TtlNetNtry/Amt")


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge as the bank shows it; `amount` is negative where it was taken. `is_included`: in the entry's amount."""

    amount: Decimal = means("Negative where it was taken.", iso="Rcrd/Amt")
    currency: Currency = means("The currency of the charge.", iso="Rcrd/Amt/@Ccy")
    kind: Code | None = means("What is charged for.", None, iso="Rcrd/Tp")
    is_included: bool | None = means("Whether the entry's amount has it in already.", None, iso="Rcrd/ChrgInclInd")


@dataclass(frozen=True, slots=True)
class Remitted:
    """One document that a payment is for, such as an invoice, and what of it is paid."""

    number: Reference | None = means("The document's own number.", None, iso="Strd/RfrdDocInf/Nb")
    kind: Code | None = means("What it is: CINV, CREN and others.", None, iso="Strd/RfrdDocInf/Tp")
    on: dt.date | None = means("The day of the document.", None, iso="Strd/RfrdDocInf/RltdDt")
    reference: Reference | None = means("What the creditor wants to read.", None, iso="Strd/CdtrRefInf/Ref")
    amount: Decimal | None = means("What of it is paid.", None, iso="Strd/RfrdDocAmt/RmtdAmt")
    currency: Currency | None = means("The currency of what is paid.", None, iso="RmtdAmt/@Ccy")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatement(Canonical):
    """One statement of one account. Its entries follow it and name it as their parent."""

    contract = "bank.statement/1.0"

    account: Account = means("IBAN or account number, without blanks.", iso="Acct/Id/IBAN")
    statement: Reference = means("The statement's identification.", iso="Id")
    currency_of_account: Currency | None = means("The currency of the account.", None, iso="Acct/Ccy")
    servicer: Code | None = means("BIC of the bank that keeps the account.", None, iso="Acct/Svcr/FinInstnId/BICFI")
    sequence: Code | None = means("The electronic sequence number.", None, iso="ElctrncSeqNb")
    legal_sequence: Code | None = means("The legal sequence number.", None, iso="LglSeqNb")
    page: int | None = means("The page, where a statement comes in several.", None, iso="StmtPgntn/PgNb")
    is_last_page: bool | None = means("Whether no page follows.", None, iso="StmtPgntn/LastPgInd")
    from_on: dt.date | None = means("The first day.", None, iso="FrToDt/FrDtTm")
    to_on: dt.date | None = means("The last day.", None, iso="FrToDt/ToDtTm")
    opening: Balance | None = means("What was on the account before.", None, iso="Bal")
    closing: Balance | None = means("What was on the account afterwards.", None, iso="Bal")
    balances: tuple[Balance, ...] = means("Every balance that the bank tells.", (), iso="Bal")
    declared: DeclaredTotals | None = means("What the bank says that the entries add up to.", None, iso="TxsSummry")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReport(BankStatement):
    """What a bank tells between two statements: evidence of its day, never booked.

    `kind`: `intraday` (camt.052, MT942, interim BAI2) or `notification` (camt.054).
    """

    contract = "bank.report/1.0"

    kind: Code = means("What it is: intraday or notification.")


@dataclass(frozen=True, kw_only=True)
class BankEntry(Canonical):
    """One booked row: an entry, or one detail of an entry whose details add up to it. `amount`: credits are positive.

    `detail` counts from 1 within a divided entry; `details` is how many details an undivided entry has.
    """

    contract = "bank.entry/1.1"
    coded = {"bank_code": "transaction"}

    account: Account = means("IBAN or account number, without blanks.", iso="Acct/Id/IBAN")
    amount: Decimal = means("What moved; credits are positive.", iso="Ntry/Amt")
    currency: Currency = means("The currency of the account.", iso="Ntry/Amt/@Ccy")
    booked_on: dt.date = means("The day on which the bank booked it.", iso="BookgDt")
    value_on: dt.date | None = means("The day from which it bears interest.", None, iso="ValDt")
    status: Code | None = means("How final the booking is.", None, iso="Sts")
    is_reversal: bool = means("Whether it takes back an earlier entry.", False, iso="RvslInd")
    bank_reference: Reference | None = means("The bank's own number of the entry.", None, iso="AcctSvcrRef")
    detail_reference: Reference | None = means("The bank's own number of the detail.", None, iso="Refs/AcctSvcrRef")
    end_to_end: Reference | None = means("The reference that the payer gave.", None, iso="EndToEndId")
    instruction: Reference | None = means("The reference of the instruction.", None, iso="InstrId")
    transaction: Reference | None = means("The reference between the banks.", None, iso="TxId")
    mandate: Reference | None = means("The direct debit mandate.", None, iso="MndtId")
    uetr: Code | None = means("The unique end-to-end transaction reference.", None, iso="UETR")
    counterparty: PersonName | None = means("Who sent or got it.", None, iso="RltdPties/Dbtr/Nm, Cdtr/Nm")
    counterparty_account: AccountNumber | None = means("The account on the other side.", None, iso="DbtrAcct, CdtrAcct")
    counterparty_agent: Code | None = means("BIC of the bank on the other side.", None, iso="RltdAgts")
    remittance: FreeText | None = means("What it is for.", None, iso="RmtInf/Ustrd")
    structured_reference: Reference | None = means("What it is for, as a reference.", None, iso="CdtrRefInf/Ref")
    additional: FreeText | None = means("What the bank adds in words.", None, iso="AddtlNtryInf, AddtlTxInf")
    bank_code: Code | None = means("What kind of transaction it is.", None, iso="BkTxCd/Domn")
    proprietary_code: Reference | None = means("The same in the bank's own words.", None, iso="BkTxCd/Prtry/Cd")
    return_reason: Code | None = means("Why it came back.", None, iso="RtrInf/Rsn/Cd")
    batch: Reference | None = means("The payment batch that it belongs to.", None, iso="Btch/PmtInfId")
    batch_count: int | None = means("How many payments the batch holds.", None, iso="Btch/NbOfTxs")
    charges: tuple[Charge, ...] = means("What the bank charged for it.", (), iso="Chrgs")
    original_amount: Decimal | None = means("The amount before it was exchanged.", None, iso="AmtDtls/InstdAmt/Amt")
    original_currency: Currency | None = means("The currency before it was exchanged.", None, iso="InstdAmt/Amt/@Ccy")
    rate: Decimal | None = means("The rate of exchange.", None, iso="CcyXchg/XchgRate")
    detail: int | None = means("Its place within an entry that was divided, counted from 1.", None)
    details: int | None = means("How many details an entry has that was not divided.", None)
    documents: tuple[Remitted, ...] = means("The documents that it is for, where they are told.", (), iso="RmtInf/Strd")
    purpose: Code | None = means("Why it was paid: SALA, TAXS and others.", None, iso="Purp/Cd")
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
    def of(cls, values):
        """An entry from the members that have a value: the class has the others. __init__ is four times as slow."""
        entry = _new(cls)
        _set(entry, "__dict__", values)
        return entry


@dataclass(frozen=True, kw_only=True)
class ProvisionalEntry(BankEntry):
    """An entry that is not final: pending, for information, of an intraday report or of a notification."""

    contract = "bank.provisional/1.0"


def account_number(text):
    """An IBAN or domestic number without blanks, in capitals: one account, one spelling."""
    if not text:
        return None
    text = text.upper()
    return text if text.isalnum() and text.isascii() else _NOT_ACCOUNT.sub("", text)


def usable_reference(text):
    """The reference in one spelling, or None where the bank has only filled the field."""
    if not text:
        return None
    reference = text if text.isalnum() else " ".join(text.split())
    # The longest of them has twelve characters.
    return None if len(reference) <= 12 and reference.upper() in NO_REFERENCE else reference


def statement_key(account, statement, closing, page=None, mark=None):
    """Banks use statement numbers again every year, so the closing balance and its date are part of the key.

    `mark` is a total of the bank's where statements have no numbers.
    """
    end = f"{closing.on or ''}:{plain(closing.amount)}{closing.currency}" if closing else ":"
    return f"stm1:{account}:{statement}:{end}" + "".join(f":{one}" for one in (page, mark) if one)


class EntryKeys:
    """Keys for the entries of one payload, in their order.

    An entry is known by the bank's reference; where there is none, by what it says, and by its place among those that
    say exactly the same. Two identical payments on one day are two payments.
    """

    def __init__(self):
        self._seen, self._documents = {}, set()

    @property
    def has_documents(self):
        return bool(self._documents)

    def of_document(self, key):
        """The keys for the entries of the document with this key.

        A document that a payload holds a second time tells the same entries again, so they are counted from the start.
        """
        if key in self._documents:
            return EntryKeys()
        self._documents.add(key)
        return self

    def of(self, account, reference, detail, content):
        """(key, alt_key, ordinal) of an entry; `content` is the tuple of texts that would be compared by eye."""
        fingerprint = _sha256("\x1f".join((account, *content)).encode()).digest()
        short = fingerprint[:12]
        self._seen[short] = ordinal = self._seen.get(short, 0) + 1
        alt_key = f"fp1:{fingerprint.hex()}:{ordinal}"
        if not reference:
            return alt_key, alt_key, ordinal
        # The first detail bears the entry's own key: an entry sent once whole and once divided is seen to be the same.
        return f"ref1:{account}:{reference}" + (f":{detail}" if detail and detail > 1 else ""), alt_key, ordinal
