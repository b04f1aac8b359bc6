"""The canonical payment, on its way out, and what a bank says of one afterwards.

Both are flat: every member is a text, a number, a date or a yes or no, so an approved document gives them back as they
were. `Payment` is one instruction; those of one `batch` travel in one file.
"""

import datetime as dt
import re
import typing
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.canonical import digest, told
from odoo.addons.finance_integration_governance.core.contract import (
    Canonical,
    Code,
    Currency,
    Name,
    Reference,
    Remittance,
    Text,
)
from odoo.addons.finance_integration_governance.core.dictionary import means
from odoo.addons.finance_integration_governance.core.masking import FieldClass, FreeText, PersonName, Street

from .statement import Account, identity

# What every bank takes as an identification: the restricted set of SEPA, not beginning or ending with a slash, and
# never two of them together.
_IDENTIFICATION = r"(?!/)(?!.*//)[A-Za-z0-9/?:().,'+ -]*[A-Za-z0-9?:().,'+-]"
Identification = typing.Annotated[str, Text(35, _IDENTIFICATION)]
# MsgId and PmtInfId add to it, and banks take 35 characters.
Batch = typing.Annotated[str, Text(22, r"[A-Za-z0-9][A-Za-z0-9.-]*")]
OtherAccount = typing.Annotated[str, Text(34, r"[0-9A-Z./:_-]+"), FieldClass("iban")]
Bic = typing.Annotated[str, Text(11, r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")]
Country = typing.Annotated[str, Text(2, r"[A-Z]{2}")]
Lei = typing.Annotated[str, Text(20, r"[A-Z0-9]{18}[0-9]{2}")]
Uetr = typing.Annotated[str, Text(36, r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")]
Kind = typing.Annotated[str, Text(6, r"credit|debit")]
Scheme = typing.Annotated[str, Text(7, r"sepa|instant|foreign|core|b2b")]
Charges = typing.Annotated[str, Text(4, r"SLEV|SHAR|DEBT|CRED")]
Sequence = typing.Annotated[str, Text(4, r"FRST|RCUR|FNAL|OOFF")]
Purpose = typing.Annotated[str, Text(4, r"[A-Z0-9]{1,4}")]
Level = typing.Annotated[str, Text(7, r"message|group|payment")]

CREDIT_SCHEMES = ("sepa", "instant", "foreign")
DEBIT_SCHEMES = ("core", "b2b")


@dataclass(frozen=True, kw_only=True)
class Payment(Canonical):
    """One instruction to a bank: money that we send (credit), or that we collect by a mandate (debit)."""

    contract = "bank.payment/1.0"

    batch: Batch = means("The batch that it travels in.", iso="GrpHdr/MsgId")
    batched_at: Code | None = means("When the batch was submitted, in UTC.", None, iso="GrpHdr/CreDtTm")
    kind: Kind = means("credit: we send; debit: we collect.", iso="PmtInf/PmtMtd")
    scheme: Scheme = means("sepa, instant or foreign; of debits core or b2b.", iso="PmtTpInf/SvcLvl, LclInstrm")
    end_to_end_id: Identification = means("Our reference, unique for ever.", iso="PmtId/EndToEndId")
    uetr: Uetr = means("The unique end-to-end transaction reference.", iso="PmtId/UETR")
    execute_on: dt.date = means("The day on which the bank should act.", iso="ReqdExctnDt, ReqdColltnDt")
    amount: Decimal = means("What is paid, more than zero.", iso="Amt/InstdAmt, DrctDbtTxInf/InstdAmt")
    currency: Currency = means("The currency of the amount.", iso="InstdAmt/@Ccy")
    own_account: Account = means("Our account, without blanks.", iso="DbtrAcct, CdtrAcct")
    own_name: PersonName = means("Our name.", iso="PmtInf/Dbtr/Nm, PmtInf/Cdtr/Nm")
    own_bic: Bic | None = means("BIC of our bank.", None, iso="DbtrAgt, CdtrAgt")
    own_country: Country | None = means("Our country.", None, iso="PstlAdr/Ctry")
    own_street: Street | None = means("Our street.", None, iso="PstlAdr/StrtNm")
    own_building: Street | None = means("The number of our building.", None, iso="PstlAdr/BldgNb")
    own_postcode: Street | None = means("Our postal code.", None, iso="PstlAdr/PstCd")
    own_town: Street | None = means("Our town.", None, iso="PstlAdr/TwnNm")
    creditor_scheme_id: Identification | None = means("Who collects, as a debit names them.", None, iso="CdtrSchmeId")
    other_account: OtherAccount = means("The other side's account, without blanks.", iso="CdtrAcct, DbtrAcct")
    other_name: PersonName = means("The other side's name.", iso="Cdtr/Nm, Dbtr/Nm")
    other_bic: Bic | None = means("BIC of the other side's bank.", None, iso="CdtrAgt, DbtrAgt")
    other_country: Country | None = means("The other side's country.", None, iso="PstlAdr/Ctry")
    other_street: Street | None = means("The other side's street.", None, iso="PstlAdr/StrtNm")
    other_building: Street | None = means("The number of the other side's building.", None, iso="PstlAdr/BldgNb")
    other_postcode: Street | None = means("The other side's postal code.", None, iso="PstlAdr/PstCd")
    other_town: Street | None = means("The other side's town.", None, iso="PstlAdr/TwnNm")
    other_lei: Lei | None = means("The other side's legal entity identifier.", None, iso="Id/OrgId/LEI")
    reference: Reference | None = means("What it is for, as a reference of the creditor's.", None, iso="CdtrRefInf/Ref")
    text: FreeText | None = means("What it is for, in words.", None, iso="RmtInf/Ustrd")
    purpose: Purpose | None = means("Why it is paid: SALA, TAXS and others.", None, iso="Purp/Cd")
    category_purpose: Purpose | None = means("The same for the bank's own handling.", None, iso="CtgyPurp/Cd")
    charges: Charges | None = means("Who bears the charges.", None, iso="ChrgBr")
    mandate: Identification | None = means("The mandate that we collect by.", None, iso="MndtRltdInf/MndtId")
    mandate_on: dt.date | None = means("The day on which it was signed.", None, iso="MndtRltdInf/DtOfSgntr")
    mandate_amended: bool = means("Whether it changed since the last collection.", False, iso="AmdmntInd")
    mandate_before: Identification | None = means("Its identification before.", None, iso="OrgnlMndtId")
    creditor_scheme_before: Identification | None = means("Who collected before.", None, iso="OrgnlCdtrSchmeId/Id")
    own_name_before: PersonName | None = means("Our name before.", None, iso="OrgnlCdtrSchmeId/Nm")
    other_account_before: OtherAccount | None = means("The account debited before.", None, iso="OrgnlDbtrAcct")
    sequence: Sequence | None = means("FRST, RCUR, FNAL or OOFF.", None, iso="PmtTpInf/SeqTp")
    documents: Remittance | None = means("Numbers of the documents that it pays, separated by semicolons.", None)

    @property
    def key(self):
        return self.end_to_end_id

    @property
    def scope(self):
        return self.own_account

    @property
    def on(self):
        return self.execute_on


@dataclass(frozen=True, kw_only=True)
class PaymentStatus(Canonical):
    """What a bank says of a file, of a group of payments in it, or of one payment."""

    contract = "bank.payment_status/1.0"

    level: Level = means("message, group or payment.")
    original_message: Reference = means("The batch that it is about.", iso="OrgnlGrpInfAndSts/OrgnlMsgId")
    original_group: Reference | None = means("The group of payments in it.", None, iso="OrgnlPmtInfId")
    end_to_end_id: Reference | None = means("Our reference of the payment.", None, iso="OrgnlEndToEndId")
    uetr: Code | None = means("The unique end-to-end transaction reference.", None, iso="OrgnlUETR")
    status: Code = means("ACTC, ACCP, ACSP, ACSC, ACWC, PDNG, RCVD, PART, RJCT and others.", iso="GrpSts, TxSts")
    reason: Code | None = means("Why, as a code.", None, iso="StsRsnInf/Rsn")
    reason_text: FreeText | None = means("Why, in the bank's words.", None, iso="StsRsnInf/AddtlInf")
    told_at: Code | None = means("When the bank said it, as it wrote it.", None, iso="GrpHdr/CreDtTm")
    amount: Decimal | None = means("The amount of the payment, where it is told.", None, iso="OrgnlTxRef/Amt/InstdAmt")
    currency: Currency | None = means("The currency of the amount.", None, iso="OrgnlTxRef/Amt/InstdAmt/@Ccy")
    declared_count: int | None = means("How many payments the bank counted.", None, iso="OrgnlNbOfTxs")
    declared_sum: Decimal | None = means("What the bank added up.", None, iso="OrgnlCtrlSum")
    message: Name = means("The bank's own name of what said it.", iso="GrpHdr/MsgId")
    key: str = identity("")

    @property
    def alt_key(self):
        return self.key

    @property
    def scope(self):
        return self.original_message


def message_id(batch, keys):
    """What a file with these payments of a batch is called. One that waited and leaves later has a file of its own.

    >>> message_id("PAY-000123", ["A", "B"])
    'PAY-000123-23519a43'
    """
    return f"{batch}-{digest(chr(10).join(keys))[:8]}"


def batch_of(identification):
    """The batch that a file, or a group in it, belongs to.

    >>> batch_of("PAY-000123-23519a43"), batch_of("PAY-000123-23519a43-1"), batch_of("OTHER")
    ('PAY-000123', 'PAY-000123', None)
    """
    found = re.fullmatch(r"(.+)-[0-9a-f]{8}(?:-[0-9]{1,3})?", identification or "")
    return found and found[1]


def status_key(status, position):
    """The same message again has the same keys; one that says something else under the same name has others."""
    return f"sts1:{status.message}:{status.level}:{position}:{told(status)[1][:16]}"
