"""The table of what is recommended."""

import itertools

import pytest

from odoo.addons.finance_integration_governance.core import pattern as patterns
from odoo.addons.finance_integration_governance.core.pattern import recommend, unjustified


def scores(timing, criticality=3, control=3, change=3, volume=3, extensibility=3):
    told = {"criticality": criticality, "control": control, "change": change, "volume": volume}
    return {**told, "extensibility": extensibility, "timing": timing}


TABLE = [
    (scores("day"), "direct_api", "daily_batch"),
    (scores("hours"), "direct_api", "intraday_batch"),
    (scores("period"), "direct_api", "batch_after_checkpoint"),
    (scores("minutes"), "event_driven", "near_real_time"),
    (scores("minutes", control=4), "event_driven", "event_with_approval"),
    (scores("minutes", volume=4), "direct_api", "intraday_batch"),
    (scores("minutes", volume=5, control=5), "direct_api", "event_with_approval"),
    (scores("day", extensibility=4), "middleware", "daily_batch"),
    (scores("day", change=4, control=4), "middleware", "daily_batch"),
    (scores("day", change=5), "direct_api", "daily_batch"),
    (scores("day", volume=4, extensibility=4), "data_hub", "daily_batch"),
    (scores("minutes", volume=5, extensibility=5), "data_hub", "intraday_batch"),
    (scores("day", control=5, criticality=4), "direct_api", "batch_after_checkpoint"),
    (scores("day", control=5, criticality=3), "direct_api", "daily_batch"),
    (scores("hours", control=5, criticality=5), "direct_api", "intraday_batch"),
    (scores("period", volume=5, extensibility=5, change=5), "data_hub", "batch_after_checkpoint"),
]


@pytest.mark.parametrize(("told", "pattern", "sync"), TABLE)
def test_what_is_recommended(told, pattern, sync):
    found = recommend(told)
    assert (found.pattern, found.sync) == (pattern, sync)
    assert len(found.reasons) >= 2 and all(reason.endswith(".") for reason in found.reasons)


def test_every_combination_has_an_answer_and_every_answer_is_given():
    given = [
        recommend({**dict(zip(patterns.CRITERIA, told, strict=True)), "timing": timing})
        for told in itertools.product(range(1, 6), repeat=5)
        for timing, _label in patterns.TIMINGS
    ]
    assert {one.pattern for one in given} == set(dict(patterns.PATTERNS))
    assert {one.sync for one in given} == set(dict(patterns.SYNCS))


@pytest.mark.parametrize("broken", [{"volume": 0}, {"volume": 6}, {"timing": "soon"}, {"timing": None}])
def test_without_all_scores_nothing_is_recommended(broken):
    assert recommend({**scores("day"), **broken}) is None


def test_choosing_otherwise_needs_a_reason():
    told = {"scores": scores("day"), "chosen": {"pattern": "data_hub", "sync": "daily_batch"}}
    assert unjustified(told) == ["pattern"]
    assert unjustified({**told, "justification": " "}) == ["pattern"]
    assert unjustified({**told, "justification": "The hub is there already."}) == []
    assert unjustified({"scores": scores("day"), "chosen": {}}) == []
    assert unjustified({}) == []
