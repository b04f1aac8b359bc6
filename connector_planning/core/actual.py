"""What actually happened, as planning systems want it: one figure per company, account and month."""

import calendar
import datetime as dt
import typing
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.contract import Canonical, Currency, Name, Text
from odoo.addons.finance_integration_governance.core.dictionary import means

KEY_RULE = "1"
FIGURES = ("debit", "credit", "balance")  # what every cell of the ledger tells
# The key joins these by a bar, so none of them holds one.
Part = typing.Annotated[str, Text(64, r"[^|\x00-\x1f]+")]
Period = typing.Annotated[str, Text(7, r"[0-9]{4}-(0[1-9]|1[0-2])")]


@dataclass(frozen=True, kw_only=True)
class Actual(Canonical):
    """Posted movements of one account in one month, in the company's currency. `balance` is debit less credit.

    A cell that has nothing any more is sent as zero, because the other side would keep the old figure otherwise.
    """

    contract = "planning.actual/1.0"

    company: Part = means("The company whose books these are.", sap="RBUKRS")
    account: Part = means("The account's number.", sap="RACCT")
    account_name: Name = means("The account's name.", sap="TXT50")
    period: Period = means("The month, such as 2026-03.", sap="POPER")
    currency: Currency = means("The company's currency.", sap="RHCUR")
    debit: Decimal = means("The sum of the debits.")
    credit: Decimal = means("The sum of the credits.")
    balance: Decimal = means("Debits less credits.", sap="HSL")

    @property
    def key(self):
        return key(self.company, self.account, self.period)

    @property
    def amount(self):
        return self.balance

    @property
    def on(self):
        """The last day of the month."""
        year, month = int(self.period[:4]), int(self.period[5:])
        return dt.date(year, month, calendar.monthrange(year, month)[1])


def key(company, account, period):
    """Identity of a cell, readable, led by the version of this rule."""
    return f"{KEY_RULE}|{company}|{account}|{period}"
