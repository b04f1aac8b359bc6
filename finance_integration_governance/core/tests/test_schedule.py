"""Due moments on ordinary days, on the days with 23 and 25 hours, and on the 29th of February."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core.schedule import chosen, due, numbers_of, times_of, upcoming
from odoo.addons.finance_integration_governance.core.workdays import Calendar

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


# Days

NEW_YEAR = Calendar.read(
    {"hours": {str(day): [["09:00", "17:00"]] for day in range(5)}, "off": [{"from": "2027-01-01"}]}
)


def days(schedule, first, last, calendar=NEW_YEAR, zone=BERLIN):
    """The days on which a schedule at noon is due."""
    whole = {"kind": "times", "times": ["12:00"], **schedule}
    begin = dt.datetime.combine(first, dt.time(), UTC)
    return [moment.date().isoformat() for moment in due(whole, begin, begin + (last - first), zone, calendar)]


def test_the_second_working_day_of_the_close_comes_after_holidays_and_weekends():
    second = {"days": {"kind": "workday", "on": [2]}}
    # 1 January 2027 is a Friday and a holiday: the first working day is Monday the 4th.
    assert days(second, dt.date(2026, 12, 1), dt.date(2027, 2, 28)) == ["2026-12-02", "2027-01-05", "2027-02-02"]


def test_the_last_working_day_of_a_month():
    last = {"days": {"kind": "workday", "on": [-1]}}
    assert days(last, dt.date(2026, 10, 1), dt.date(2026, 12, 31)) == ["2026-10-30", "2026-11-30"]
    assert days(last, dt.date(2028, 2, 1), dt.date(2028, 3, 1)) == ["2028-02-29"]


def test_the_thirty_first_is_the_last_day_of_a_shorter_month():
    ultimo = {"days": {"kind": "monthday", "on": [31, -1]}}
    assert days(ultimo, dt.date(2027, 1, 15), dt.date(2027, 5, 1)) == [
        "2027-01-31",
        "2027-02-28",
        "2027-03-31",
        "2027-04-30",
    ]


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        (None, ["2027-01-01", "2027-01-02"]),
        ("skip", []),
        ("next", ["2027-01-04"]),
        ("previous", ["2026-12-31"]),
    ],
)
def test_what_a_chosen_day_does_on_which_nobody_works(off, expected):
    first_two = {"days": {"kind": "monthday", "on": [1, 2]}, **({"off": off} if off else {})}
    assert days(first_two, dt.date(2026, 12, 15), dt.date(2027, 1, 20)) == expected


def test_an_interval_keeps_to_its_hours_and_weekdays():
    busy = {"kind": "interval", "minutes": 60, "between": ["08:00", "10:00"], "days": {"kind": "weekday", "on": [0]}}
    moments = due(busy, at(2026, 7, 4), at(2026, 7, 14), BERLIN)
    assert [f"{moment:%d %H}" for moment in moments] == ["06 06", "06 07", "06 08", "13 06", "13 07", "13 08"]


# Blackouts, cut-off and what was missed


def test_a_moment_in_a_blackout_waits_for_its_end():
    nightly = {**daily("23:00"), "blackouts": [{"from": "22:00", "to": "05:30"}]}
    assert due(nightly, at(2026, 7, 1), at(2026, 7, 2), BERLIN) == [at(2026, 7, 1, 3, 30)]


def test_blackouts_that_follow_each_other_are_one():
    chained = [{"from": "22:00", "to": "02:00"}, {"from": "02:00", "to": "06:00", "weekdays": [3]}]
    nightly = {**daily("23:00"), "blackouts": chained}
    # 1 July 2026 is a Wednesday: its blackout ends where Thursday's begins.
    assert due(nightly, at(2026, 7, 1, 12), at(2026, 7, 2, 12), BERLIN) == [at(2026, 7, 2, 4)]


@given(st.integers(0, 60 * 24 * 30), st.integers(1, 60 * 24 * 5))
def test_what_is_due_does_not_depend_on_how_often_anybody_looks(start, length):
    schedule = {
        **daily("05:00", "23:30"),
        "days": {"kind": "weekday", "on": [0, 4, 6]},
        "off": "next",
        "blackouts": [{"from": "23:00", "to": "04:00"}],
    }
    begin = at(2026, 12, 10) + dt.timedelta(minutes=start)
    end = begin + dt.timedelta(minutes=length)
    looks = [begin + dt.timedelta(minutes=minute) for minute in range(0, length, 97)] + [end]
    pieces = [one for since, until in pairwise(looks) for one in due(schedule, since, until, BERLIN, NEW_YEAR)]
    assert pieces == due(schedule, begin, end, BERLIN, NEW_YEAR)


def three_days_off(**policy):
    """(started, told by another, missed), in hours ago, of a six-hourly flow after three days without anybody."""
    now = at(2026, 7, 4, 0, 5)
    schedule = {"kind": "interval", "minutes": 360, **policy}
    parts = chosen(schedule, due(schedule, at(2026, 7, 1), now, "UTC"), now, "UTC")
    return [[round((now - moment).total_seconds() / 3600) for moment in part] for part in parts]


def test_r11_after_three_days_off_one_run_tells_what_all_would_have_told():
    assert three_days_off(misfire="one") == [[0], list(range(66, 0, -6)), []]
    assert three_days_off() == three_days_off(misfire="one")


def test_r11_after_three_days_off_every_moment_gets_its_run():
    assert three_days_off(misfire="all") == [list(range(66, -1, -6)), [], []]


def test_r11_after_three_days_off_only_what_is_due_just_now_runs():
    assert three_days_off(misfire="skip") == [[0], [], list(range(66, 0, -6))]


def test_r11_after_three_days_off_what_is_young_enough_runs():
    assert three_days_off(misfire="within", within=13 * 60) == [[12, 6, 0], [], list(range(66, 12, -6))]


def test_what_has_not_begun_by_the_cutoff_is_missed():
    payments = {**daily("14:00"), "cutoff": "16:00", "misfire": "all"}
    moment = due(payments, at(2026, 7, 1), at(2026, 7, 2), BERLIN)
    assert chosen(payments, moment, at(2026, 7, 1, 14), BERLIN) == (moment, [], [])
    assert chosen(payments, moment, at(2026, 7, 1, 14, 1), BERLIN) == ([], [], moment)


# What comes next


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({"kind": "manual"}, None),
        ({"kind": "interval", "minutes": 15}, at(2026, 12, 31, 23, 15)),
        ({"kind": "interval", "minutes": 60 * 24 * 10}, at(2027, 1, 2)),
        (daily("06:00"), at(2027, 1, 1, 5)),
        ({**daily("10:00"), "days": {"kind": "workday", "on": [2]}}, at(2027, 1, 5, 9)),
        ({**daily("10:00"), "days": {"kind": "monthday", "on": [30]}, "off": "skip"}, at(2027, 3, 30, 8)),
        ({**daily("06:00"), "days": {"kind": "weekday", "on": [5]}, "off": "skip"}, None),
    ],
)
def test_what_comes_next(schedule, expected):
    assert upcoming(schedule, at(2026, 12, 31, 23), BERLIN, NEW_YEAR) == expected


@pytest.mark.parametrize("text", ["", "x", "0", "32", "1, 40", "1.5"])
def test_what_is_no_day_of_a_month_is_named(text):
    with pytest.raises(ValueError):
        numbers_of(text, -31, 31)


def test_numbers_are_sorted_and_told_once():
    assert numbers_of("15, -1, 1, 15", -31, 31) == [-1, 1, 15]
