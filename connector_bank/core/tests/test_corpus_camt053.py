"""Published and hostile camt.053 files, held against what an independent reader found in them (the oracle).

Each file is read right, or refused or held for a fact that the oracle records. What is neither is silently wrong, and
there must be none. The files are not part of this repository: FIG_SAMPLES names their folder. `pytest -s` prints
the list.
"""

from collections import Counter
from decimal import Decimal
from functools import cache

import pytest
from oracle import ATTACKS, BROKEN, CHANGED, PUBLISHED, SAMPLES, facts, oracle

from odoo.addons.connector_bank.core import camt053, checks
from odoo.addons.connector_bank.core.statement import BankEntry, BankStatement, ProvisionalEntry
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import Finding, breaches
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

CONNECTOR = camt053.Camt053(location="file:///")


class Reading:
    """What the connector made of one file."""

    def __init__(self, path):
        self.statements, self.entries, self.findings, self.refused = [], [], [], None
        try:
            for one in CONNECTOR.parse(Payload(path.name, lambda: path.open("rb"))):
                self._kind(one).append(one)
        except MalformedPayload as error:
            self.refused = error

    def _kind(self, one):
        return {
            Finding: self.findings,
            BankStatement: self.statements,
            BankEntry: self.entries,
            ProvisionalEntry: self.entries,
        }[type(one)]

    @property
    def blocking(self):
        return sorted({finding.code for finding in self.findings} & checks.BLOCKING)

    def of(self, statement):
        """(leaf rows, credits and debits by currency) of one statement."""
        entries = [entry for entry in self.entries if entry.parent_key == statement.key]
        sides = {}
        for entry in entries:
            side = sides.setdefault(entry.currency, {"credit": Decimal(), "debit": Decimal()})
            side["debit" if entry.amount < 0 else "credit"] += abs(entry.amount)
        return sum(max(1, entry.details or 1) for entry in entries), sides


@cache
def reading(name):
    return Reading(SAMPLES / name)


def differences(read, told):
    """Where the reading is not what the oracle says."""
    expected = told.get("stmts", [])
    if len(read.statements) != len(expected):
        return [f"{len(read.statements)} statements, not {len(expected)}"]
    return [line for pair in zip(read.statements, expected, strict=True) for line in _compare(read, *pair)]


def _compare(read, statement, told):
    rows, sides = read.of(statement)
    if rows != told["leaf_rows"]:
        yield f"{rows} rows, not {told['leaf_rows']}"
    if sides != {currency: _decimals(both) for currency, both in told["by_currency"].items()}:
        yield f"sums {sides}, not {told['by_currency']}"
    found = [(balance.code, balance.amount, balance.currency) for balance in statement.balances]
    if found != [(balance["code"], Decimal(balance["amount"]), balance["ccy"]) for balance in told["balances"]]:
        yield "other balances"
    if statement.account != told["account"].replace(" ", "").upper():
        yield f"account {statement.account}, not {told['account']}"


def _decimals(both):
    return {side: Decimal(value) for side, value in both.items()}


def verdict(read, told):
    """(kind, fact): read right; held or refused for a reason that the oracle knows; or silently wrong."""
    known = ", ".join(sorted(facts(told)))
    if read.refused:
        return ("refused", f"{read.refused.text} [{known}]") if known else ("wrong", f"refused: {read.refused.text}")
    wrong = differences(read, told)
    if wrong:
        return "wrong", "; ".join(wrong)
    if read.blocking:
        return ("held", f"{', '.join(read.blocking)} [{known}]") if known else ("wrong", f"held: {read.blocking}")
    return "right", f"{told['leaf_rows']} rows"


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_file_is_read_right_or_held_for_a_fact(name):
    kind, fact = verdict(reading(name), oracle("camt.053")[name])
    print(f"{kind:8} {name}: {fact}")
    assert kind != "wrong", fact


@pytest.mark.parametrize("name", PUBLISHED + CHANGED)
def test_what_is_read_keeps_its_contract(name):
    read = reading(name)
    assert [breaches(one) for one in read.statements + read.entries if breaches(one)] == []


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_of_form_changes_nothing(name):
    source = oracle("derived")[name]["derived_from"]
    read = reading(name)
    if source.startswith("camt.052"):
        assert read.refused.code == "other_message"
        return
    told = oracle("camt.053")[source]
    assert differences(read, told) == []
    assert read.blocking == reading(source).blocking


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_or_held_as_the_oracle_expects(name):
    expectation, read = oracle("derived")[name]["expectation"], reading(name)
    kind = "refused" if read.refused else "held" if read.blocking else "right"
    print(f"{kind:8} {name}: {read.refused or read.blocking or expectation}")
    if "refuse" in expectation:
        assert read.refused or ("quarantine" in expectation and read.blocking)
    elif "quarantine" in expectation:
        assert read.blocking
    else:
        source = reading(oracle("derived")[name]["derived_from"])
        assert not read.refused and not read.blocking
        assert sum(entry.amount for entry in read.entries) == sum(entry.amount for entry in source.entries)


@pytest.mark.parametrize("name", ATTACKS)
def test_s01_s02_an_attack_is_refused(name):
    assert reading(name).refused


@pytest.mark.parametrize("name", PUBLISHED + CHANGED)
def test_law_2_reading_twice_gives_the_same_keys(name):
    first, again = (
        [(one.key, one.alt_key) for one in read.entries] for read in (reading(name), Reading(SAMPLES / name))
    )
    assert first == again
    assert len({alt_key for _key, alt_key in first}) == len(first)


def test_nothing_is_silently_wrong():
    counts = Counter(verdict(reading(name), oracle("camt.053")[name])[0] for name in PUBLISHED)
    print(f"published files: {dict(counts)}")
    assert counts["wrong"] == 0
    assert counts["right"] >= len(PUBLISHED) // 2
