"""The trial balance, and what accounts open a fiscal year with: balances, where actuals are movements."""

import datetime as dt
import typing
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.contract import Canonical, Currency, Name, Text
from odoo.addons.finance_integration_governance.core.dictionary import means

from .actual import Part, Period
from .cell import last_day

BALANCE_RULE, OPENING_RULE = "9", "10"
Year = typing.Annotated[str, Text(6, r"FY[0-9]{4}")]


@dataclass(frozen=True, kw_only=True)
class TrialBalance(Canonical):
    """One account at the end of one month. Profit and loss begins with its fiscal year; balance sheet accounts go on.

    What the years before have earned stands with the undistributed profits. One that has nothing any more is sent once
    more as zero.
    """

    contract = "planning.trial_balance/1.0"

    company: Part = means("The company whose books these are.", sap="RBUKRS")
    account: Part = means("The account's number.", sap="RACCT")
    account_name: Name = means("The account's name.", sap="TXT50")
    period: Period = means("The month, such as 2026-03.", sap="POPER")
    currency: Currency = means("The company's currency.", sap="RHCUR")
    opening: Decimal = means("What stood there before the month.")
    debit: Decimal = means("The sum of the month's debits.")
    credit: Decimal = means("The sum of the month's credits.")
    balance: Decimal = means("What stands there at the end of the month: opening and debits less credits.", sap="HSL")

    @property
    def key(self):
        return "|".join((BALANCE_RULE, self.company, self.account, self.period))

    @property
    def amount(self):
        return self.balance

    @property
    def on(self):
        return last_day(self.period)


@dataclass(frozen=True, kw_only=True)
class OpeningBalance(Canonical):
    """What one account opens one fiscal year with."""

    contract = "planning.opening/1.0"

    company: Part = means("The company whose books these are.", sap="RBUKRS")
    account: Part = means("The account's number.", sap="RACCT")
    account_name: Name = means("The account's name.", sap="TXT50")
    year: Year = means("The fiscal year, named after the year in which it ends, such as FY2026.", sap="RYEAR")
    opened_on: dt.date = means("The first day of the fiscal year.")
    currency: Currency = means("The company's currency.", sap="RHCUR")
    balance: Decimal = means("Debits less credits of all that was posted before.", sap="HSLVT")

    @property
    def key(self):
        return "|".join((OPENING_RULE, self.company, self.account, self.year))

    @property
    def amount(self):
        return self.balance

    @property
    def on(self):
        """The end of the month that it opens."""
        return last_day(f"{self.opened_on:%Y-%m}")
