import pytest

from odoo.addons.finance_integration_governance.core.anchors import AnchorFile, common, disagreement, effective, read
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


def test_the_line_that_is_none_is_named():
    with pytest.raises(DataError, match="line 3 of the anchors"):
        read('{"position":1,"head":"a"}\n\n{"position":1}\n')


@pytest.mark.parametrize("restored", ["1", "[]", "null", '"x"'])
def test_what_was_restored_is_told_by_a_mapping(restored):
    with pytest.raises(DataError):
        read(f'{{"position":1,"head":"a","restored":{restored}}}')


def test_an_anchor_at_the_restored_row_counts_and_the_next_does_not():
    restored = at(4, "d", restored={"since": 2})
    assert effective([at(2, "b"), at(3, "x"), restored]) == [at(2, "b"), restored]
    assert effective([at(1, "a"), at(4, "d", restored={"since": 0})]) == [at(4, "d", restored={"since": 0})]


def test_the_newest_row_on_which_both_agree_is_what_they_have_in_common():
    assert common([at(1, "a"), at(3, "c"), at(2, "b"), at(4, "x")], HERE.get) == 3
    assert common([at(4, "x")], HERE.get) == 0
    assert common([], HERE.get) == 0
    assert common([at(3, "c"), at(4, "x", restored={"since": 1})], HERE.get) == 0


def test_the_last_row_of_the_chain_is_still_compared():
    assert wrong(at(4, "x")) == (1, "rewritten")
    assert wrong(at(5, "x")) == (5, "tail_missing")
    assert wrong(at(4, "x"), is_whole=False) == (1, "rewritten")


class Place:
    """A location that remembers how much it was asked for."""

    def __init__(self, kept=None):
        self.kept, self.asked = kept, []

    def tail(self, name, size):
        self.asked.append((name, size))
        return self.kept

    def append(self, name, line):
        self.kept = (self.kept or b"") + line


def test_a_file_keeps_anchors_and_gives_the_last_and_all_of_them():
    place = Place()
    kept = AnchorFile(place, "db.jsonl")
    assert (kept.last(), kept.all()) == (None, [])
    for anchor in (at(1, "a"), at(2, "ä")):
        kept.add(anchor)
    assert place.kept == '{"head":"a","position":1}\n{"head":"ä","position":2}\n'.encode()
    assert (kept.last(), kept.all()) == (at(2, "ä"), [at(1, "a"), at(2, "ä")])
    assert {*place.asked} == {("db.jsonl", 65536), ("db.jsonl", 67108864)}


def test_a_file_that_begins_in_the_midst_of_a_line_still_has_its_last_one():
    assert AnchorFile(Place(b'\xffad":"a"}\n{"position":2,"head":"b"}\n'), "x").last() == at(2, "b")
    with pytest.raises(DataError):
        AnchorFile(Place(b'{"position":2,"head":"b"}\nhalf'), "x").last()


@pytest.mark.parametrize("head", ["a", "x"])
def test_another_head_is_another_history_whatever_it_sorts_like(head):
    assert common([at(2, "b"), at(4, head)], HERE.get) == 2
    assert wrong(at(3, head)) == (1, "rewritten")


def test_every_anchor_up_to_the_restored_row_still_counts():
    kept, restored = [at(1, "a"), at(2, "b")], at(4, "d", restored={"since": 2})
    assert effective([*kept, at(3, "x"), restored]) == [*kept, restored]
