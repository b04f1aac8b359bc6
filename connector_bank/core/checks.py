"""What a bank statement says about itself, held against what it contains. Differences are findings, never errors."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Context, Decimal

from odoo.addons.finance_integration_governance.core.contract import Finding

from .statement import BankReport

# With one of these nothing of the statement is booked before a person has looked.
BLOCKING = frozenset(
    {
        "balance_open",
        "balance_missing",
        "totals_unmet",
        "details_differ",
        "several_currencies",
        "unknown_status",
        "date_unknown",
        "header_after_entries",
        "correction",
        "lines_joined",
    }
)
INFORMATION = frozenset(
    {
        "balance_not_told",
        "totals_not_told",
        "not_booked",
        "empty_statement",
        "is_copy",
        "date_assumed",
        "text_shortened",
    }
)

_exact = Context(prec=200).add
_ZERO = Decimal()


@dataclass(slots=True)
class Side:
    """What entries of one currency and state add up to; both sums without sign."""

    count: int = 0
    credit_count: int = 0
    credits: Decimal = _ZERO
    debits: Decimal = _ZERO

    @property
    def net(self):
        return _exact(self.credits, -self.debits)

    def __add__(self, other):
        return Side(
            self.count + other.count,
            self.credit_count + other.credit_count,
            _exact(self.credits, other.credits),
            _exact(self.debits, other.debits),
        )


@dataclass(slots=True)
class Tally:
    """The entries of one statement as they were read: booked and waiting by currency, and what was odd about them."""

    booked: dict = field(default_factory=dict)
    waiting: dict = field(default_factory=dict)
    statuses: Counter = field(default_factory=Counter)
    odd: Counter = field(default_factory=Counter)
    differing: list = field(default_factory=list)

    def add(self, amount, currency, is_booked):
        sides = self.booked if is_booked else self.waiting
        side = sides.get(currency)
        if side is None:
            side = sides[currency] = Side()
        side.count += 1
        if amount < 0:
            side.debits = _exact(side.debits, -amount)
        else:
            side.credit_count += 1
            side.credits = _exact(side.credits, amount)


def findings(statement, tally, needs_balances=True):
    """Every `Finding` about a statement that was read to its end."""
    yield from _balance(statement, tally, needs_balances)
    for check in (_empty, _currencies, _declared, _not_booked, _odd, _copy):
        yield from check(statement, tally)


def _finding(statement, code, text, **facts):
    return Finding(code, text, statement.key, facts, blocking=code in BLOCKING)


def _empty(statement, tally):
    if not tally.booked and not tally.waiting:
        yield _finding(statement, "empty_statement", "The statement holds no entry.")


def _is_report(statement):
    return statement.__class__ is BankReport


def _currency(statement):
    return statement.closing.currency if statement.closing else statement.currency_of_account


def _currencies(statement, tally):
    found = {*tally.booked, statement.currency_of_account, _currency(statement)} - {None}
    if len(found) > 1:
        names = ", ".join(sorted(found))
        yield _finding(statement, "several_currencies", f"The statement mixes currencies: {names}.", currencies=names)


def _balance(statement, tally, needs_balances):
    if _is_report(statement):
        return  # what is told between two statements ends nowhere
    opening, closing = statement.opening, statement.closing
    if not opening or not closing:
        if tally.booked:
            missing = "opening" if closing else "closing"
            code = "balance_missing" if needs_balances else "balance_not_told"
            yield _finding(statement, code, f"The statement has no {missing} balance.", missing=missing)
        return
    side = tally.booked.get(closing.currency, Side())
    difference = _exact(_exact(opening.amount, side.net), -closing.amount)
    if difference or opening.currency != closing.currency:
        text = "Opening balance and booked entries do not give the closing balance."
        yield _finding(statement, "balance_open", text, difference=str(difference), currency=closing.currency)


def _declared(statement, tally):
    declared = statement.declared
    if not declared:
        return
    booked = sum(tally.booked.values(), Side())
    everything = sum(tally.waiting.values(), booked)
    # Banks differ in whether their totals count what is not booked yet; one of the two readings has to be met.
    unmet = _unmet(declared, booked)
    if unmet and _unmet(declared, everything):
        yield _finding(statement, "totals_unmet", f"The bank's own totals are not met: {', '.join(unmet)}.", **unmet)


def _unmet(declared, side):
    """Measure -> "declared / found" for each declared total that is not met."""
    found = {
        "count": side.count,
        "credit_count": side.credit_count,
        "debit_count": side.count - side.credit_count,
        "credits": side.credits,
        "debits": side.debits,
        "net": side.net,
    }
    said = {name: getattr(declared, name) for name in found}
    return {name: f"{said[name]} / {found[name]}" for name in found if said[name] not in (None, found[name])}


def _not_booked(statement, tally):
    if tally.waiting and not _is_report(statement):
        count = sum(side.count for side in tally.waiting.values())
        text = f"{count} entries are not booked yet; they are kept beside the statement."
        yield _finding(statement, "not_booked", text, count=count, **tally.statuses)


def _odd(statement, tally):
    for code, count in tally.odd.items():
        yield _finding(statement, code, _ODD[code].format(count=count), count=count)
    if tally.differing:
        numbers = ", ".join(map(str, tally.differing[:20]))
        text = f"The details of {len(tally.differing)} entries do not add up to the entry: number {numbers}."
        yield _finding(statement, "details_differ", text, count=len(tally.differing), entries=numbers)


_ODD = {
    "unknown_status": "{count} entries have a status that the standard does not know.",
    "date_unknown": "{count} entries bear no date, and the statement covers more than one day.",
    "date_assumed": "{count} entries bear no date and were given the statement's only day.",
    "text_shortened": "{count} texts were longer than can be kept and end with a mark.",
    "header_after_entries": "Balances or totals stand after the entries.",
}


def _copy(statement, tally):
    if statement.copy:
        yield _finding(statement, "is_copy", f"The bank marks the statement as {statement.copy}.", mark=statement.copy)
