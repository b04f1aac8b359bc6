"""Money that is to move, or has moved, from one account to another."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from ..contract import Canonical, Code, Currency, Reference
from ..dictionary import means
from ..masking import AccountNumber, FreeText, PersonName
from .keys import Part, key


@dataclass(frozen=True, kw_only=True)
class Payment(Canonical):
    """One payment out of or into an account of a company. What goes out is negative."""

    contract = "cash.payment/1.0"

    company: Part = means("The company whose account it is.", sap="ZBUKR")
    reference: Part = means("Its number in the sending system.", iso="EndToEndId", sap="VBLNR")
    account: Part = means("The company's own account.", iso="DbtrAcct/Id/IBAN", sap="UBKNT")
    amount: Decimal = means("What moves; negative where it goes out.", iso="InstdAmt", sap="RWBTR")
    currency: Currency = means("The currency in which it moves.", iso="Ccy", sap="WAERS")
    due_on: dt.date = means("The day on which it shall be executed.", iso="ReqdExctnDt", sap="VALUT")
    counterparty: PersonName | None = means("Who gets or sends it.", None, iso="Cdtr/Nm", sap="ZNME1")
    counterparty_account: AccountNumber | None = means("IBAN or account number.", None, iso="CdtrAcct/Id/IBAN")
    counterparty_agent: Code | None = means("BIC of the other bank.", None, iso="CdtrAgt/FinInstnId/BICFI")
    remittance: FreeText | None = means("What it is for.", None, iso="RmtInf/Ustrd")
    structured_reference: Reference | None = means("What it is for, as a reference.", None, iso="RmtInf/Strd")
    method: Code | None = means("How it is paid.", None, iso="PmtMtd", sap="RZAWE")

    key = property(lambda self: key(self.company, self.account, self.reference))
    scope = property(lambda self: self.account)
    on = property(lambda self: self.due_on)
