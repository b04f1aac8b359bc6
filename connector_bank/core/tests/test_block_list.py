import pytest

from odoo.addons.connector_bank.core import block_list


@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_columns_are_found_by_their_names_whatever_separates_them(sign):
    text = f"why{sign}since{sign}What\nfraud{sign}2026{sign}Canary Paper\n\n"
    assert block_list.read(text) == [("Canary Paper", "fraud")]


@pytest.mark.parametrize("text", ["", "Canary Paper;fraud\n", "what\nCanary Paper\n"])
def test_a_list_that_names_no_columns_is_refused(text):
    with pytest.raises(ValueError, match="line 1"):
        block_list.read(text)


@pytest.mark.parametrize("row", ["Canary Paper;", ";fraud", "x;fraud", "Canary Paper"])
def test_a_row_that_blocks_nothing_or_says_no_reason_is_refused_by_its_line(row):
    with pytest.raises(ValueError, match="line 3"):
        block_list.read(f"what;why\nCanary Power;fraud\n{row}\n")


def test_a_name_with_a_separator_stands_in_quotes():
    assert block_list.read('what,why\n"Paper, Canary",fraud\n') == [("Paper, Canary", "fraud")]


def test_the_mark_of_the_encoding_is_no_part_of_it():
    assert block_list.decoded(b"\xef\xbb\xbfwhat;why\n") == "what;why\n"


@pytest.mark.parametrize("content", ["what;why\nMüller;x\n".encode("latin-1"), b"x" * (block_list.MOST + 1)])
def test_another_encoding_or_too_much_is_refused(content):
    with pytest.raises(ValueError):
        block_list.decoded(content)
