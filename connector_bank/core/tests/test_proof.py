"""When a day is proven complete, and when it is not."""

import datetime as dt
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.connector_bank.core.proof import Day, Told, judge, open_days, window

D = Decimal


def on(day):
    return dt.date(2026, 3, day)


def entries(**days):
    """d3=("10", "a") -> what a day holds: one entry of this amount, told by this digest."""
    return {on(int(name[1:])): (1, D(net), digest) for name, (net, digest) in days.items()}


def pull(known, day, first=1, needed=2, **told):
    days = told.pop("days", {})
    return known | judge(known, Told(on(day), on(first), on(day), days, **told), needed)


def proven(known):
    return {day.on.day: day.proven_by for day in known.values() if day.proven_by}


def test_a_day_is_proven_by_balances_that_tie():
    known = pull({}, 3, needed=9, closings={on(2): D(100)})
    known = pull(known, 5, days=entries(d3=("10", "a"), d4=("-4", "b")), needed=9, closings={on(4): D(106)})
    assert proven(known) == {3: "balances", 4: "balances"}


def test_the_balance_of_the_moment_tells_the_end_of_yesterday():
    known = pull({}, 3, needed=9, closings={on(2): D(100)})
    known = pull(known, 4, days=entries(d3=("10", "a"), d4=("7", "b")), needed=9, now=D(117))
    assert proven(known) == {3: "balances"} and known[on(3)].closing == D(110)


def test_a_day_that_the_bank_has_lost_stays_open_until_it_is_told():
    known = pull({}, 3, closings={on(2): D(100)})
    for day in (5, 6, 7, 8):
        known = pull(known, day, needed=1, closings={on(4): D(110)})
    assert 3 in [one.day for one in open_days(known)] and known[on(3)].difference == D(10)
    known = pull(known, 9, days=entries(d3=("10", "a")), closings={on(4): D(110)})
    assert proven(known)[3] == "balances" and known[on(3)].difference is None


def test_without_balances_pulls_on_two_days_have_to_agree():
    told = {"days": entries(d3=("10", "a"))}
    known = pull({}, 4, **told)
    assert 3 not in proven(known)
    known = pull(known, 4, **told)
    assert 3 not in proven(known), "two pulls of one day are one opinion"
    assert proven(pull(known, 5, **told))[3] == "pulls"


def test_a_day_that_is_not_over_is_never_proven():
    known = {}
    for _time in range(5):
        known = pull(known, 4, days=entries(d4=("1", "a")), needed=1, closings={on(4): D(1)}, now=D(1))
    assert 4 not in proven(known)


def test_what_is_booked_late_opens_its_day_again_and_is_proven_anew():
    known = pull({}, 3, closings={on(2): D(100)})
    known = pull(known, 4, days=entries(d3=("10", "a")), closings={on(3): D(110)})
    assert proven(known)[3] == "balances"
    known = pull(known, 5, days=entries(d3=("15", "late")))
    assert 3 not in proven(known)
    known = pull(known, 6, days=entries(d3=("15", "late")), closings={on(3): D(115)})
    assert proven(known)[3] == "balances"


def test_a_first_balance_proves_nothing():
    assert proven(pull({}, 5, needed=9, closings={on(4): D(100)})) == {}


def test_the_next_window_reaches_back_to_the_oldest_open_day():
    known = {on(2): Day(on(2)), on(3): Day(on(3), proven_by="pulls")}
    assert window(known, on(20), 7) == (on(2), on(20))
    assert window({}, on(20), 7) == (on(13), on(20))
    assert window(known, on(20), 7, begin=on(10)) == (on(10), on(20))
    assert window(known, on(20), 7, reach=5) == (on(15), on(20))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(-500, 500), min_size=6, max_size=6),
    st.lists(st.tuples(st.sets(st.integers(1, 6)), st.booleans()), min_size=1, max_size=8),
)
def test_no_day_that_lacks_something_is_proven_by_balances(nets, pulls):
    """Whatever days a bank leaves out of whatever pulls: what balances prove is what the bank has in its books."""
    truth = {on(number): D(net) for number, net in enumerate(nets, 1)}
    known = pull({}, 1, first=1)
    known[on(1)] = Day(on(1), closing=D(0), proven_by="balances", pulled_on=on(1))
    truth[on(1)] = D(0)
    for number, (lost, tells) in enumerate(pulls, 8):
        # One amount in a day, all different: two that are lost cannot make up for each other.
        days = {
            day: (1, net * 10 ** (2 * day.day), str(net)) for day, net in truth.items() if net and day.day not in lost
        }
        ends, total = {}, D(0)
        for day in sorted(truth):
            total += truth[day] * 10 ** (2 * day.day)
            ends[day] = total
        told = Told(on(number), on(2), on(7), days, {on(6): ends[on(6)]} if tells else {})
        known = known | judge(known, told, 99)
    for day, net in truth.items():
        if day > on(1) and known[day].proven_by == "balances":
            assert known[day].net == net * 10 ** (2 * day.day)
