"""A version document: one spelling, who holds which role, what changed."""

import datetime as dt
import json
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.canonical import digest
from odoo.addons.finance_integration_governance.core.document import FlowDocument, differences, written

PEOPLE = [
    {"role": "owner", "login": "early", "to": "2026-03-31"},
    {"role": "owner", "login": "late", "from": "2026-04-01"},
    {"role": "deputy", "login": "always"},
]


def test_the_same_content_has_the_same_digest():
    assert written({"b": 1, "a": [1]}) == written({"a": [1], "b": 1})


def test_other_content_has_another_digest():
    assert written({"a": 1})[1] != written({"a": 2})[1]


def test_what_was_written_is_read():
    text, told = written({"connection": {"settings": {"folder": "x"}}, "tolerances": {"EUR": "0.01"}})
    document = FlowDocument.read(text)
    assert (document.digest, document.settings, document.tolerances) == (
        told,
        {"folder": "x"},
        {"EUR": Decimal("0.01")},
    )
    assert document.digest == digest(text) and json.loads(text)["format"] == 1


def test_a_changed_text_has_another_digest_than_it_was_stored_under():
    text, told = written({"a": 1})
    assert FlowDocument.read(text.replace("1", "2", 1)).digest != told


def test_roles_hold_from_the_first_to_the_last_day():
    document = FlowDocument.read(written({"people": PEOPLE})[0])
    days = {dt.date(2026, 3, 31): ["early"], dt.date(2026, 4, 1): ["late"]}
    assert {day: document.people("owner", day) for day in days} == days
    assert document.people("deputy", dt.date(2030, 1, 1)) == ["always"]
    assert document.people("steward", dt.date(2026, 4, 1)) == []


def test_a_limit_that_is_not_there_is_the_default():
    document = FlowDocument.read(written({"limits": {"retries": 3}})[0])
    assert (document.limit("retries", 8), document.limit("deliver_batch", 300)) == (3, 300)


def test_differences_name_the_leaf():
    old, new = {"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 1, "c": 3, "e": None}, "d": [1, 2]}
    assert differences(old, new) == [("a.c", 2, 3), ("d", [1], [1, 2])]


def test_the_same_content_has_no_differences():
    assert differences({"a": {"b": [1]}}, {"a": {"b": [1]}}) == []
