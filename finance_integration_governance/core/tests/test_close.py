import datetime as dt

import pytest

from odoo.addons.finance_integration_governance.core import close
from odoo.addons.finance_integration_governance.core.workdays import ORDINARY, Calendar


def test_a_period_is_a_calendar_month_also_in_a_leap_year():
    assert close.span("2028-02") == (dt.date(2028, 2, 1), dt.date(2028, 2, 29))
    assert close.following("2026-12") == "2027-01"
    assert close.period_of(dt.date(2026, 3, 31)) == "2026-03"


@pytest.mark.parametrize("text", ["2026-13", "2026-3", "", None, "2026-00", "26-01"])
def test_what_is_no_period_is_refused(text):
    assert not close.is_period(text)
    with pytest.raises(ValueError):
        close.span(text)


def test_periods_between_include_both_ends():
    assert close.periods("2026-11", "2027-01") == ["2026-11", "2026-12", "2027-01"]
    assert close.periods("2026-02", "2026-01") == []


def test_a_checkpoint_is_due_on_a_working_day_in_the_companys_zone():
    assert close.due("2026-02", 2, "10:00", "Europe/Zurich", ORDINARY).isoformat() == "2026-03-03T09:00:00+00:00"


def test_a_holiday_moves_the_working_day():
    calendar = Calendar(ORDINARY.hours, frozenset({dt.date(2026, 3, 2)}))
    assert close.due("2026-02", 2, "10:00", "UTC", calendar).date() == dt.date(2026, 3, 4)


def test_a_month_with_fewer_working_days_takes_its_last():
    assert close.due("2026-01", 23, "10:00", "UTC", ORDINARY).date() == dt.date(2026, 2, 27)


def test_the_day_of_the_change_of_clocks_has_its_wall_time():
    """Clocks changed on 29 March 2026."""
    assert close.due("2026-02", 22, "02:30", "Europe/Zurich", ORDINARY).isoformat() == "2026-03-31T00:30:00+00:00"


DEFINITIONS = [{"code": "a"}, {"code": "b", "after": ["a"]}, {"code": "c", "after": ["b"]}, {"code": "d"}]


def test_what_stands_on_a_checkpoint_is_found_by_way_of_others():
    assert close.standing_on(DEFINITIONS, "a") == {"b", "c"}
    assert close.rests_on(DEFINITIONS, "c") == {"a", "b"}
    assert close.standing_on(DEFINITIONS, "c") == close.rests_on(DEFINITIONS, "d") == set()


def test_a_circle_ends():
    circle = [{"code": "a", "after": ["b"]}, {"code": "b", "after": ["a"]}]
    assert close.rests_on(circle, "a") == {"a", "b"} == close.standing_on(circle, "a")


def test_what_moved_is_named():
    assert close.moved({"x": {"y": "1", "z": "2"}}, {"x": {"y": "1", "z": "3"}, "w": 1}) == [
        ("w", None, 1),
        ("x z", "2", "3"),
    ]


def test_the_standard_rests_on_what_is_there():
    codes = [code for code, *_rest in close.STANDARD]
    assert len(codes) == len(set(codes))
    assert all(set(after) <= set(codes) for _code, _name, _check, _day, after, _holds in close.STANDARD)
    assert all(check in close.CHECKS for _code, _name, check, *_rest in close.STANDARD)
