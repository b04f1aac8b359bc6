"""What the oracle knows against a file of ISO 20022; a file may be refused or held for these only."""

from decimal import Decimal


def facts(told):
    """What the oracle knows against a file; a file may be refused or held for these only."""
    found = set()
    if not told.get("well_formed") or told.get("message") is None or not told.get("stmts"):
        found.add("not a statement")
    for statement in told.get("stmts", []):
        found |= set(_facts_of(statement))
    return found


def _facts_of(statement):
    difference = statement.get("balance_equation_diff")
    if difference is None:
        yield "balance not provable"
    elif Decimal(difference):
        yield "balance equation open"
    if set(statement["status"]) - {"", "BOOK"}:
        yield "not booked"
    if statement.get("mixed_currency_entries"):
        yield "several currencies"
    if len({balance["ccy"] for balance in statement["balances"]} | set(statement["by_currency"])) > 1:
        yield "several currencies"
    if statement.get("unparsable_entries"):
        yield "entries that cannot be read"
    if int(statement.get("summary_nb_entries") or statement["entries"]) != statement["entries"]:
        yield "declared totals unmet"
