"""What the bank reads in a file of payments (pain.001) and answers (pain.002). Plain Python."""

import datetime as dt
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Ordered:
    """A file as the bank sees it; `payments`: end-to-end id -> to whom."""

    message: str
    group: str
    payments: dict


def read(content):
    """The file's one group of payments."""
    root = ElementTree.fromstring(content)
    group = root.find(".//{*}PmtInf")
    found = group.iterfind("{*}CdtTrfTxInf")
    payments = {one.findtext("{*}PmtId/{*}EndToEndId"): one.findtext("{*}Cdtr/{*}Nm") for one in found}
    return Ordered(root.findtext(".//{*}GrpHdr/{*}MsgId"), group.findtext("{*}PmtInfId"), payments)


def answer(ordered, refused):
    """A status report: settled, but for payments to `refused`, whose account is closed (AC04)."""
    told = "\n".join(_status(one, name == refused) for one, name in ordered.payments.items())
    message = escape(ordered.message)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">
<CstmrPmtStsRpt>
<GrpHdr><MsgId>A-{message}</MsgId><CreDtTm>{now}</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>
<GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>{escape(ordered.group)}</OrgnlPmtInfId>
{told}
</OrgnlPmtInfAndSts>
</CstmrPmtStsRpt>
</Document>
"""


def _status(end_to_end, is_refused):
    status = "RJCT" if is_refused else "ACSC"
    reason = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>" if is_refused else ""
    original = f"<OrgnlEndToEndId>{escape(end_to_end)}</OrgnlEndToEndId>"
    return f"<TxInfAndSts>{original}<TxSts>{status}</TxSts>{reason}</TxInfAndSts>"
