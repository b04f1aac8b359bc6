"""The authority matrix: who may write a field, and what happens to everybody else."""

import dataclasses
import itertools
import json

import pytest

from odoo.addons.finance_integration_governance.core import authority
from odoo.addons.finance_integration_governance.core.authority import (
    ALLOW,
    FlowWriter,
    Matrix,
    Rule,
    contradiction,
    decide,
    masked,
    same,
)
from odoo.addons.finance_integration_governance.core.authority_entities import BY_MODEL, ENTITIES

SAP = FlowWriter("sap-partners", "sap", "olga")
CRM = FlowWriter("crm-partners", "crm", "carl")


class Person:
    is_flow = False

    def __init__(self, *names):
        self.names = names

    def holds(self, name):
        return name in self.names


ANNA = Person("user:anna", "group:account.group_account_manager")


def rule(**more):
    told = {"entity": "partner", "kind": "master", "field": "vat", "system": "sap", "direction": "inbound"}
    return Rule(**{**told, "steward": "stella", **more})


OURS = rule(system="odoo", direction="outbound")


def test_without_a_rule_everybody_writes():
    assert decide(None, CRM, "old", "new") is ALLOW


def test_the_system_of_record_writes_through_its_flow():
    assert decide(rule(), SAP, "old", "new") is ALLOW


def test_another_system_is_refused_and_told_where_to_correct():
    told = decide(rule(), CRM, "old", "new")
    assert (told.verdict, told.code) == ("refuse", "sender_is_wrong")
    assert "sap is the system of record" in told.sentence
    assert "crm has to be corrected, by carl" in told.sentence
    assert "stella changes it in sap" in told.sentence


def test_what_odoo_owns_comes_from_nowhere_else():
    told = decide(OURS, SAP, "old", "new")
    assert told.verdict == "refuse"
    assert "Odoo is the system of record for Contact, vat: sap has to be corrected, by olga" in told.sentence


@pytest.mark.parametrize(("conflict", "verdict"), [("reject", "refuse"), ("hold", "hold"), ("ask", "ask")])
def test_the_conflict_rule_decides_what_becomes_of_the_item(conflict, verdict):
    assert decide(rule(conflict=conflict), CRM, "old", "new").verdict == verdict


@pytest.mark.parametrize(("old", "new"), [("x", "x"), (None, False), ("", None), (1.0, 1), ("é", "é"), ((), None)])
def test_the_same_value_is_no_conflict(old, new):
    assert same(old, new)
    assert decide(OURS, SAP, old, new) is ALLOW


@pytest.mark.parametrize(("old", "new"), [("x", "X"), (None, "x"), ("x", None), (True, False), (1.0, 1.5)])
def test_another_value_is_a_conflict(old, new):
    assert decide(OURS, SAP, old, new).verdict == "refuse"


def test_a_connection_that_is_called_odoo_is_not_odoo():
    fake = FlowWriter("fake", "odoo")
    assert decide(rule(system="odoo", direction="both"), fake, "old", "new").verdict == "refuse"


def test_only_the_listed_flow_writes_even_from_the_system_of_record():
    listed = rule(writers=("flow:sap-nightly",))
    told = decide(listed, SAP, "old", "new")
    assert (told.verdict, told.code) == ("refuse", "not_by_this_flow")
    assert "by sap-nightly" in told.sentence
    assert decide(listed, FlowWriter("sap-nightly", "sap"), "old", "new") is ALLOW


def test_a_listed_flow_does_not_write_against_the_direction():
    assert decide(rule(direction="outbound", writers=("flow:sap-partners",)), SAP, "a", "b").verdict == "refuse"


@pytest.mark.parametrize("edit", ["refuse", "warn"])
def test_an_edit_in_odoo_of_what_another_system_owns(edit):
    told = decide(rule(edit=edit), ANNA, "old", "new")
    assert (told.verdict, told.code) == (edit, "change_it_there")
    assert "sap is the system of record for Contact, vat: change it there, by stella" in told.sentence


def test_people_edit_what_odoo_owns():
    assert decide(OURS, ANNA, "old", "new") is ALLOW


@pytest.mark.parametrize("writers", [("user:anna",), ("group:account.group_account_manager",)])
def test_a_listed_person_edits_whatever_system_owns_it(writers):
    assert decide(rule(writers=writers), ANNA, "old", "new") is ALLOW
    assert decide(rule(system="odoo", direction="none", writers=writers), ANNA, "old", "new") is ALLOW


def test_who_is_not_listed_edits_nothing_even_where_odoo_owns():
    told = decide(rule(system="odoo", direction="none", writers=("user:bert",)), ANNA, "old", "new")
    assert (told.verdict, told.code) == ("refuse", "not_by_you")
    assert "changed by bert only: ask stella" in told.sentence


def test_a_listed_flow_opens_nothing_to_people():
    assert decide(rule(writers=("flow:anna",)), Person("user:anna", "flow:anna"), "a", "b").verdict == "refuse"


def test_a_listed_person_opens_nothing_to_flows_of_the_same_name():
    named = FlowWriter("anna", "crm")
    assert decide(rule(writers=("user:anna",)), named, "old", "new").verdict == "refuse"


def test_the_rule_for_a_field_beats_the_rule_for_every_field():
    general, special = rule(field="*"), rule(system="odoo", direction="none")
    for rules in itertools.permutations([general, special]):
        assert Matrix(rules).find("partner", "master", "vat") is special
        assert Matrix(rules).find("partner", "master", "name") is general


def test_every_field_means_the_entitys_own_and_custom_ones():
    matrix = Matrix([rule(field="*")])
    assert matrix.find("partner", "master", "x_region")
    assert matrix.find("partner", "master", "*")
    assert not matrix.find("partner", "master", "message_follower_ids")


def test_kinds_of_data_are_kept_apart():
    actual = rule(entity="journal_entry", kind="actual", field="*", system="odoo", direction="outbound")
    adjusted = rule(entity="journal_entry", kind="adjustment", field="*")
    matrix = Matrix([actual, adjusted])
    assert matrix.find("journal_entry", "actual", "*") is actual
    assert matrix.find("journal_entry", "adjustment", "*") is adjusted
    assert matrix.find("journal_entry", "budget", "*") is None


def test_two_rules_for_one_field_are_refused():
    with pytest.raises(ValueError, match="two rules for master data"):
        Matrix([rule(), rule(system="crm")])


def test_other_doors_to_a_field_are_governed_like_it():
    matrix = Matrix([rule(entity="account", field="code")])
    governed = matrix.by_field("account", "master")
    assert governed["code_store"] is governed["code_mapping_ids"] is governed["code"]
    assert matrix.find("account", "master", "code_store") is governed["code"]


def test_a_record_does_not_leave_the_company_whose_rules_hold():
    warned, refused = rule(field="name", edit="warn"), rule()
    assert Matrix([warned, refused]).by_field("partner", "master")["company_id"] is refused


def test_where_no_rule_is_nothing_is_governed():
    assert Matrix([rule()]).by_field("account", "master") == {}


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, None),
        ({"kind": "budget"}, "kind"),
        ({"entity": "nothing"}, "kind"),
        ({"system": ""}, "system"),
        ({"direction": "outbound"}, "outbound_of_another"),
        ({"direction": "outbound", "writers": ("flow:x",)}, "flow_against_direction"),
        ({"system": "odoo", "direction": "both"}, "inbound_without_flow"),
        ({"system": "odoo", "direction": "both", "writers": ("flow:x",)}, None),
    ],
)
def test_a_rule_that_means_nothing_is_named(told, code):
    assert contradiction(rule(**told)) == code


def test_account_numbers_and_addresses_of_people_are_shown_in_part():
    assert masked("bank_account", "acc_number", "BE68539007547034") == "BE…34"
    assert masked("bank_account", "sanitized_acc_number", "BE68539007547034") == "BE…34"
    assert masked("partner", "phone", "12345") == "…"
    assert masked("partner", "vat", "BE0477472701") == "BE0477472701"
    assert masked("partner", "vat", None) == ""


def test_what_another_system_owns_leaves_only_where_it_goes_both_ways():
    told = Matrix([rule(entity="actual", kind="actual", field="balance", direction="inbound")])
    assert list(told.kept_in("actual", "actual", ["balance", "period"])) == ["balance"]
    told = Matrix([rule(entity="actual", kind="actual", field="balance", direction="both")])
    assert not told.kept_in("actual", "actual", ["balance"])


def test_a_rule_for_every_field_keeps_in_fields_that_it_does_not_name():
    told = Matrix([rule(entity="actual", kind="actual", field="*", system="odoo", direction="none")])
    assert set(told.kept_in("actual", "actual", ["balance", "something"])) == {"balance", "something"}


def test_what_odoo_owns_leaves():
    told = Matrix([rule(entity="actual", kind="actual", field="*", system="odoo", direction="outbound")])
    assert not told.kept_in("actual", "actual", ["balance"])


def test_every_entity_has_one_model_at_most():
    assert len(BY_MODEL) == len([one for one in ENTITIES.values() if one.model])


def test_a_matrix_reads_back_what_a_document_keeps():
    rules = [rule(writers=("user:a",)), rule(entity="account", field="*", edit="warn")]
    told = json.loads(json.dumps(authority.written(rules)))
    assert told["partner"]["master"]["vat"]["system"] == "sap"
    assert list(authority.read(told).rules.values()) == rules


def test_a_document_keeps_no_two_rules_for_one_field():
    with pytest.raises(ValueError, match="two rules"):
        authority.written([rule(), rule(system="crm")])


@pytest.mark.parametrize("system", ["bank", "sap"])
def test_a_system_is_not_odoo_whatever_its_name_sorts_like(system):
    theirs = rule(system=system)
    told = decide(theirs, ANNA, "old", "new")
    assert (told.verdict, told.code) == ("refuse", "change_it_there")
    assert told.sentence.startswith(f"{system} is the system of record")
    assert contradiction(rule(system=system, direction="both")) is None
    assert contradiction(rule(system=system, direction="outbound")) == "outbound_of_another"
    assert not rule(system=system, direction="outbound").lets_out


@pytest.mark.parametrize("system", ["crm", "zeta"])
def test_a_flow_of_another_system_is_refused_whatever_its_name_sorts_like(system):
    told = decide(rule(), FlowWriter("partners", system), "old", "new")
    assert (told.verdict, told.code) == ("refuse", "sender_is_wrong")


@pytest.mark.parametrize("listed", ["sap-nightly", "sap-zones"])
def test_a_flow_is_listed_by_its_whole_code(listed):
    assert decide(rule(writers=(f"flow:{listed}",)), SAP, "old", "new").verdict == "refuse"


def test_a_rule_for_every_field_is_named_so():
    assert authority.named("partner", "*") == "Contact, every field"
    assert authority.named("nothing", "vat") == "nothing, vat"


def test_what_one_rule_governs_is_its_field_its_doors_and_the_records_home():
    assert set(Matrix([rule()]).by_field("partner", "master")) == {"vat", "company_id"}
    others = [rule(entity="account", field="name"), rule(entity="tax", field="name"), rule()]
    assert set(Matrix(others).by_field("partner", "master")) == {"vat", "company_id"}
    assert set(Matrix([rule(field="email")]).by_field("partner", "master")) == {
        *("email", "email_normalized", "company_id"),
    }


def test_a_rule_for_every_field_governs_all_of_them_and_the_record_as_a_whole():
    general, special = rule(field="*"), rule(edit="warn")
    governed = Matrix([general, special]).by_field("partner", "master")
    assert set(governed) == {
        *("*", "company_id"),
        *ENTITIES["partner"].fields,
        *ENTITIES["partner"].aliases,
    }
    assert (governed["*"], governed["name"], governed["vat"]) == (general, general, special)


def test_where_every_rule_warns_the_first_one_holds_the_records_home():
    first, second = rule(field="name", edit="warn"), rule(edit="warn")
    assert Matrix([first, second]).by_field("partner", "master")["company_id"] is first


def test_short_and_long_values_are_shown_in_part():
    assert masked("bank_account", "acc_number", "1234567") == "…"
    assert masked("bank_account", "acc_number", "12345678") == "12…78"
    assert masked("partner", "name", "x" * 201) == "x" * 200


def test_nothing_is_shown_as_nothing_and_everything_else_as_it_is():
    assert [masked("partner", "phone", nothing) for nothing in (None, False, "")] == ["", "", ""]
    assert masked("partner", "is_company", True) == "True"
    assert masked("partner", "credit_limit", 5) == "5"
    assert masked("nothing", "phone", "123456789") == "123456789"


@pytest.mark.parametrize(("fixed", "name"), [(OURS, "system"), (SAP, "code"), (ALLOW, "verdict")])
def test_a_rule_a_writer_and_a_decision_do_not_change(fixed, name):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(fixed, name, "x")


def test_what_was_decided_is_not_changed_afterwards():
    rule = Rule("partner", "master", "vat", "sap", "inbound")
    decision = decide(rule, CRM, "old", "new")
    for told, name in ((rule, "system"), (CRM, "system"), (decision, "verdict")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(told, name, "allow")
