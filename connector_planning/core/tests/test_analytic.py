import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.connector_planning.core.analytic import read, shares, spelled
from odoo.addons.connector_planning.core.cell import Cell, last_day

PLAN_OF = {1: ("A", "a1"), 2: ("A", "a2"), 3: ("B", "b1"), 4: ("B", "b2"), 5: ("C", "c1"), 9: ("Z", "other")}
PLANS = ("A", "B", "C")


def told(distribution, plans=("A", "B")):
    return {place: str(share.normalize()) for place, share in shares(json.dumps(distribution), PLAN_OF, plans)}


def test_one_plan_in_parts():
    assert told({"1": 60, "2": 40}, ("A",)) == {("a1",): "0.6", ("a2",): "0.4"}


def test_what_no_member_takes_stands_under_none():
    assert told({"1": 60}, ("A",)) == {("a1",): "0.6", (None,): "0.4"}
    assert dict(shares(None, PLAN_OF, ("A",))) == {(None,): Decimal(1)}


def test_what_is_given_away_twice_is_taken_back_under_none():
    assert told({"1": 100, "2": 50}, ("A",)) == {("a1",): "1", ("a2",): "0.5", (None,): "-0.5"}


def test_keys_of_several_plans_share_out_together():
    assert told({"1,3": 60, "2,4": 40}) == {("a1", "b1"): "0.6", ("a2", "b2"): "0.4"}


def test_keys_of_different_plans_share_out_the_same_amount():
    assert told({"1": 100, "3": 50}) == {("a1", "b1"): "0.5", ("a1", None): "0.5"}


def test_a_plan_that_is_not_sent_changes_nothing():
    assert told({"1,9": 100}, ("A",)) == {("a1",): "1"}
    assert told({"9": 100, "77": 3}, ("A",)) == {(None,): "1"}


@given(
    st.dictionaries(
        st.lists(st.sampled_from([*PLAN_OF, 77]), min_size=1, max_size=3, unique=True).map(
            lambda ids: ",".join(map(str, ids))
        ),
        st.decimals(-300, 300, places=4, allow_nan=False).map(float),
        max_size=5,
    )
)
def test_law_1_shares_add_up_to_one_whatever_the_distribution(distribution):
    assert sum(share for _place, share in shares(json.dumps(distribution), PLAN_OF, PLANS)) == 1


@pytest.mark.parametrize("place", [("a1", "b|1"), (None, "b=1;%"), ("%3B", None), (None, None)])
def test_places_are_spelled_and_read(place):
    plans = ("Department", "Cost; Centre=")
    assert read(spelled(place, plans)) == {plan: member for plan, member in zip(plans, place, strict=True) if member}
    assert "|" not in spelled(place, plans)


def test_a_cell_knows_its_key_and_its_last_day():
    zero = Decimal()
    cell = Cell(
        company="BE",
        account="700000",
        account_name="x",
        period="2026-W53",
        currency="EUR",
        debit=zero,
        credit=zero,
        balance=zero,
        partner="C-2",
    )
    assert cell.key == "2|BE||700000|2026-W53|C-2||||" == "2|BE||700000|2026-W53|C-2||||"
    assert cell.on.isoformat() == "2027-01-03"
    assert [str(last_day(p)) for p in ("2026-02", "2024-02", "2026-12", "2026-03-05", "FY2026-P01")] == [
        "2026-02-28",
        "2024-02-29",
        "2026-12-31",
        "2026-03-05",
        "None",
    ]
