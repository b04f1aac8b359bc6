"""The formats of the corpus: which connector reads them, and what the oracle says of their files."""

from decimal import Decimal

from corpus import Format, sides
from oracle_facts import facts

from odoo.addons.connector_bank.core.camt052 import Camt052
from odoo.addons.connector_bank.core.camt053 import Camt053
from odoo.addons.connector_bank.core.camt054 import Camt054

WHERE = "file:///"


def camt_differences(read, told):
    expected = told.get("stmts", [])
    if len(read.statements) != len(expected):
        yield f"{len(read.statements)} statements, not {len(expected)}"
        return
    for (statement, entries), one in zip(read.by_statement(), expected, strict=True):
        yield from _camt_statement(statement, entries, one)


def _camt_statement(statement, entries, told):
    rows = sum(max(1, entry.details or 1) for entry in entries)
    if rows != told["leaf_rows"]:
        yield f"{rows} rows, not {told['leaf_rows']}"
    if sides(entries) != {ccy: _decimals(both) for ccy, both in told["by_currency"].items()}:
        yield f"sums {sides(entries)}, not {told['by_currency']}"
    found = [(balance.code, balance.amount, balance.currency) for balance in statement.balances]
    if found != [(one["code"], Decimal(one["amount"]), one["ccy"]) for one in told["balances"]]:
        yield "other balances"
    if statement.account != told["account"].replace(" ", "").upper():
        yield f"account {statement.account}, not {told['account']}"


def _decimals(both):
    return {side: Decimal(value) for side, value in both.items()}


FORMATS = (
    Format("camt.052", (Camt052(location=WHERE),), facts, camt_differences),
    Format("camt.053", (Camt053(location=WHERE),), facts, camt_differences),
    Format("camt.054", (Camt054(location=WHERE),), facts, camt_differences),
)
