"""SWIFT statements MT940 and interim reports MT942, from a folder or from SFTP."""

import re
from functools import lru_cache

from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.file_source import FileSource, file_settings

from . import values
from .camt_reader import StatementReader
from .mt_details import details, unstructured
from .mt_message import messages
from .statement import BankEntry, BankReport, BankStatement, EntryKeys, ProvisionalEntry

_ENTRY = re.compile(
    r"([0-9]{6})([0-9]{4})? ?(RC|RD|EC|ED|C|D)([A-Z]?) ?([0-9]+)(?:[,.]([0-9]*))?([A-Z][A-Z0-9 ]{3})?(.*)"
)
_BALANCE = re.compile(r"([CD]) ?([0-9]{6}) ?([A-Z]{3}) ?([0-9]+)[,.]([0-9]*) *")
_FLOOR = re.compile(r"([A-Z]{3})[CD]? ?[0-9,.]+")
_TOTAL = re.compile(r"([0-9]{1,5}) ?([A-Z]{3}) ?([0-9]+)(?:[,.]([0-9]*))?")
_IN_BANK = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?/([A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})")
_CODES = {"60F": "OPBD", "60M": "ITBD", "62F": "CLBD", "62M": "ITBD", "64": "CLAV", "65": "FWAV"}
_MARKS = {
    "C": {"sign": "CRDT"},
    "D": {"sign": "DBIT"},
    "RC": {"sign": "DBIT", "is_reversal": "true"},
    "RD": {"sign": "CRDT", "is_reversal": "true"},
    "EC": {"sign": "CRDT", "status": "FUTR"},
    "ED": {"sign": "DBIT", "status": "FUTR"},
}
_INTERIM = frozenset({"34F", "13", "13D", "90C", "90D"})
# What stands in the customer's reference where the reference is in field :86:.
_POINTERS = frozenset({"EREF", "MARF", "PREF", "KREF"})


class Mt94x(FileSource):
    """One payload is one file with messages of any number of accounts."""

    code = "bank.mt94x"
    label = "Statements MT940, interim reports MT942"
    carries = (BankStatement, BankReport, BankEntry, ProvisionalEntry)
    settings = file_settings("*.sta")
    content_type = "text/plain"

    def parse(self, payload):
        """Each document before its entries, and its `Finding`s after them."""
        keys, reader = EntryKeys(), None
        with payload.open() as stream:
            for fields in messages(stream):
                message = Message(fields)
                # Banks count their references anew each day, so one names an entry with its day.
                reader = StatementReader(message.head, keys, message.kind, dated=True)
                yield reader.statement
                for entry in message.entries:
                    yield from reader.entry(entry)
                yield from reader.end({})
                if message.is_unproven:
                    yield Finding(
                        "totals_not_told", "Nothing says that the report is whole.", reader.statement.key, {}, False
                    )
        if reader is None:
            raise MalformedPayload("the file holds no statement", code="no_statement")


class Message:
    """One message as the fields of its document (`head`) and of its entries."""

    def __init__(self, fields):
        self.entries, self.balances = [], []
        self.head = {"balances": self.balances}
        self.kind = "intraday" if any(tag in _INTERIM for tag, _text in fields) else None
        self.currency = next(filter(None, (_currency_in(tag, text) for tag, text in fields)), None)
        for place, (tag, text) in enumerate(fields):
            self._take(tag, text, fields[place + 1 : place + 2])
        if not self.kind and not self.entries and "is_last_page" not in self.head:
            raise self._malformed("it ends before its closing balance (:62F:)")
        self.head["account"] = _account(self.head.get("account", ""), self.currency)

    def _take(self, tag, text, after):
        if tag == "61":
            if self._is_closed():
                raise self._malformed("an entry stands after the closing balance")
            self.entries.append(self._entry(text, after))
        elif tag in _CODES:
            self._balance(tag, text)
        elif tag in ("25", "25P"):
            self.head.setdefault("account", text.split("\n")[0])
        elif tag in ("28", "28C"):
            self._number(text.split("\n")[0])
        elif tag == "20":
            self.head["statement"] = text.split("\n")[0]
        elif tag in ("90C", "90D"):
            self._declared(tag, text)

    @property
    def is_unproven(self):
        return bool(self.kind) and not {"credits", "debits"} & self.head.keys()

    def _is_closed(self):
        return any(balance["code"] == "CLBD" for balance in self.balances) or "is_last_page" in self.head

    def _number(self, text):
        """Statement number and page; the reference of the message where there is no number."""
        number, _dash, page = text.strip().partition("/")
        if number.strip("0"):
            self.head["statement"] = self.head["sequence"] = number.strip()
        self.head["page"] = page.strip() if page.strip("0 ") else None

    def _balance(self, tag, text):
        found = _BALANCE.fullmatch(text.split("\n")[0])
        if not found:
            raise self._malformed(f"the balance :{tag}: cannot be read")
        side, day, currency, whole, part = found.groups()
        if tag == "60M":
            self.head["begins_interim"] = True
        elif tag in ("62F", "62M"):
            if "is_last_page" in self.head:
                raise self._malformed("there are two closing balances")
            self.head["is_last_page"] = "true" if tag == "62F" else "false"
        elif tag == "60F" and any(balance["code"] == "OPBD" for balance in self.balances):
            raise self._malformed("there are two opening balances")
        self.balances.append(
            {
                "code": _CODES[tag],
                "amount": _amount(whole, part),
                "amount_ccy": currency,
                "sign": "CRDT" if side == "C" else "DBIT",
                "balance_on": _day(day),
            }
        )

    def _declared(self, tag, text):
        found = _TOTAL.match(text)
        if not found:
            raise self._malformed(f"the total :{tag}: cannot be read")
        side, sums = ("credit_count", "credits") if tag == "90C" else ("debit_count", "debits")
        self.head |= {side: found[1], sums: _amount(found[3], found[4])}

    def _entry(self, text, after):
        first, _newline, supplement = text.strip("\n").partition("\n")
        found = _ENTRY.fullmatch(first.rstrip())
        if not found:
            # A few banks break the line before the amount.
            first, _newline, supplement = text.replace("\n", "", 1).strip("\n").partition("\n")
            found = _ENTRY.fullmatch(first.rstrip())
        if not found:
            raise self._malformed(f"entry {len(self.entries) + 1} cannot be read")
        value, booked, mark, _funds, whole, part, kind, reference = found.groups()
        customer, _slashes, bank = reference.partition("//")
        detail, codes = _beside(after, supplement.split("\n")[0].strip())
        if customer and customer not in _POINTERS:
            detail.setdefault("instruction", customer)
        return {
            "amount": _amount(whole, part),
            "amount_ccy": self.currency,
            "value_on": _day(value),
            "booked_on": _booked(value, booked) if booked else _day(value),
            "bank_reference": bank,
            "proprietary_code": "+".join(filter(None, ((kind or "").strip(), *codes))),
            "details": (detail,),
            **_MARKS[mark],
        }

    def _malformed(self, what):
        return MalformedPayload(f"message {self.head.get('statement', '')}: {what}", code="message")


def _beside(after, supplement):
    """What the fields behind an entry say of it: :86:, or :NS: of some banks."""
    for tag, text in after:
        if tag == "86":
            return details(text.strip("\n").removesuffix("\n-"), supplement)
        if tag == "NS":
            return unstructured(text), ()
        break
    return details("", supplement)


def _currency_in(tag, text):
    pattern = {"60F": _BALANCE, "60M": _BALANCE, "62F": _BALANCE, "62M": _BALANCE, "34F": _FLOOR}.get(tag)
    pattern = _TOTAL if tag in ("90C", "90D") else pattern
    found = pattern and pattern.match(text)
    return found and found[{_BALANCE: 3, _FLOOR: 1, _TOTAL: 2}[pattern]]


def _account(text, currency):
    """The account without the currency that some banks write behind it and the bank that others write before."""
    text = text.strip()
    in_bank = _IN_BANK.fullmatch(text)
    text = in_bank[1] if in_bank else text
    bare = text.removesuffix(currency).rstrip() if currency else text
    return bare if bare[-1:].isdigit() else text


def _amount(whole, part):
    return f"{whole}.{part}" if part else whole


@lru_cache(maxsize=4096)
def _day(text):
    """`YYMMDD` as a day of 1980 to 2079; a value date may be the 30th of February, as interest is counted."""
    century = "19" if text >= "80" else "20"
    day = f"{century}{text[:2]}-{text[2:4]}-{text[4:]}"
    if values.day(day) is None and text[2:] in ("0229", "0230"):
        return f"{century}{text[:2]}-02-{'29' if text[2:] == '0230' and _is_leap(century + text[:2]) else '28'}"
    return day


def _is_leap(year):
    return values.day(f"{year}-02-29") is not None


@lru_cache(maxsize=4096)
def _booked(value, month_day):
    """The booking date, which bears no year: that of the value date, or of the year beside it where that is nearer."""
    at = values.day(_day(value))
    if at is None:
        return _day(value)
    years = (at.year, at.year - 1, at.year + 1)
    days = [values.day(f"{year}-{month_day[:2]}-{month_day[2:]}") for year in years]
    near = min((day for day in days if day), key=lambda day: abs(day - at), default=None)
    return near.isoformat() if near else f"{at.year}-{month_day[:2]}-{month_day[2:]}"
