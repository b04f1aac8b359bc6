"""References in the words of a payment."""

import pytest

from odoo.addons.connector_bank.core.match_reference import (
    bare,
    is_date,
    is_kid,
    is_structured,
    is_telling,
    structured,
    torn,
    whole,
)


@pytest.mark.parametrize(
    "text",
    ["RF18539007547034", "+++090/9337/55493+++", "210000000003139471430009017", "***090/9337/55493***"],
)
def test_a_structured_reference_is_known_by_its_check_digit(text):
    assert structured(text) == [bare(text)]
    assert structured(f"paid {text} thanks") == [bare(text)]


def test_printed_in_groups_it_is_the_same_reference():
    assert structured("Ref RF18 5390 0754 7034, thanks") == ["RF18539007547034"]
    assert structured("21 00000 00003 13947 14300 09017") == ["210000000003139471430009017"]


@pytest.mark.parametrize("text", ["RF18539007547035", "+++090/9337/55494+++", "210000000003139471430009018", "RF18"])
def test_a_wrong_check_digit_is_no_reference(text):
    assert structured(text) == []
    assert not is_structured(bare(text))


def test_a_kid_has_a_check_digit_by_modulus_10_or_11():
    assert is_kid("1234567897")
    assert is_kid("12345678903")
    assert not is_kid("1234567898")


def test_a_number_counts_as_a_whole_word_only():
    assert whole("Rechnung INV/2026/00012, danke.") == ["INV202600012"]
    assert "INV20260001" not in whole("INV/2026/00012")
    assert "INV20260001" not in whole("XINV/2026/0001 INV/2026/0001/2 INV/2026/00012")


def test_words_that_are_drawn_together_only_propose():
    assert "INV202600012" in torn("INV/2026/0001 2 pieces")
    assert "INV202600012" not in whole("INV/2026/0001 2 pieces")


def test_short_numbers_say_nothing():
    assert not is_telling("2026")
    assert not is_telling("ABCDEFG1")
    assert is_telling("R12345")


def test_a_day_is_a_day():
    assert is_date("20260312") and is_date("12032026") and is_date("120326")
    assert not is_date("20261399") and not is_date("4711")
