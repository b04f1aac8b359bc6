"""What is planned: one figure per version, company, account and month, by the dimensions of actuals."""

import re
import typing
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.canonical import nfc
from odoo.addons.finance_integration_governance.core.contract import Canonical, Currency, Name, Text
from odoo.addons.finance_integration_governance.core.dictionary import means

from .actual import Part
from .cell import Members, last_day

KEY_RULE = "4"
# What a figure may be divided by beside members and partner: what cells of the ledger are divided by, too.
MORE = ("tax", "journal_type", "transaction_currency", "ledger")
PlannedPeriod = typing.Annotated[str, Text(12, r"[0-9]{4}-(0[1-9]|1[0-2])|FY[0-9]{4}-P(0[1-9]|1[0-2])")]


@dataclass(frozen=True, kw_only=True)
class BudgetLine(Canonical):
    """One figure of a budget or forecast, as the ledger counts: debit less credit, so that revenue is negative."""

    contract = "planning.budget/1.1"

    version: Part = means("The code of the version that it belongs to.", sap="VERSN")
    company: Part = means("The company whose plan this is.", sap="RBUKRS")
    account: Part = means("The account's number.", sap="RACCT")
    period: PlannedPeriod = means("The month, such as 2026-03, or the fiscal period, such as FY2026-P03.", sap="POPER")
    analytic: Members | None = means("Members of analytic plans, as plan=member;plan=member.", None, sap="KOSTL")
    partner: Part | None = means("The partner's reference, else tax number, else name.", None, sap="KUNNR")
    currency: Currency = means("The company's currency.", sap="RHCUR")
    balance: Decimal = means("The figure: debits less credits.", sap="HSL")
    note: Name | None = means("What the figure is made of.", None)
    tax: Part | None = means("The tax whose amount this is.", None, sap="MWSKZ")
    journal_type: Part | None = means("Sales, purchases, bank, cash or other entries.", None, sap="BLART")
    transaction_currency: Currency | None = means("The currency of the documents.", None, sap="RTCUR")
    ledger: Part | None = means("The ledger, where the plan is for one of several.", None, sap="RLDNR")

    @property
    def key(self):
        """Figures that name none of what version 1.1 added keep the key that they had."""
        places = (self.company, self.account, self.period, self.analytic, self.partner)
        more = tuple(getattr(self, name) for name in MORE)
        return "|".join((KEY_RULE, *(part or "" for part in places + (more if any(more) else ()))))

    @property
    def scope(self):
        """Keys live in the version: the next one plans the same cells anew."""
        return self.version

    @property
    def amount(self):
        return self.balance

    @property
    def on(self):
        return last_day(self.period)


def month_of(period, last_month=12):
    """The last day of a month or of a fiscal period, where fiscal years end with this month.

    >>> month_of("2026-02"), month_of("FY2027-P01", 6)
    (datetime.date(2026, 2, 28), datetime.date(2026, 7, 31))
    """
    fiscal = re.fullmatch(r"FY(\d{4})-P(\d{2})", period)
    if not fiscal:
        return last_day(period)
    months = (int(fiscal[1]) - 1) * 12 + last_month + int(fiscal[2]) - 1
    return last_day(f"{months // 12:04}-{months % 12 + 1:02}")


def months(first, last):
    """The months from one day to another, as texts.

    >>> months(dt.date(2025, 12, 1), dt.date(2026, 1, 31))
    ['2025-12', '2026-01']
    """
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    places = [first.year * 12 + first.month - 1 + number for number in range(count)]
    return [f"{place // 12:04}-{place % 12 + 1:02}" for place in places]


_SIGNS = str.maketrans("|\n\r\t", "/   ")


def partner_name(ref, tax_number, name):
    """What figures call a partner, as cells of the ledger do: the reference, else the tax number, else the name.

    >>> partner_name("", "BE0477472701", "ACME"), partner_name(None, None, "A|B")
    ('BE0477472701', 'A/B')
    """
    return nfc(ref or tax_number or name or "").translate(_SIGNS)[:64]
