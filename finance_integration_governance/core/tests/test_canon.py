"""Canonical objects of the kernel: told apart by readable keys, frozen by version, and defined beside the code."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from odoo.addons.finance_integration_governance.core import canon
from odoo.addons.finance_integration_governance.core.canon import CONTRACTS
from odoo.addons.finance_integration_governance.core.contract import breaches
from odoo.addons.finance_integration_governance.core.contracts import Version
from odoo.addons.finance_integration_governance.core.dictionary import entities
from odoo.addons.finance_integration_governance.core.testing.frozen_contracts import FrozenContracts


class TestKernelContracts(FrozenContracts):
    contracts = CONTRACTS
    folder = Path(canon.__file__).parent.parent / "schemas"


def entry(*lines):
    told = {"company": "ACME", "number": "100", "posted_on": dt.date(2026, 3, 31), "currency": "EUR"}
    return canon.JournalEntry(**told, lines=lines)


def test_every_contract_has_a_name_and_a_version_of_its_own():
    versions = [Version.read(cls.contract) for cls in CONTRACTS]
    assert len({version.name for version in versions}) == len(CONTRACTS)


def test_the_issue_names_twelve_objects_and_all_are_there():
    asked = "Company Ledger Account CostCenter Project TaxCode Partner JournalEntry Payment BudgetVersion BudgetLine"
    assert {cls.__name__ for cls in CONTRACTS} == {*asked.split(), "ReportingPeriod"}


def test_a_key_is_readable_and_led_by_its_rule():
    assert canon.Account(company="ACME", number="4000", name="Sales").key == "1|ACME|4000"


def test_an_entry_of_another_year_is_another_entry():
    assert entry().key == "1|ACME||2026|100"


def test_an_entry_adds_the_sum_of_its_debits():
    lines = [canon.JournalLine(account="1", debit=Decimal(d), credit=Decimal(c)) for d, c in (("7", "0"), ("0", "7"))]
    assert entry(*lines).amount == Decimal(7)


def test_a_bar_in_a_part_of_a_key_breaks_the_contract():
    told = canon.Account(company="AC|ME", number="4000", name="Sales")
    assert [(b.member, b.rule) for b in breaches(told)] == [("company", "pattern")]


def test_the_dictionary_has_every_contract_and_every_part_once():
    names = [entity.name for entity in entities(CONTRACTS)]
    assert names == sorted(set(names))
    assert {"master.account", "journal.entry", "part.journalline"} <= set(names)


def test_a_name_of_an_outside_system_leads_to_our_field():
    found = [
        (entity.name, field.name)
        for entity in entities(CONTRACTS)
        for field in entity.fields
        if field.aliases.get("sap") == "SAKNR"
    ]
    assert found == [("master.account", "number")]


@pytest.mark.parametrize("cls", CONTRACTS, ids=lambda cls: cls.__name__)
def test_an_entity_is_defined_in_a_sentence(cls):
    [entity] = [one for one in entities([cls]) if one.contract]
    assert entity.means.endswith(".")
