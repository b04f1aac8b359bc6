"""Contracts: the schema is derived from the members, and the quick look agrees with the thorough one."""

import dataclasses
import datetime as dt
import typing
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core.canonical import told
from odoo.addons.finance_integration_governance.core.contract import Canonical, Code, Currency, Text, breaches, schema


@dataclasses.dataclass(frozen=True)
class Line(Canonical):
    contract = "test.line.1"
    number: Code
    amount: Decimal
    currency: Currency
    note: typing.Annotated[str, Text(5)] | None = None
    on: dt.date | None = None
    place: int = dataclasses.field(default=0, compare=False)

    key = property(lambda self: self.number)


@dataclasses.dataclass(frozen=True)
class LineWithMore(Line):
    """A minor version only adds optional members."""

    extra: str | None = None


LINE = Line("1", Decimal("1.5"), "EUR")


def test_the_schema_says_what_is_required():
    described = schema(Line)
    assert described["required"] == ["number", "amount", "currency"]
    assert described["properties"]["currency"] == {"type": "string", "maxLength": 3, "pattern": "^[A-Z]{3}$"}
    assert (described["title"], described["additionalProperties"]) == ("test.line.1", False)
    assert "place" not in described["properties"]


def test_a_minor_version_keeps_old_digests():
    assert told(LineWithMore("1", Decimal("1.5"), "EUR")) == told(LINE)


def test_where_there_is_no_other_identity_the_key_is_both():
    assert (LINE.alt_key, LINE.parent_key) == ("1", None)


@given(st.text(max_size=8))
def test_a_text_breaks_exactly_the_rules_it_breaks(note):
    rules = {breach.rule for breach in breaches(dataclasses.replace(LINE, note=note))}
    assert rules == ({"length"} if len(note) > 5 else {"control"} if "\0" in note else set())


@given(st.text(max_size=5))
def test_a_pattern_matches_the_whole_text(currency):
    fits = len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()
    assert bool(breaches(dataclasses.replace(LINE, currency=currency))) != fits


@given(st.decimals())
def test_an_amount_is_finite_and_fits(amount):
    broken = bool(breaches(dataclasses.replace(LINE, amount=amount)))
    assert broken or amount.is_finite()


def test_a_boolean_is_no_text_and_a_number_no_amount():
    found = breaches(dataclasses.replace(LINE, number=True, amount=1))
    assert [(breach.member, breach.rule) for breach in found] == [("number", "type"), ("amount", "type")]
