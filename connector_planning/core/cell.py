"""One figure of the ledger by whatever a planning system plans by."""

import datetime as dt
import re
import typing
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.contract import Canonical, Currency, Name, Text
from odoo.addons.finance_integration_governance.core.dictionary import means

from .actual import Part

KEY_RULE = "2"
GRAINS = ("day", "week", "month", "fiscal")
CellPeriod = typing.Annotated[
    str, Text(12, r"[0-9]{4}-(0[1-9]|1[0-2])(-[0-3][0-9])?|[0-9]{4}-W[0-5][0-9]|FY[0-9]{4}-P(0[1-9]|1[0-2])")
]
Members = typing.Annotated[str, Text(400, r"[^|\x00-\x1f]*")]


@dataclass(frozen=True, kw_only=True)
class Cell(Canonical):
    """Posted movements of one account in one period, by the dimensions that the flow sends.

    `balance` is debit less credit. Dimensions that are not sent, and those without a value, are absent. A cell that has
    nothing any more is sent as zero, because the other side would keep the old figure otherwise.
    """

    contract = "planning.cell/1.0"

    company: Part = means("The company whose books these are.", sap="RBUKRS")
    ledger: Part | None = means("The ledger, where the flow tells one of several.", None, sap="RLDNR")
    account: Part = means("The account's number.", sap="RACCT")
    account_name: Name = means("The account's name.", sap="TXT50")
    period: CellPeriod = means(
        "Day, week (ISO 8601), month or fiscal period, such as 2026-03 or FY2026-P03.", sap="POPER"
    )
    partner: Part | None = means("The partner's reference, else tax number, else name.", None, sap="KUNNR")
    tax: Part | None = means("The tax whose amount this is.", None, sap="MWSKZ")
    journal_type: Part | None = means("Sales, purchases, bank, cash or other entries.", None, sap="BLART")
    analytic: Members | None = means("Members of analytic plans, as plan=member;plan=member.", None, sap="KOSTL")
    currency: Currency = means("The company's currency.", sap="RHCUR")
    debit: Decimal = means("The sum of the debits.")
    credit: Decimal = means("The sum of the credits.")
    balance: Decimal = means("Debits less credits.", sap="HSL")
    transaction_currency: Currency | None = means("The currency of the documents.", None, sap="RTCUR")
    transaction_balance: Decimal | None = means("The balance in the currency of the documents.", None, sap="TSL")
    group_currency: Currency | None = means("The group's currency.", None, sap="RKCUR")
    group_balance: Decimal | None = means("The balance in the group's currency.", None, sap="KSL")
    quantity: Decimal | None = means("The sum of the quantities.", None, sap="MSL")

    @property
    def key(self):
        """Readable, led by the version of its rule; absent dimensions are empty."""
        return (
            f"{KEY_RULE}|{self.company}|{self.ledger or ''}|{self.account}|{self.period}|{self.partner or ''}"
            f"|{self.tax or ''}|{self.journal_type or ''}|{self.transaction_currency or ''}|{self.analytic or ''}"
        )

    @property
    def amount(self):
        return self.balance

    @property
    def on(self):
        return last_day(self.period)


def last_day(period):
    """The day by which a period of days, weeks or months is over; None for one of another calendar."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", period):
        return dt.date.fromisoformat(period)
    if re.fullmatch(r"\d{4}-W\d{2}", period):
        return dt.date.fromisocalendar(int(period[:4]), int(period[6:]), 7)
    if re.fullmatch(r"\d{4}-\d{2}", period):
        first = dt.date.fromisoformat(f"{period}-01")
        return (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    return None
