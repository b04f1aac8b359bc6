"""Statements of bank accounts and cards in OFX (1.x, 2.x) and QFX, from a folder or from SFTP.

The format has no opening balance and no count, so what proves it is the bank's balance and the statements beside it.
"""

import re

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.connector import Setting
from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.file_source import FileSource, file_settings

from . import values
from .camt_reader import StatementReader
from .currencies import decimals
from .ofx_elements import elements
from .statement import BankEntry, BankStatement, EntryKeys, ProvisionalEntry

_STATEMENTS = frozenset(("STMTRS", "CCSTMTRS"))
_ENTRIES = {"STMTTRN": None, "STMTTRNP": "PDNG"}
# Groups whose leaves would be taken for those of the group around them.
_GROUPS = frozenset(
    [
        "BANKACCTFROM",
        "CCACCTFROM",
        "BANKACCTTO",
        "CCACCTTO",
        "LEDGERBAL",
        "AVAILBAL",
        "PAYEE",
        "CURRENCY",
        "ORIGCURRENCY",
        "BAL",
        "STATUS",
        "BANKTRANLIST",
        "BANKTRANLISTP",
    ]
)
_PLAIN = re.compile(r"([+-]?)([0-9]*)(?:[.,]([0-9]*))?")
_GROUPED = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+)")
_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[0-9]{2,6}(?:\.[0-9]+)?)?(?: ?\[.*\])?")


class Ofx(FileSource):
    """One payload is one file with statements of any number of accounts."""

    code = "bank.ofx"
    label = "Statements OFX and QFX"
    carries = (BankStatement, BankEntry, ProvisionalEntry)
    settings = file_settings(
        "*.ofx",
        Setting("account", "Account", required=False, help="The account of files that name none, as on the journal."),
    )
    content_type = "application/x-ofx"

    def parse(self, payload):
        """Each statement before its entries, and its `Finding`s after them."""
        keys = EntryKeys()
        with payload.open() as stream:
            for statement in _statements(stream, self.account):
                # FITID is meant to be unique, and banks number anew; so it names an entry with its day.
                reader = StatementReader(statement.head(), keys, dated=True, needs_balances=False)
                yield reader.statement
                for entry in statement.entries:
                    yield from reader.entry(statement.entry(entry))
                yield from reader.end({})
                if statement.corrections:
                    text = f"{statement.corrections} entries correct or delete what the bank told before."
                    yield Finding("correction", text, reader.statement.key, {"count": statement.corrections})
        if not keys.has_documents:
            raise MalformedPayload("the file holds no statement", code="no_statement")


def _statements(stream, account):
    """Each statement of the file, when it has ended; `account` is that of statements that name none."""
    statement, is_ended, trouble = None, False, None
    for name, text in elements(stream):
        if name in _STATEMENTS:
            statement = _Statement(account)
        elif name in ("/STMTRS", "/CCSTMTRS") and statement:
            yield statement
            statement = None
        elif name == "INVSTMTRS":
            raise MalformedPayload("this is a statement of investments, not of a bank account", code="other_message")
        elif statement:
            statement.take(name, text)
        elif name == "SEVERITY" and text == "ERROR":
            trouble = "the bank answered with an error"
        is_ended = name == "/OFX"
    if statement or not is_ended:
        raise MalformedPayload("the file ends before its last element (</OFX>)", code="truncated")
    if trouble:
        raise MalformedPayload(trouble, code="bank_error")


class _Statement:
    """The leaves of one statement by their groups, while it is read."""

    def __init__(self, account):
        self._account = account
        self.leaves, self.entries, self.corrections = {}, [], 0
        self._into, self._group = self.leaves, ""

    def take(self, name, text):
        if name in _ENTRIES:
            self._into, self._group = {"status": _ENTRIES[name]}, ""
            self.entries.append(self._into)
        elif name in ("/STMTTRN", "/STMTTRNP", "/BANKTRANLIST", "/BANKTRANLISTP"):
            self._into, self._group = self.leaves, ""
        elif name in _GROUPS:
            self._group = f"{name}."
        elif name[0] == "/":
            self._group = "" if name[1:] in _GROUPS else self._group
        elif text:
            self._into.setdefault((self._group if self._group[:8] != "BANKTRAN" else "") + name, text)

    def head(self):
        told = self.leaves
        account = told.get("BANKACCTFROM.ACCTID") or told.get("CCACCTFROM.ACCTID") or self._account
        first, last = (_day(told.get(name)) for name in ("DTSTART", "DTEND"))
        return {
            "account": account,
            "account_ccy": told.get("CURDEF"),
            "servicer": told.get("BANKACCTFROM.BANKID"),
            "statement": "/".join(filter(None, (first, last))) or None,
            "from_on": first,
            "to_on": last,
            "balances": list(self._balances(last)),
            # Periods are asked for as people like, so what a statement contains belongs to what it is.
            "mark": digest(canonical(self.told()))[:16],
        }

    def told(self):
        """Its entries without what says nothing."""
        return [{name: text for name, text in entry.items() if text} for entry in self.entries]

    def _balances(self, last):
        for group, code in (("LEDGERBAL", "CLBD"), ("AVAILBAL", "CLAV")):
            text, day = self.leaves.get(f"{group}.BALAMT"), _day(self.leaves.get(f"{group}.DTASOF"))
            if text:
                sign, amount = _amount(text, self.leaves.get("CURDEF"))
                # The balance of a later day is not the one that the entries end with.
                code = "ITBD" if code == "CLBD" and day and last and day > last else code
                ccy = self.leaves.get("CURDEF")
                yield {"code": code, "amount": amount, "amount_ccy": ccy, "sign": sign, "balance_on": day}

    def entry(self, told):
        if told.get("CORRECTFITID"):
            self.corrections += 1
        currency = told.get("CURRENCY.CURSYM") or self.leaves.get("CURDEF")
        sign, amount = _amount(told.get("TRNAMT", ""), currency)
        if not told.get("DTPOSTED"):
            raise MalformedPayload("an entry has no date (DTPOSTED)", code="date")
        other = told.get("NAME") or told.get("PAYEE.NAME")
        account = told.get("BANKACCTTO.ACCTID") or told.get("CCACCTTO.ACCTID")
        lines = [text for text in (told.get("MEMO"), told.get("EXTDNAME")) if text]
        detail = {
            "remittance": lines or ([other] if other else []),
            "instruction": told.get("CHECKNUM") or told.get("REFNUM"),
            "rate": told.get("ORIGCURRENCY.CURRATE"),
            **dict.fromkeys(("debtor", "creditor"), other),
            **{f"{side}_account": account for side in ("debtor", "creditor")},
        }
        return {
            "amount": amount,
            "amount_ccy": currency,
            "sign": sign,
            "status": told["status"],
            "booked_on": _day(told["DTPOSTED"]),
            "value_on": _day(told.get("DTAVAIL")),
            "bank_reference": told.get("FITID"),
            "proprietary_code": told.get("TRNTYPE"),
            "details": ({name: text for name, text in detail.items() if text},),
        }


def _amount(text, currency):
    """(side, unsigned amount); a comma or a point is the decimal mark, and the other one may group thousands."""
    text = text.strip()
    found = _GROUPED.fullmatch(text)
    if found:
        decimal = max(found[2].rfind(","), found[2].rfind("."))
        whole, part = re.sub(r"[.,]", "", found[2][:decimal]), found[2][decimal + 1 :]
    else:
        found = _PLAIN.fullmatch(text)
        whole, part = (found[2], found[3] or "") if found else ("", "")
        if len(part) == 3 and decimals(currency or "") != 3:
            # 1.234 is one and a bit by the standard, and a thousand to many who write it.
            raise MalformedPayload("an amount has three decimals: nobody can tell what it is", code="amount")
    if not found or not (whole or part):
        raise MalformedPayload("an amount is not a number", code="amount")
    return ("DBIT" if found[1] == "-" else "CRDT"), f"{whole or '0'}.{part}" if part else whole


def _day(text):
    """The date as the bank wrote it; nothing where it wrote none or zeros."""
    if not text or not text.strip("0"):
        return None
    found = _DATE.fullmatch(text)
    day = found and "-".join(found.groups())
    if not day or values.day(day) is None:
        raise MalformedPayload(f"{text[:20]} is not a date", code="date")
    return day
