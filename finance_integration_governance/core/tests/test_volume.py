"""What is usual is learned from the flow's own runs; each guard says in one sentence what is not."""

import datetime as dt
from decimal import Decimal

import pytest

from odoo.addons.finance_integration_governance.core.volume import Volume, comparable, judge

TUESDAY = dt.date(2026, 11, 17)


def told(weeks, count=100, day=TUESDAY, **more):
    return Volume(day - dt.timedelta(weeks=weeks), count, {"EUR": Decimal(count * 10)}, **more)


HISTORY = [told(week, 100 + week, types=frozenset({"PMNT"}), members=frozenset({"f/1.key"})) for week in range(1, 7)]


def now(count=100, **more):
    shape = {"types": frozenset({"PMNT"}), "members": frozenset({"f/1.key"}), **more}
    return told(0, count, **shape)


@pytest.mark.parametrize(
    ("volume", "thresholds", "code", "words"),
    [
        (now(20), {"deviation": 50, "against": "weekday"}, "volume_deviation", "20 items; the last 6 Tuesdays brought"),
        (now(300), {"deviation": 50}, "volume_deviation", "190 % more than usual, and approved are 50 %"),
        (now(500), {"spike": 200}, "volume_spike", "sum in EUR is 383 % above"),
        (now(duplicates=60), {"duplicates": 20}, "volume_duplicates", "60 of its 100 items have come before"),
        (now(types=frozenset({"PMNT", "SECU"})), {"types": "family"}, "volume_new_type", "never came before: SECU"),
        (now(members=frozenset({"f/1.id"})), {"schema": True}, "volume_schema", "new: f/1.id; gone: f/1.key"),
    ],
)
def test_r22_what_is_not_as_usual_is_said_in_one_sentence(volume, thresholds, code, words):
    [found] = judge(volume, HISTORY, thresholds)
    assert found.code == code
    assert words in found.sentence
    assert ". " not in found.sentence


def test_nothing_is_asked_that_nobody_approved():
    assert not judge(now(1, duplicates=1, types=frozenset({"X"})), HISTORY, {})


def test_of_too_few_runs_nobody_says_what_is_usual():
    assert not judge(now(1), HISTORY[:3], {"deviation": 10, "spike": 10, "types": "family", "schema": True})


def test_a_weekday_is_compared_with_its_like():
    monday = [told(week, 5, TUESDAY - dt.timedelta(days=1)) for week in range(1, 7)]
    assert not judge(now(100), [*HISTORY, *monday], {"deviation": 20, "against": "weekday"})
    assert comparable(now(), [*HISTORY, *monday], "weekday") == (HISTORY, "Tuesdays")


def test_a_month_is_compared_with_the_same_days_of_others():
    months = [told(0, 1000, dt.date(2026, month, 16)) for month in range(5, 11)]
    [found] = judge(now(100), [*HISTORY[:3], *months], {"deviation": 20, "against": "month"})
    assert "1000 to 1000" in found.sentence


def test_a_row_reads_as_it_was_written():
    volume = now(3, duplicates=1)
    kept = volume.document() | {"sums": {currency: str(total) for currency, total in volume.sums.items()}}
    assert Volume.read(volume.on, 3, kept) == volume
