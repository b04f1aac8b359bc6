"""One value, one spelling; and a contract that is checked as it is written."""

import dataclasses
import datetime as dt
import json
import typing
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest, plain, simple, told
from odoo.addons.finance_integration_governance.core.contract import Breach, Text, breaches

Short = typing.Annotated[str, Text(5)]
Capital = typing.Annotated[str, Text(3, "[A-Z]{3}")]


@dataclasses.dataclass(frozen=True)
class Part:
    amount: Decimal
    code: Capital | None = None


@dataclasses.dataclass(frozen=True)
class Whole:
    name: Short
    on: dt.date | None = None
    at: dt.datetime | None = None
    parts: tuple[Part, ...] = ()
    is_new: bool | None = None
    count: int | None = None
    place: str = dataclasses.field(default="", compare=False)


FULL = Whole(
    "ä\n",
    dt.date(2026, 3, 2),
    dt.datetime(2026, 3, 2, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))),
    (Part(Decimal("1.50"), "EUR"), Part(Decimal("-0"))),
    False,
    7,
    "row 3",
)


def test_everything_has_one_spelling():
    assert canonical(FULL) == (
        '{"at":"2026-03-01T23:00:00Z","count":7,"is_new":false,"name":"ä\\n","on":"2026-03-02",'
        '"parts":[{"amount":"1.5","code":"EUR"},{"amount":"0"}]}'
    )


def test_what_says_which_one_it_is_is_not_in_the_text():
    assert told(FULL) == told(dataclasses.replace(FULL, place="elsewhere"))
    assert told(FULL)[1] == digest(canonical(FULL))


def test_absent_members_are_left_out():
    assert canonical(Whole("a")) == '{"name":"a"}'


@given(st.text(), st.text())
def test_texts_are_json_and_in_one_form(key, value):
    assert json.loads(canonical({key: value})) == simple({key: value})
    assert canonical({"a": "e\u0301"}) == canonical({"a": "\u00e9"})


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_no_amount_changes_its_value(number):
    assert Decimal(plain(number)) == number and "E" not in plain(number)


@pytest.mark.parametrize("value", [1.5, {"a": 1.5}, [1.5], object(), {1, 2}, b"x"])
def test_what_has_no_spelling_is_refused(value):
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), dt.datetime(2026, 1, 1)])  # noqa: DTZ001
def test_what_is_no_value_is_refused(value):
    with pytest.raises(ValueError, match=r"amount|zone"):
        canonical(value)


@pytest.mark.parametrize(
    ("changed", "breach"),
    [
        ({"name": None}, Breach("name", "missing")),
        ({"name": 3}, Breach("name", "type")),
        ({"name": "123456"}, Breach("name", "length")),
        ({"name": "a\0"}, Breach("name", "control")),
        ({"on": "2026-01-01"}, Breach("on", "type")),
        ({"on": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, Breach("on", "type")),
        ({"at": dt.datetime(2026, 1, 1)}, Breach("at", "type")),  # noqa: DTZ001
        ({"count": True}, Breach("count", "type")),
        ({"parts": [Part(Decimal(1))]}, Breach("parts", "type")),
        ({"parts": (Part(Decimal("NaN")),)}, Breach("parts.amount", "digits")),
        ({"parts": (Part(Decimal(10) ** 40),)}, Breach("parts.amount", "digits")),
        ({"parts": (Part(Decimal(1), "eur"),)}, Breach("parts.code", "pattern")),
        ({"parts": (Part(1.5),)}, Breach("parts.amount", "type")),
    ],
)
def test_each_rule_of_a_contract_is_seen(changed, breach):
    assert breaches(FULL) == []
    assert breaches(dataclasses.replace(FULL, **changed)) == [breach]
