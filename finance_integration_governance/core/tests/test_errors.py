"""Errors say who acts; their texts are one harmless line and hold no secret."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core import errors
from odoo.addons.finance_integration_governance.core.redaction import MASK, register

ALL = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.IntegrationError)
]


@pytest.mark.parametrize("cls", ALL)
def test_every_error_has_a_code_of_its_own_and_a_text(cls):
    error = cls("because", row=3)
    assert (error.text, error.facts, str(error)) == ("because", {"row": 3}, "because")
    assert sum(other.code == cls.code for other in ALL) == 1
    assert cls().text == cls.code


def test_a_data_error_is_no_configuration_error():
    assert issubclass(errors.MappingError, errors.DataError)
    assert not issubclass(errors.DataError, errors.ConfigurationError | errors.TransientError)


def test_a_transient_error_says_when_to_come_again():
    assert errors.TransientError("busy", retry_after=30).retry_after == 30
    assert errors.TransientError("busy").retry_after is None


@given(st.text())
def test_s21_a_text_is_one_line_without_control_characters(text):
    shown = errors.printable(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", shown) and len(shown) <= 500


def test_s08_the_text_of_an_error_holds_no_secret():
    secret = register("a-secret-of-this-test")
    for cls in ALL:
        assert str(cls(f"login with {secret} failed")) == f"login with {MASK} failed"


def test_s08_a_secret_that_is_cut_off_does_not_stay_half():
    secret = register("0123456789-a-long-secret")
    assert "0123456789" not in errors.printable("x" * 490 + secret)
