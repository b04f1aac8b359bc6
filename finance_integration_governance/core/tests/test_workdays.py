"""Working days and hours over weekends, holidays, a night shift and the days on which the clocks change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from odoo.addons.finance_integration_governance.core.workdays import ORDINARY, Calendar

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = {str(day): [["08:00", "12:00"], ["13:00", "17:00"]] for day in range(5)}
CHRISTMAS = Calendar.read({"hours": WEEK, "off": [{"from": "2026-12-24", "to": "2026-12-25"}]})


def at(*parts):
    return dt.datetime(*parts, tzinfo=BERLIN)


def hours(many):
    return dt.timedelta(hours=many)


def test_without_a_calendar_people_work_from_monday_to_friday():
    assert Calendar.read(None) is ORDINARY
    assert [ORDINARY.is_working(dt.date(2026, 11, day)) for day in range(16, 23)] == [True] * 5 + [False] * 2


def test_working_days_are_counted_from_both_ends_of_the_month():
    assert CHRISTMAS.nth(2026, 12, 18) == dt.date(2026, 12, 28)
    assert CHRISTMAS.nth(2026, 12, -1) == dt.date(2026, 12, 31)
    assert CHRISTMAS.nth(2026, 12, -5) == dt.date(2026, 12, 23)
    assert CHRISTMAS.nth(2026, 12, 22) is None
    assert CHRISTMAS.number(dt.date(2026, 12, 28)) == 18
    assert CHRISTMAS.number(dt.date(2026, 12, 25)) == 0


def test_a_clock_stands_still_at_night_and_over_the_holidays():
    # Wednesday 16:00 to Monday 09:00: one hour, and one more.
    assert CHRISTMAS.worked(at(2026, 12, 23, 16), at(2026, 12, 28, 9), BERLIN) == hours(2)
    assert CHRISTMAS.after(at(2026, 12, 23, 16), hours(2), BERLIN) == at(2026, 12, 28, 9)
    assert CHRISTMAS.after(at(2026, 12, 26, 3), hours(4), BERLIN) == at(2026, 12, 28, 12)


def test_after_and_worked_are_each_other_s_inverse():
    since = at(2026, 3, 27, 11, 30)
    for many in (0.25, 3, 8, 20, 45):
        assert CHRISTMAS.worked(since, CHRISTMAS.after(since, hours(many), BERLIN), BERLIN) == hours(many)


@pytest.mark.parametrize(("day", "expected"), [((2026, 3, 29), 7), ((2026, 10, 25), 9), ((2026, 10, 24), 8)])
def test_r10_a_night_shift_has_an_hour_less_or_more_when_the_clocks_change(day, expected):
    night = Calendar.read({"hours": {str(day): [["00:00", "08:00"]] for day in range(7)}})
    [(begin, end)] = night.spans(dt.date(*day), BERLIN)
    assert end - begin == hours(expected)


def test_a_day_that_ends_at_midnight():
    late = Calendar.read({"hours": {"4": [["20:00", "24:00"]]}})
    assert late.worked(at(2026, 11, 20, 23), at(2026, 11, 21, 3), BERLIN) == hours(1)


def test_a_calendar_in_which_nobody_works_says_so():
    nobody = Calendar({})
    with pytest.raises(ValueError, match="no working day"):
        nobody.shifted(dt.date(2026, 1, 1), 1)
    with pytest.raises(ValueError, match="not so much"):
        nobody.after(at(2026, 1, 1), hours(1), BERLIN)
