"""Whether a file of payments says of itself what is in it: counts and sums of the document and of each group.

Reads any pain.001 (.02 to .13) and pain.008, whoever wrote it, as a stream. A control sum adds amounts whatever their
currency is. A group need not declare anything; the document has to declare its count.
"""

import re
from dataclasses import dataclass, field
from decimal import Context, Decimal

from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.totals import ControlTotals
from odoo.addons.finance_integration_governance.core.xml import Parts, Valued, bound, read

from .values import amount, count

_EXACT = Context(prec=60)
_NAMESPACE = re.compile(r".*\b(pain\.00[18]\.001\.[0-9]{2})(?:\.\w+)*(?:\.xsd)?")
_IDENTIFICATION = {"EndToEndId": "end_to_end_id", "UETR": "uetr"}
_CREDIT = {
    "PmtId": _IDENTIFICATION,
    "Amt": {"InstdAmt": Valued("amount", "Ccy"), "EqvtAmt": {"Amt": Valued("amount", "Ccy")}},
}
_DEBIT = {"PmtId": _IDENTIFICATION, "InstdAmt": Valued("amount", "Ccy")}
_DECLARED = {"NbOfTxs": "count", "CtrlSum": "sum"}


def _message(transaction, table):
    group = {"PmtInfId": "group", **_DECLARED, transaction: table}
    header = {"MsgId": "message", **_DECLARED, "-": {}}
    return {"GrpHdr": Parts(header, "-"), "PmtInf": Parts(group, transaction)}


_TABLE = {
    "CstmrCdtTrfInitn": _message("CdtTrfTxInf", _CREDIT),
    "CstmrDrctDbtInitn": _message("DrctDbtTxInf", _DEBIT),
}


@dataclass
class Counted:
    """What was declared of a document or of a group, and what is in it."""

    name: str
    declared_count: str | None = None
    declared_sum: str | None = None
    count: int = 0
    sum: Decimal = Decimal(0)

    def add(self, value):
        self.count, self.sum = self.count + 1, _EXACT.add(self.sum, value)

    def differences(self, what):
        """A `Finding` for each control field that does not hold."""
        if self.declared_count is not None and count(self.declared_count) != self.count:
            yield _differs(f"{what}_count", self, self.declared_count, self.count)
        if self.declared_sum is not None and amount(self.declared_sum) != self.sum:
            yield _differs(f"{what}_sum", self, self.declared_sum, self.sum)


@dataclass
class Checked:
    """What a file holds. `findings`: where it does not say so itself; `totals`: of its payments, by reference."""

    version: str = ""
    message: Counted | None = None
    groups: list = field(default_factory=list)
    findings: list = field(default_factory=list)
    totals: ControlTotals = field(default_factory=ControlTotals)

    def has(self, *codes):
        return any(finding.code in codes for finding in self.findings)


def check(stream):
    """`Checked` of a binary stream; MalformedPayload where it is no file of payments."""
    checked, seen = Checked(), set()
    for kind, fields in read(stream, _table_of(checked)):
        if kind == "part":
            _payment(checked, fields, seen)
        elif kind == "begin":
            _begin(checked, fields)
    if checked.message is None:
        raise MalformedPayload("the file has no group header", code="no_header")
    if checked.message.declared_count is None:
        checked.findings.append(Finding("message_count", "the document does not say how many payments it holds"))
    checked.findings += checked.message.differences("message")
    for group in checked.groups:
        checked.findings += group.differences("group")
    return checked


def _table_of(checked):
    def table_of(namespace, name):
        found = _NAMESPACE.fullmatch(namespace)
        if name != "Document" or not found:
            raise MalformedPayload("this is no pain.001 or pain.008", code="other_message")
        checked.version = found[1]
        return bound(_TABLE, namespace)

    return table_of


def _begin(checked, fields):
    counted = Counted(fields.get("message") or fields.get("group") or "", fields.get("count"), fields.get("sum"))
    if checked.message is None:
        checked.message = counted
        return
    if any(group.name == counted.name for group in checked.groups):
        text = f"the group {counted.name} stands twice in the file"
        checked.findings.append(Finding("group_twice", text, facts={"group": counted.name}))
    checked.groups.append(counted)


def _payment(checked, fields, seen):
    value, currency, key = amount(fields.get("amount")), fields.get("amount_ccy"), fields.get("end_to_end_id")
    if value is None or not checked.groups:
        raise MalformedPayload("a payment has no amount that can be read", code="amount")
    checked.message.add(value)
    checked.groups[-1].add(value)
    if key and key != "NOTPROVIDED" and key in seen:
        checked.findings.append(Finding("payment_twice", f"the reference {key} stands twice", facts={"key": key}))
    seen.add(key)
    checked.totals.add(key or "", value, currency)


def _differs(code, counted, declared, found):
    text = f"{counted.name} declares {declared} and holds {found}"
    return Finding(code, text, facts={"declared": str(declared), "found": str(found), "name": counted.name})
