"""State machines as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core.lifecycle import Lifecycle

DOOR = Lifecycle(
    {"open": "Open", "shut": "Shut", "locked": "Locked"},
    close="open > shut",
    lock="shut > locked",
    unlock="locked > shut",
    break_down="shut, locked > open",
)


def test_life_begins_with_the_first_state():
    assert DOOR.first == "open"


def test_a_verb_leads_where_the_table_says():
    assert (DOOR.target("close", "open"), DOOR.target("break_down", "locked")) == ("shut", "open")


def test_a_verb_that_does_not_apply_leads_nowhere():
    assert DOOR.target("lock", "open") is None


def test_an_unknown_verb_is_an_error_of_the_code():
    with pytest.raises(KeyError):
        DOOR.target("paint", "open")


def test_an_unknown_state_in_the_table_is_an_error_of_the_code():
    for move in ("open > ajar", "ajar > open", "open, ajar > shut"):
        with pytest.raises(ValueError, match="ajar"):
            Lifecycle({"open": "Open", "shut": "Shut"}, move=move)


@given(st.lists(st.sampled_from(list(DOOR.moves))))
def test_no_history_leaves_the_table(verbs):
    state = DOOR.first
    for verb in verbs:
        state = DOOR.target(verb, state) or state
        assert state in DOOR.labels


def test_the_selection_is_in_order():
    assert DOOR.selection == [("open", "Open"), ("shut", "Shut"), ("locked", "Locked")]
