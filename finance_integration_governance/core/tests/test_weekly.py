import datetime as dt

from odoo.addons.finance_integration_governance.core.weekly import windows

SUNDAYS = {"day": "sunday", "from": "01:30", "minutes": 120, "zone": "Europe/Berlin"}


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def told(found):
    return [f"{begin:%m-%d %H:%M} {end:%m-%d %H:%M}" for begin, end in found]


def test_a_week_has_one_and_a_day_each_its_own():
    week = at("2026-05-04 00:00"), at("2026-05-11 00:00")
    assert told(windows(SUNDAYS, *week)) == ["05-09 23:30 05-10 01:30"]
    assert len(windows({**SUNDAYS, "day": "daily"}, *week)) == 8, "one of them has begun the evening before"


def test_one_that_has_begun_before_counts_and_one_that_is_over_does_not():
    assert told(windows(SUNDAYS, at("2026-05-10 01:00"), at("2026-05-10 02:00"))) == ["05-09 23:30 05-10 01:30"]
    assert not windows(SUNDAYS, at("2026-05-10 01:30"), at("2026-05-10 02:00"))
    assert not windows(SUNDAYS, at("2026-05-09 20:00"), at("2026-05-09 23:30"))


def test_r10_on_a_day_of_23_or_25_hours_it_lasts_as_long_as_ever():
    for day in ("2026-03-29", "2026-10-25"):
        [(begin, end)] = windows(SUNDAYS, at(f"{day} 00:00"), at(f"{day} 12:00"))
        assert end - begin == dt.timedelta(hours=2)
    [(begin, end)] = windows(SUNDAYS, at("2026-03-29 00:00"), at("2026-03-29 12:00"))
    assert (f"{begin:%H:%M}", f"{end:%H:%M}") == ("00:30", "02:30")


def test_r10_a_time_that_the_clocks_leave_out_is_the_next_that_there_is():
    [(begin, _end)] = windows({**SUNDAYS, "from": "02:30"}, at("2026-03-29 00:00"), at("2026-03-29 12:00"))
    assert f"{begin:%H:%M}" == "01:00"


def test_r10_the_leap_day_is_a_day():
    daily = {**SUNDAYS, "day": "daily"}
    assert told(windows(daily, at("2028-02-29 00:00"), at("2028-02-29 12:00"))) == ["02-29 00:30 02-29 02:30"]
