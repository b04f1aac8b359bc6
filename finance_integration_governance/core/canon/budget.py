"""What a company means to earn and to spend."""

import calendar
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from ..contract import Canonical, Code, Currency, Name
from ..dictionary import means
from .keys import Month, Part, key


@dataclass(frozen=True, kw_only=True)
class BudgetVersion(Canonical):
    """One plan of a company for a span of months: a budget, a forecast, or a scenario of one."""

    contract = "budget.version/1.0"

    company: Part = means("The company that it is made for.", sap="BUKRS")
    code: Part = means("The version's short name.", sap="VERSN")
    name: Name = means("The version's name.")
    kind: Code = means("budget, forecast or scenario.")
    month_from: Month = means("The first month, such as 2026-01.")
    month_to: Month = means("The last month.")
    status: Code | None = means("How far it has come, as the sending system says.", None)

    key = property(lambda self: key(self.company, self.code))
    scope = property(lambda self: self.company)


@dataclass(frozen=True, kw_only=True)
class BudgetLine(Canonical):
    """The planned figure of one account in one month, by what it is divided by."""

    contract = "budget.line/1.0"

    company: Part = means("The company that it is planned for.", sap="BUKRS")
    version: Part = means("The code of the budget version.", sap="VERSN")
    account: Part = means("The account's number.", sap="RACCT")
    month: Month = means("The month, such as 2026-01.", sap="POPER")
    amount: Decimal = means("The planned figure; debit is positive.", sap="HSL")
    currency: Currency = means("The currency of the figure.", sap="RHCUR")
    cost_center: Part | None = means("The cost center's number.", None, sap="RCNTR")
    project: Part | None = means("The project's number.", None, sap="POSID")

    @property
    def key(self):
        return key(self.company, self.version, self.account, self.month, self.cost_center, self.project)

    scope = property(lambda self: key(self.company, self.version))

    @property
    def on(self):
        """The last day of the month."""
        year, month = int(self.month[:4]), int(self.month[5:])
        return dt.date(year, month, calendar.monthrange(year, month)[1])
