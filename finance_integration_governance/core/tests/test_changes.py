"""What changed, told so that a person can read it."""

import pytest

from odoo.addons.finance_integration_governance.core.changes import lines


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [("a.b", 1, 2)]),
        ({"days": [1, 2]}, {"days": [2, 3]}, [("days", 1, None), ("days", None, 3)]),
        ({"days": [1, 2]}, {"days": [2, 1]}, [("days", [1, 2], [2, 1])]),
        ({"a": [1], "b": 2}, {"a": [1], "b": 2}, []),
    ],
    ids=["a value", "an entry of a list", "another order", "nothing"],
)
def test_what_changed_is_told_once(old, new, told):
    assert lines(old, new) == told


def test_entries_are_told_as_they_are():
    old, new = [{"from": "1"}, {"from": "2"}], [{"from": "2"}, {"from": "3"}]
    assert lines({"lines": old}, {"lines": new}) == [("lines", {"from": "1"}, None), ("lines", None, {"from": "3"})]
