"""Due moments on ordinary days, on the days with 23 and 25 hours, and on the 29th of February."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core.schedule import due, times_of

UTC = dt.UTC
BERLIN = "Europe/Berlin"


def at(*parts):
    return dt.datetime(*parts, tzinfo=UTC)


def daily(*times):
    return {"kind": "times", "times": list(times)}


def on(day, *times, zone=BERLIN):
    """What is due on a UTC day, as UTC hours and minutes."""
    start = dt.datetime.combine(day, dt.time(), UTC) - dt.timedelta(seconds=1)
    return [f"{moment:%H:%M}" for moment in due(daily(*times), start, start + dt.timedelta(days=1), zone)]


def test_wall_time_keeps_its_hour_over_the_year():
    assert on(dt.date(2026, 1, 15), "06:00") == ["05:00"]
    assert on(dt.date(2026, 7, 15), "06:00") == ["04:00"]


def test_r10_a_missing_hour_is_the_next_valid_instant():
    assert on(dt.date(2026, 3, 29), "02:30") == ["01:00"]


def test_r10_a_doubled_hour_counts_once_and_first():
    assert on(dt.date(2026, 10, 25), "02:30") == ["00:30"]


def test_r10_two_times_in_the_missing_hour_are_one_moment():
    assert on(dt.date(2026, 3, 29), "02:00", "02:30") == ["01:00"]


def test_r10_a_zone_that_changes_by_half_an_hour():
    assert on(dt.date(2026, 10, 3), "02:15", zone="Australia/Lord_Howe") == ["15:30"]


def test_r10_a_midnight_that_does_not_exist():
    moments = due(daily("00:00"), at(2026, 4, 23), at(2026, 4, 24, 12), "Africa/Cairo")
    assert moments == [at(2026, 4, 23, 22)]


def test_r10_the_leap_day_is_a_day():
    assert on(dt.date(2028, 2, 29), "06:00") == ["05:00"]


def test_a_missing_time_and_one_after_it_are_two():
    assert on(dt.date(2026, 3, 29), "02:30", "04:00") == ["01:00", "02:00"]


def test_the_beginning_is_out_and_the_end_is_in():
    six = at(2026, 1, 15, 5)
    assert due(daily("06:00"), six, six + dt.timedelta(hours=1), BERLIN) == []
    assert due(daily("06:00"), six - dt.timedelta(seconds=1), six, BERLIN) == [six]


def test_by_hand_is_never_due():
    assert due({"kind": "manual"}, at(2026, 1, 1), at(2027, 1, 1), BERLIN) == []


def test_an_interval_keeps_its_rhythm_after_a_restart():
    every = {"kind": "interval", "minutes": 15}
    assert due(every, at(2026, 1, 1, 0, 7), at(2026, 1, 1, 0, 40), "UTC") == [
        at(2026, 1, 1, 0, 15),
        at(2026, 1, 1, 0, 30),
    ]


@given(st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1)), st.integers(1, 5000), st.integers(0, 5000))  # noqa: DTZ001
def test_no_moment_is_lost_or_doubled_where_a_window_is_cut(start, first, second):
    start = start.replace(tzinfo=UTC)
    cut, end = start + dt.timedelta(minutes=first), start + dt.timedelta(minutes=first + second)
    for schedule in (daily("02:30", "23:59"), {"kind": "interval", "minutes": 7}):
        parts = due(schedule, start, cut, BERLIN) + due(schedule, cut, end, BERLIN)
        assert parts == due(schedule, start, end, BERLIN)


def test_times_are_sorted_and_single():
    assert times_of("18:30, 06:00,06:00") == ["06:00", "18:30"]


@pytest.mark.parametrize("text", ["", "6:00", "24:00", "06:60", "06:00; 07:00", "noon"])
def test_what_is_no_time_is_named(text):
    with pytest.raises(ValueError, match=text[:5]):
        times_of(text)
