"""Actuals as a small company has them: two months, a zero, a negative, a long amount and letters from elsewhere."""

from decimal import Decimal

from odoo.addons.connector_planning.core.actual import Actual


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
REFUSED = (actual("700000", "1999-12", "1", "0"),)


def many(count):
    return [actual(f"{100000 + number}", "2026-05", f"{number}.5", "0.25") for number in range(count)]
