"""Totals add up exactly, split over parts, and tell what does not agree."""

import hashlib
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core.totals import ControlTotals, hash_of, signed

ROWS = st.lists(
    st.tuples(
        st.text(max_size=5),
        st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20),
        st.sampled_from(["EUR", "USD", "JPY"]),
    )
)


def of(*rows):
    return ControlTotals.of((key, Decimal(amount), currency) for key, amount, currency in rows)


def test_the_hash_is_what_the_rule_says():
    first = hashlib.sha256("Zürich".encode()).digest()[:8]
    assert hash_of("Zürich") == int.from_bytes(first, "big")


@given(st.integers(0, 2**64 - 1))
def test_the_same_bits_as_postgresql_holds_them(value):
    assert signed(value) % (1 << 64) == value and -(2**63) <= signed(value) < 2**63


@given(ROWS, st.integers(0, 10))
def test_parts_add_up_to_the_whole(rows, at):
    assert ControlTotals.of(rows[:at]) + ControlTotals.of(rows[at:]) == ControlTotals.of(rows)


@given(ROWS)
def test_the_order_does_not_matter(rows):
    assert ControlTotals.of(rows) == ControlTotals.of(reversed(rows))


@given(ROWS)
def test_a_document_tells_the_same(rows):
    totals = ControlTotals.of(rows)
    assert ControlTotals.from_document(totals.document()) == totals


def test_a_sum_is_never_rounded():
    rows = [("a", "10000000000000000000000000000", "EUR"), ("b", "0.0000000001", "EUR")]
    assert of(*rows).amount("EUR") == Decimal("10000000000000000000000000000.0000000001")


def test_two_currencies_do_not_cancel():
    ours, theirs = of(("a", 5, "EUR"), ("b", -5, "USD")), of(("a", 5, "USD"), ("b", -5, "EUR"))
    assert [measure for measure, *_sides in ours.differences(theirs)] == ["EUR", "USD"]


def test_a_key_that_comes_twice_does_not_cancel():
    assert of(("a", 1, "EUR"), ("a", -1, "EUR")).hash_total != 0


def test_the_hash_total_is_the_sum_of_the_keys_hashes():
    keys = ["a", "b", "c", "d", "e"]
    assert of(*((key, 1, "EUR") for key in keys)).hash_total == sum(map(hash_of, keys)) % 2**64
    assert sum(map(hash_of, keys)) > 2**64


def test_what_is_counted_is_told():
    totals = ControlTotals()
    assert totals.add("a") == hash_of("a")
    assert (totals.count, totals.amounts) == (1, {})
    totals.add("b", Decimal("-2.50"), "EUR")
    assert totals.document() == {
        "count": 2,
        "amounts": {"EUR": Decimal("-2.50")},
        "hash": str((hash_of("a") + hash_of("b")) % 2**64),
    }


def test_a_swapped_key_is_seen_where_amounts_agree():
    assert [measure for measure, *_sides in of(("a", 1, "EUR")).differences(of(("b", 1, "EUR")))] == ["hash"]


def test_a_tolerance_is_of_its_currency_and_inclusive():
    ours, theirs = of(("a", "10.00", "EUR")), of(("a", "10.01", "EUR"))
    assert not ours.ties(theirs)
    assert ours.ties(theirs, {"EUR": Decimal("0.01")}) and ours.ties(theirs, {"EUR": Decimal("0.02")})
    assert not ours.ties(theirs, {"EUR": Decimal("0.009")})
    assert not ours.ties(theirs, {"USD": Decimal(1)})


def test_counts_and_keys_are_never_tolerated():
    everything = {"count": Decimal(9), "hash": Decimal(2**64), "EUR": Decimal(9)}
    assert not of(("a", 1, "EUR")).ties(of(("b", 1, "EUR")), everything)
    assert not of(("a", 1, "EUR")).ties(of(("a", 1, "EUR"), ("b", 0, "EUR")), everything)
