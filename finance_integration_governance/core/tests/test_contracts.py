"""Versions of contracts: what serves what, what is refused, and from which day."""

import copy
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core.canon import Account
from odoo.addons.finance_integration_governance.core.contract import schema
from odoo.addons.finance_integration_governance.core.contracts import (
    Version,
    broken_promises,
    refuse_unknown,
    standing,
    unknown,
)
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

SCHEMA = schema(Account)
NUMBER = st.integers(0, 9999)


@given(NUMBER, NUMBER)
def test_a_version_is_written_as_it_is_read(major, minor):
    text = f"bank.entry/{major}.{minor}"
    assert str(Version.read(text)) == text


@given(NUMBER, NUMBER, NUMBER, NUMBER)
def test_a_version_serves_what_is_older_of_the_same_major(major, minor, other, older):
    serves = Version("x", major, minor).serves(Version("x", other, older))
    assert serves == (major == other and minor >= older)


@pytest.mark.parametrize(
    "text", ["", "bank.entry", "bank.entry/1", "bank.entry/1.0.0", "Bank/1.0", "x/01.0", "x/1.0\n"]
)
def test_what_is_no_version_is_refused(text):
    with pytest.raises(ValueError):
        Version.read(text)
    assert unknown([text], ["x/1.0"]) == [text]


def test_an_unknown_version_is_refused_by_name():
    with pytest.raises(MalformedPayload) as refused:
        refuse_unknown(["x/1.0", "x/1.2", "y/1.0"], ["x/1.1"])
    assert refused.value.code == "unknown_contract"
    assert refused.value.facts["contracts"] == ["x/1.2", "y/1.0"]


def test_the_sunset_is_the_last_day_of_use():
    dates = {"deprecated_on": "2026-01-01", "sunset_on": "2026-06-30"}
    days = [dt.date(2025, 12, 31), dt.date(2026, 1, 1), dt.date(2026, 6, 30), dt.date(2026, 7, 1)]
    assert [standing(dates, day) for day in days] == ["active", "deprecated", "deprecated", "sunset"]


def test_without_dates_a_contract_is_active():
    assert standing({}, dt.date(2026, 1, 1)) == "active"


def changed(change):
    new = copy.deepcopy(SCHEMA)
    change(new)
    return broken_promises(SCHEMA, new)


def test_a_new_optional_member_breaks_no_promise():
    assert not changed(lambda new: new["properties"].update(extra={"type": "string"}))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda new: new["properties"].pop("kind"), "kind is gone"),
        (lambda new: new["properties"]["number"].update(maxLength=10), "number is another one"),
        (lambda new: new["required"].append("kind"), "kind is required now"),
        (lambda new: new["required"].remove("number"), "number is optional now"),
    ],
)
def test_anything_else_does(change, told):
    assert changed(change) == [told]
