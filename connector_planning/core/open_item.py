"""What customers owe and what is owed to suppliers, document by document."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.contract import Canonical, Currency, Name
from odoo.addons.finance_integration_governance.core.dictionary import means

from .actual import Part

KEY_RULE = "3"


@dataclass(frozen=True, kw_only=True)
class OpenItem(Canonical):
    """What is still open of one document on one due date. One that was settled is sent once more as zero."""

    contract = "planning.open_item/1.0"

    company: Part = means("The company whose books these are.", sap="RBUKRS")
    account: Part = means("The account's number.", sap="HKONT")
    account_name: Name = means("The account's name.", sap="TXT50")
    kind: Part = means("receivable or payable.", sap="KOART")
    partner: Part | None = means("The partner's reference, else tax number, else name.", None, sap="KUNNR")
    document: Part = means("The number of the journal entry.", sap="BELNR")
    dated_on: dt.date = means("The accounting date.", sap="BUDAT")
    due_on: dt.date | None = means("When it is due.", None, sap="NETDT")
    currency: Currency = means("The company's currency.", sap="RHCUR")
    balance: Decimal = means("What is still open, in the company's currency; what we owe is negative.", sap="HSL")
    transaction_currency: Currency = means("The document's currency.", sap="WAERS")
    transaction_balance: Decimal = means("What is still open, in the document's currency.", sap="WSL")

    @property
    def key(self):
        due = self.due_on.isoformat() if self.due_on else ""
        parts = (self.company, self.account, self.partner or "", self.document, due, self.transaction_currency)
        return "|".join((KEY_RULE, *parts))

    @property
    def amount(self):
        return self.balance

    @property
    def on(self):
        return self.dated_on
