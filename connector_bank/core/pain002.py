"""Payment status reports, pain.002.001.03 to .15, from a folder, SFTP or an object store."""

import re

from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.file_source import FileSource, file_settings
from odoo.addons.finance_integration_governance.core.xml import Coded, Groups, Parts, Texts, Valued, bound, read

from .payment import PaymentStatus, status_key
from .values import amount, count

# What ISO 20022 writes where something has no identification.
NOT_PROVIDED = "NOTPROVIDED"
_VERSION = re.compile(r".*\bpain\.002\.001\.(0[3-9]|1[0-9])(?:\.\w+)*(?:\.xsd)?")
_REASONS = Groups("reasons", {"Rsn": Coded("code"), "AddtlInf": Texts("words")})
_COUNTS = Groups("counts", {"DtldNbOfTxs": "count", "DtldSts": "status"})
_DECLARED = {"OrgnlNbOfTxs": "declared_count", "OrgnlCtrlSum": "declared_sum"}
_PAYMENT = {
    "OrgnlEndToEndId": "end_to_end_id",
    "OrgnlUETR": "uetr",
    "TxSts": "status",
    "StsRsnInf": _REASONS,
    "OrgnlTxRef": {"Amt": {"InstdAmt": Valued("amount", "Ccy")}},
}
_TABLE = {
    "CstmrPmtStsRpt": {
        "GrpHdr": Parts({"MsgId": "message", "CreDtTm": "told_at", "-": {}}, "-"),
        "OrgnlGrpInfAndSts": Parts(
            {
                "OrgnlMsgId": "original_message",
                "OrgnlMsgNmId": "about",
                "GrpSts": "status",
                "StsRsnInf": _REASONS,
                "NbOfTxsPerSts": _COUNTS,
                **_DECLARED,
                "-": {},
            },
            "-",
        ),
        "OrgnlPmtInfAndSts": Parts(
            {
                "OrgnlPmtInfId": "original_group",
                "PmtInfSts": "status",
                "StsRsnInf": _REASONS,
                "NbOfTxsPerSts": _COUNTS,
                "TxInfAndSts": _PAYMENT,
                **_DECLARED,
            },
            "TxInfAndSts",
        ),
    }
}


class StatusFiles(FileSource):
    """One payload is one report; it tells of one file of payments, of its groups and of single payments.

    Levels of which a report says nothing are left out. A report on a file that the bank could not read names no
    original; it is told as one on NOTPROVIDED, for a person to look at.
    """

    code = "status.pain002"
    label = "Payment status pain.002"
    carries = (PaymentStatus,)
    settings = file_settings("*.xml")
    content_type = "application/xml"

    def parse(self, payload):
        """Each level's status in the order of the file, then `Finding`s where it contradicts its own counts."""
        with payload.open() as stream:
            yield from Report().read(read(stream, status_table))


def status_table(namespace, name):
    """What `xml.read` needs to give out a report; MalformedPayload for another message."""
    # Some banks misspell xmlns, and their elements are in no namespace at all.
    if name != "Document" or (namespace and not _VERSION.fullmatch(namespace)):
        told = namespace.rpartition(":")[2] or name
        raise MalformedPayload(f"this is {told}, not pain.002.001.03 or later", code="other_message")
    return bound(_TABLE, namespace)


class Report:
    """Makes the statuses of one report."""

    def __init__(self):
        self._head, self._original, self._group, self._told = None, None, {}, 0
        self._tallies, self._seen, self._part = [], {}, None

    def read(self, events):
        for kind, fields in events:
            if kind == "end":
                # What a group says of itself may stand behind its payments.
                yield from self._closed(fields)
            elif kind == "part":
                yield from self._payment(fields)
            else:
                yield from self._begun(fields)
        if self._head is None or self._original is None:
            raise MalformedPayload("the report does not say what it is about", code="no_original")
        if not self._told:
            raise MalformedPayload("the report tells no status", code="no_status")
        yield from self._uncounted()

    def _begun(self, fields):
        if self._head is None:
            self._head = {"message": _id(fields, "message"), "told_at": fields.get("told_at")}
        elif self._original is None:
            self._original = _id(fields, "original_message")
            yield from self._level("message", fields)
        else:
            self._group, self._seen = {"original_group": _id(fields, "original_group")}, {}
            yield from self._level("group", fields)

    def _payment(self, fields):
        if not fields.get("status"):
            raise MalformedPayload("the report names a payment without a status", code="no_status")
        self._seen[fields["status"]] = self._seen.get(fields["status"], 0) + 1
        named = {"end_to_end_id": fields.get("end_to_end_id"), "uetr": fields.get("uetr")}
        paid = amount(fields.get("amount"))
        if paid is not None and fields.get("amount_ccy"):
            named |= {"amount": paid, "currency": fields["amount_ccy"]}
        yield self._status("payment", fields, **self._group, **named)

    def _level(self, level, fields):
        self._tallies.append((level, self._group.get("original_group"), fields.get("counts") or [], self._seen))
        if fields.get("status"):
            declared = {"declared_count": count(fields.get("declared_count"))}
            declared["declared_sum"] = amount(fields.get("declared_sum"))
            yield self._status(level, fields, **(self._group if level == "group" else {}), **declared)

    def _closed(self, fields):
        if fields.get("status"):
            yield from self._level("group", fields)

    def _status(self, level, fields, **more):
        self._told += 1
        code, words = _reason(fields.get("reasons") or [])
        told = {name: value.strip() if isinstance(value, str) else value for name, value in more.items()}
        status = PaymentStatus(
            level=level,
            original_message=self._original,
            status=fields["status"].strip(),
            reason=code,
            reason_text=words,
            **self._head,
            **told,
        )
        object.__setattr__(status, "key", status_key(status, self._told))
        return status

    def _uncounted(self):
        """Where a group counts more or fewer payments of a status than it names, though it names some of them."""
        for level, group, counts, seen in self._tallies:
            for one in counts:
                status, number = one.get("status"), count(one.get("count"))
                if level == "group" and seen.get(status) and number is not None and number != seen[status]:
                    text = f"{group} counts {number} payments {status} and names {seen[status]}"
                    yield Finding("status_count", text, facts={"group": group, "status": status})


def _id(fields, name):
    return (fields.get(name) or "").strip() or NOT_PROVIDED


def _reason(reasons):
    """(the first code, all that is said in words); a further code stands in the words."""
    codes = [reason["code"].strip() for reason in reasons if (reason.get("code") or "").strip()]
    words = [" ".join(" ".join(reason.get("words") or ()).split()) for reason in reasons]
    told = [*codes[1:], *filter(None, words)]
    return (codes[0] if codes else None), ("; ".join(told) or None)
