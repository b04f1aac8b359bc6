"""Cash management files BAI2 and BTRS 3, from a folder or from SFTP.

Amounts are whole minor units; the type of a record says its side. Each account, group and file ends with the sum of the
amounts as written and with the number of records, and each is held against what was read.
"""

from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.file_source import FileSource, file_settings

from .bai2_fields import day_of, detail_fields, is_credit, number_in, padded, split, summaries, text_of, whole
from .bai2_records import Layout, records
from .camt_reader import StatementReader
from .currencies import major
from .statement import BankEntry, BankReport, BankStatement, EntryKeys, ProvisionalEntry, usable_reference

_BALANCES = {"010": "OPBD", "015": "CLBD", "040": "OPAV", "045": "CLAV", "030": "ITBD", "060": "ITAV"}
_TOTALS = {"100": ("credit_count", "credits"), "400": ("debit_count", "debits")}
# As-of modifiers 1 and 3: the bank will tell this day once more.
_INTERIM = frozenset(("1", "3"))
_UPDATE, _CORRECTION = "1", "3"


class Bai2(FileSource):
    """One payload is one file, or several one after another."""

    code = "bank.bai2"
    label = "Statements BAI2 and BTRS 3"
    carries = (BankStatement, BankReport, BankEntry, ProvisionalEntry)
    settings = file_settings("*.bai*")
    content_type = "text/plain"

    def parse(self, payload):
        """Each document before its entries, and its `Finding`s after them; those of groups and files last."""
        keys, layout, file = EntryKeys(), Layout(), None
        with payload.open() as stream:
            for record in records(stream, layout):
                if record.code == "16" and file and file.account:
                    file.account.add(record)
                elif record.code == "01":
                    if file:
                        raise MalformedPayload("a file begins before the one before it ends", code="truncated")
                    file = _File(record, keys)
                elif file is None:
                    raise MalformedPayload("the file does not begin with a header (01)", code="no_statement")
                else:
                    yield from file.take(record)
                    file = None if record.code == "99" else file
        if file or not keys.has_documents:
            raise MalformedPayload("the file ends before its trailer (99)", code="truncated")
        if layout.is_odd:
            text = "Lines of the file hold several records, or break one: somebody has to see whether it came whole."
            yield Finding("lines_joined", text, None, {"joined": layout.joined, "broken": layout.broken})


class _Part:
    """A file, group or account while it is read: what its trailer has to say."""

    def __init__(self, record):
        self.records, self.total, self.parts = record.count, 0, 0

    def closed(self, name, fields, counted):
        """The differences between a trailer's fields (total, parts and records, or records) and what was read."""
        declared = [*fields, "", "", ""][: len(counted)]
        found = {what: (said, got) for (what, got), said in zip(counted.items(), declared, strict=True)}
        unmet = {what: f"{said} / {got}" for what, (said, got) in found.items() if said and number_in(said) != got}
        if not unmet:
            return None
        text = f"The bank's own totals of the {name} are not met: {', '.join(unmet)}."
        return Finding("totals_unmet", text, None, unmet)


class _File(_Part):
    def __init__(self, record, keys):
        super().__init__(record)
        self.keys, self.group, self.account = keys, None, None
        if (record.fields() + [""] * 8)[7] not in ("2", "3"):
            raise MalformedPayload("this is not BAI version 2 or BTRS version 3", code="other_message")

    def take(self, record):
        match record.code:
            case "02" if self.group is None:
                self.group = _Group(record)
            case "03" if self.group and self.account is None:
                self.account = _Account(record, self.group)
            case "49" if self.account:
                yield from self._end_account(record)
            case "98" if self.group and self.account is None:
                yield from self._end_group(record)
            case "99" if self.group is None:
                if not [*record.fields(), "", "", ""][2]:
                    raise MalformedPayload("the file's trailer (99) is cut off", code="truncated")
                self.records += record.count
                counted = {"total": self.total, "groups": self.parts, "records": self.records}
                yield from filter(None, [self.closed("file", record.fields(), counted)])
            case _:
                raise MalformedPayload(f"a record {record.code} stands where none belongs", code="record")

    def _end_account(self, record):
        account, fields = self.account, record.fields()
        account.records += record.count
        total = account.total
        self.group.total += whole(fields[0], "49") if fields[0] else total
        self.group.parts += 1
        self.group.records += account.records
        unmet = account.closed("account", fields, {"total": total, "records": account.records})
        self.account = None
        yield from account.told(self.keys, unmet)

    def _end_group(self, record):
        group, fields = self.group, record.fields()
        group.records += record.count
        self.total += whole(fields[0], "98") if fields[0] else group.total
        self.parts += 1
        self.records += group.records
        self.group = None
        counted = {"total": group.total, "accounts": group.parts, "records": group.records}
        yield from filter(None, [group.closed("group", fields, counted)])


class _Group(_Part):
    def __init__(self, record):
        super().__init__(record)
        _receiver, _sender, status, day, _time, currency, modifier = (record.fields() + [""] * 7)[:7]
        if status not in (_UPDATE, _CORRECTION, ""):
            raise MalformedPayload(f"the group's status is {status}: a deletion or a test", code="group_status")
        self.day, self.currency, self.is_interim = day_of(day), currency or "USD", modifier in _INTERIM
        self.is_correction = status == _CORRECTION


class _Account(_Part):
    """One account's record 03 and the entries below it, until its trailer comes."""

    def __init__(self, record, group):
        super().__init__(record)
        self.group = group
        number, currency, *rest = [*record.fields(), ""]
        self.currency = currency or group.currency
        self.head = {
            "account": number,
            "statement": group.day,
            "account_ccy": self.currency,
            "created_at": group.day,
            "from_on": group.day,
            "to_on": group.day,
            "balances": [],
        }
        self.entries, self.numbers = [], []
        for code, amount, count in summaries(rest):
            self._summary(code, amount, count)

    def _summary(self, code, amount, count):
        self.total += whole(amount, code)
        sign, digits = self._side(amount)
        if code in _BALANCES:
            balance = {"code": _BALANCES[code], "amount": digits, "amount_ccy": self.currency, "sign": sign}
            self.head["balances"].append({**balance, "balance_on": self.group.day})
        elif code in _TOTALS:
            counted, summed = _TOTALS[code]
            self.head |= {summed: str(digits)} | ({counted: count} if count.strip("0") else {})

    def _side(self, text):
        """(side, unsigned amount in the currency) of a number as it is written."""
        number = whole(text, "")
        return ("DBIT" if number < 0 else "CRDT"), major(abs(number), self.currency)

    def add(self, record):
        """Count it and put it aside as one text, with its number, which is the least that it can be held as."""
        self.records += record.count
        segments = record.segments
        parts = segments[0].split(",", 2)
        code, amount = parts[:2] if len(parts) == 3 else padded(*split(segments, 2), 2)[0]
        number = whole(amount, code)
        self.total += number
        self.numbers.append(number)
        self.entries.append("\n".join(segments))

    def _entry(self, text, number):
        code, _amount, _funds, day, bank, customer, lines = detail_fields(text.split("\n"))
        entry = {
            "amount": major(abs(number), self.currency),
            "amount_ccy": self.currency,
            "sign": "CRDT" if is_credit(code) is (number >= 0) else "DBIT",
            "booked_on": self.group.day,
            "details": (text_of(lines),),
            "told": {"proprietary_code": code},
        }
        if bank:
            entry["told"]["bank_reference"] = usable_reference(bank)
        if customer:
            entry["told"]["instruction"] = usable_reference(customer)
        if day:
            entry["value_on"] = day_of(day)
        return entry

    def told(self, keys, unmet):
        self.head["mark"] = str(self.total)
        kind = "intraday" if self.group.is_interim else None
        # A status report may end before the day does, so balances are proof where they are told, and not asked for.
        reader = StatementReader(self.head, keys, kind, dated=True, needs_balances=False)
        yield reader.statement
        for text, number in zip(self.entries, self.numbers, strict=True):
            yield from reader.entry(self._entry(text, number))
        yield from reader.end({})
        if unmet:
            yield Finding(unmet.code, unmet.text, reader.statement.key, unmet.facts)
        if self.group.is_correction:
            yield Finding("correction", "The bank corrects what it told before.", reader.statement.key)
