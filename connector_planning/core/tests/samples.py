"""Actuals as a small company has them: two months, a zero, a negative, a long amount and letters from elsewhere."""

import datetime as dt
from decimal import Decimal

from odoo.addons.connector_planning.core.actual import Actual
from odoo.addons.connector_planning.core.cell import Cell
from odoo.addons.connector_planning.core.member import Member
from odoo.addons.connector_planning.core.open_item import OpenItem
from odoo.addons.connector_planning.core.rate import Rate
from odoo.addons.connector_planning.core.trial_balance import OpeningBalance, TrialBalance


def actual(account, period, debit, credit, *, name="", company="BE0477472701", currency="EUR"):
    debit, credit = Decimal(debit), Decimal(credit)
    return Actual(
        company=company,
        account=account,
        account_name=name or f"Account {account}",
        period=period,
        currency=currency,
        debit=debit,
        credit=credit,
        balance=debit - credit,
    )


YEAR_END = (
    actual("400000", "2025-12", "12100.00", "2100.50", name="Trade débiteurs"),
    actual("700000", "2025-12", "0", "10000.00", name="Sales 売上"),
    actual("451000", "2025-12", "0", "2100"),
    actual("550000", "2026-01", "123456789012345.67", "0.01"),
    actual("700000", "2026-01", "0", "0", name="Sales, vanished since"),
    actual("400000", "2026-01", "1", "3", company="FR-01", currency="USD"),
)
_BOOKS = {"company": "BE0477472701", "account_name": "Débiteurs", "currency": "EUR"}
ITEMS = (
    OpenItem(
        **_BOOKS,
        account="400000",
        kind="receivable",
        document="INV/1",
        dated_on=dt.date(2026, 1, 5),
        due_on=dt.date(2026, 2, 4),
        balance=Decimal("5.50"),
        transaction_currency="USD",
        transaction_balance=Decimal(6),
    ),
)
WEEKS = (
    Cell(
        **_BOOKS,
        account="7",
        period="2026-W07",
        partner="P1",
        debit=Decimal(0),
        credit=Decimal(3),
        balance=Decimal(-3),
    ),
)


def balance(account, period, opening, debit, credit):
    opening, debit, credit = map(Decimal, (opening, debit, credit))
    told = {"opening": opening, "debit": debit, "credit": credit, "balance": opening + debit - credit}
    return TrialBalance(**_BOOKS, account=account, period=period, **told)


BALANCES = (
    balance("400000", "2026-01", "10.5", "5", "0.25"),
    balance("400000", "2026-02", "15.25", "0", "0"),
    balance("700000", "2026-02", "3", "0", "3"),
)
OPENINGS = tuple(
    OpeningBalance(**_BOOKS, account=account, year="FY2026", opened_on=dt.date(2026, 1, 1), balance=Decimal(amount))
    for account, amount in (("400000", "15.5"), ("100000", "-15.5"))
)
RATES = tuple(
    Rate(base="EUR", currency=name, dated_on=dt.date(2026, 1, day), rate=Decimal(rate))
    for name, day, rate in (("USD", 5, "1.1034"), ("USD", 6, "1.1"), ("CHF", 5, "0.863636363636"))
)
MEMBERS = (
    Member(kind="account", company="BE0477472701", code="70", name="Turnover", level="group"),
    Member(
        kind="account",
        company="BE0477472701",
        code="700000",
        name='Sales 売上, "à"',
        parent="70",
        account_type="income",
        currency_code="USD",
    ),
    Member(kind="analytic", plan="Departments", code="700000", name="Sales", state="retired"),
    Member(kind="currency", code="EUR", name="Euro"),
)
REFUSED = (actual("700000", "1999-12", "1", "0"),)


def many(count):
    return [actual(f"{100000 + number}", "2026-05", f"{number}.5", "0.25") for number in range(count)]
