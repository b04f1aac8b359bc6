import pytest

from odoo.addons.finance_integration_governance.core.anchors import disagreement, effective, read
from odoo.addons.finance_integration_governance.core.errors import DataError

HERE = {1: "a", 2: "b", 3: "c", 4: "d"}


def at(position, head, **more):
    return {"position": position, "head": head, **more}


def wrong(*anchors, **more):
    return disagreement(anchors, 4, HERE.get, **more)


def test_an_anchor_that_the_chain_holds_disagrees_with_nothing():
    assert wrong(at(2, "b"), at(4, "d")) is None


def test_a_chain_that_ends_before_its_anchor_misses_its_tail():
    assert wrong(at(2, "b"), at(6, "f")) == (5, "tail_missing")


def test_another_history_is_told_from_the_last_anchor_that_agrees():
    assert wrong(at(2, "b"), at(3, "x")) == (3, "rewritten")
    assert wrong(at(3, "x")) == (1, "rewritten")


def test_behind_a_broken_row_no_anchor_says_anything():
    assert wrong(at(2, "b"), at(6, "f"), is_whole=False) is None


def test_the_order_of_the_lines_does_not_matter():
    assert wrong(at(3, "x"), at(2, "b")) == (3, "rewritten")


def test_a_history_that_was_replaced_knowingly_counts_no_more():
    restored = at(4, "d", restored={"since": 2, "approval": "APR/1"})
    assert wrong(at(2, "b"), at(3, "x"), at(9, "y"), restored) is None
    assert effective([at(3, "x"), restored]) == [restored]


def test_what_was_agreed_before_a_restore_still_counts():
    assert wrong(at(2, "x"), at(4, "d", restored={"since": 2, "approval": "APR/1"})) == (1, "rewritten")


def test_lines_are_read_and_others_refused():
    assert read('{"position":1,"head":"a"}\n\n') == [at(1, "a")]
    for text in ("x", "[]", "{}", '{"position":"1","head":"a"}', '{"position":1}'):
        with pytest.raises(DataError):
            read(text)
