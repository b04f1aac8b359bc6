"""Shapes show how a value is written and never what it says."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core.shape import MAX_SHAPE, shape


@given(st.text(min_size=1, max_size=200))
def test_no_letter_and_no_digit_gets_through(text):
    told = shape(text)
    shown = told.partition("…")[0] if len(text) > MAX_SHAPE else told
    assert not {c for c in shown if c.isalpha() or c.isdecimal()} - set("aA9")


def test_marks_and_blanks_stay():
    assert shape("DE02 1203-x/7,50") == "AA99 9999-a/9,99"


def test_a_long_value_is_cut_and_its_length_told():
    assert shape("x" * 500).endswith("… (500 characters)")


def test_a_number_has_a_shape_too():
    assert shape(-12.5) == "-99.9"
