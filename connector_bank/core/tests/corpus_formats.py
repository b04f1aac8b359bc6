"""The formats of the corpus: which connector reads them, and what the oracle says of their files."""

import re
from decimal import Decimal

from corpus import Format, sides
from oracle_facts import facts

from odoo.addons.connector_bank.core.bai2 import Bai2
from odoo.addons.connector_bank.core.camt052 import Camt052
from odoo.addons.connector_bank.core.camt053 import Camt053
from odoo.addons.connector_bank.core.camt054 import Camt054
from odoo.addons.connector_bank.core.mt94x import Mt94x
from odoo.addons.connector_bank.core.ofx import Ofx

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


def mt_facts(told):
    """What the oracle knows against a file of messages."""
    if not told["statements"]:
        yield "not a statement"
    if told["unparsed_61"]:
        yield "entries that cannot be read"
    for statement in told["statements"]:
        difference = statement.get("balance_equation_diff")
        if difference is None and "90D" not in statement:
            yield "balance not provable"
        elif difference and Decimal(difference):
            yield "balance equation open"
        if not statement.get("account"):
            yield "no account"
        declared = [re.findall(r"[0-9]+,[0-9]*", statement.get(tag, "")) for tag in ("90C", "90D")]
        credits, debits = (Decimal(found[0].replace(",", ".")) if found else Decimal() for found in declared)
        if any(declared) and credits - debits != Decimal(statement["sum"]):
            yield "declared totals unmet"


def mt_differences(read, told):
    expected = told["statements"]
    if len(read.statements) != len(expected):
        yield f"{len(read.statements)} statements, not {len(expected)}"
        return
    for (statement, entries), one in zip(read.by_statement(), expected, strict=True):
        yield from _mt_statement(statement, entries, one)


def _mt_statement(statement, entries, told):
    if len(entries) != told["n61"]:
        yield f"{len(entries)} entries, not {told['n61']}"
    if sum(entry.amount for entry in entries) != Decimal(told["sum"]):
        yield f"sum {sum(entry.amount for entry in entries)}, not {told['sum']}"
    for name in ("opening", "closing"):
        one, balance = told.get(name), getattr(statement, name)
        if one and (balance is None or (balance.amount, balance.currency) != (Decimal(one["amount"]), one["ccy"])):
            yield f"{name} {balance}, not {one}"
        if one and balance and balance.on and balance.on.strftime("%y%m%d") != one["date"]:
            yield f"{name} of {balance.on}, not {one['date']}"
    if statement.account not in _bare(told["account"]):
        yield f"account {statement.account}, not {told['account']}"


def _bare(text):
    return text.split("\n")[0].replace(" ", "").upper()


def bai_facts(told):
    """What the oracle knows against a file of records."""
    if not told["accounts"]:
        yield "not a statement"
    if told["bad16"]:
        yield "entries that cannot be read"
    if not told["groups"]:
        yield "no group"


def bai_differences(read, told):
    booked = [entry.amount for entry in read.entries]
    found = {
        "accounts": len(read.statements),
        "transactions": len(booked),
        "credit_minor": sum(100 * amount for amount in booked if amount > 0),
        "debit_minor": -sum(100 * amount for amount in booked if amount < 0),
    }
    yield from (f"{name} {found[name]}, not {told[name]}" for name in found if found[name] != told[name])


def ofx_facts(told):
    """What the oracle knows against a file of OFX."""
    if not told["stmttrnrs"] and not told["ccstmttrnrs"]:
        yield "not a statement"
    if told["invstmttrnrs"]:
        yield "investments"
    if not told["curdef"]:
        yield "no currency"
    if told["unparsable_amt"]:
        yield "entries that cannot be read"
    if not all(re.fullmatch(r"-?[0-9]+([.,][0-9]+)?|", text) for text in told["ledgerbal"]):
        yield "a balance that cannot be read"
    if "error" in told["ofxparse"] and "error" in told["ofxtools"]:
        yield "read by no library"


def ofx_differences(read, told):
    total = sum((entry.amount for entry in read.entries), Decimal())
    if len(read.entries) != told["stmttrn"]:
        yield f"{len(read.entries)} entries, not {told['stmttrn']}"
    if total != Decimal(told["sum_trnamt"]):
        yield f"sum {total}, not {told['sum_trnamt']}"
    found = [one.amount for statement in read.statements for one in statement.balances if one.code in ("CLBD", "ITBD")]
    if found != [Decimal(text.replace(",", ".")) for text in told["ledgerbal"] if text]:
        yield f"balances {found}, not {told['ledgerbal']}"


FORMATS = (
    Format("camt.052", (Camt052(location=WHERE),), facts, camt_differences),
    Format("camt.053", (Camt053(location=WHERE),), facts, camt_differences),
    Format("camt.054", (Camt054(location=WHERE),), facts, camt_differences),
    Format("bai2", (Bai2(location=WHERE),), lambda told: set(bai_facts(told)), bai_differences),
    Format("ofx", (Ofx(location=WHERE),), lambda told: set(ofx_facts(told)), ofx_differences),
    Format("mt94x", (Mt94x(location=WHERE),), lambda told: set(mt_facts(told)), mt_differences),
)
