"""What follows from a register."""

from odoo.addons.finance_integration_governance.core.register import QUESTIONS, not_in_scope, outside_region, unanswered

BOUND = {"code": "restricted", "regions": ["DE", "FR"]}


def test_a_blank_answer_is_none():
    answers = dict.fromkeys(QUESTIONS, "yes") | {"checks": "  "}
    assert unanswered({"questions": answers}) == ["What is checked?"]
    assert unanswered({"questions": dict.fromkeys(QUESTIONS, "yes")}) == []


def test_nothing_said_leaves_all_five_open():
    assert unanswered({}) == list(QUESTIONS.values())


def test_a_class_without_regions_goes_anywhere():
    assert outside_region({"data_class": {"code": "public"}, "system": {"country": "US"}}) is None
    assert outside_region({}) is None


def test_a_bound_class_stays_in_its_region():
    assert outside_region({"data_class": BOUND, "system": {"country": "DE"}}) is None
    assert "in US" in outside_region({"data_class": BOUND, "system": {"country": "US"}})


def test_a_bound_class_goes_nowhere_unknown():
    assert "nobody said where" in outside_region({"data_class": BOUND})
    assert "nobody said where" in outside_region({"data_class": BOUND, "system": {"code": "x"}})


def test_a_field_that_is_not_named_is_told_once():
    register = {"scope": {"planning.actual": ["account", "period"]}}
    told = [("planning.actual/1.0", "account"), ("planning.actual/1.1", "note"), ("planning.actual/1.0", "note")]
    assert not_in_scope(register, told) == [("planning.actual", "note")]


def test_without_a_scope_nothing_is_approved():
    assert not_in_scope({}, [("a/1", "x")]) == [("a", "x")]
