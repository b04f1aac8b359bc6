"""When a day of an account is complete, as far as anybody can know who is only told.

A day is proven by the bank's balances: the balance at its end is that of the last known end and what was booked since.
Where the bank tells no balances, it is proven by pulls that agree: on so many days after its end, the bank told the
same. Balances that contradict keep a day open, however often the bank repeats itself. What changes is open again.
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal

NOTHING = "nothing"  # the digest of a day without entries
_ZERO = Decimal()


@dataclass(frozen=True)
class Day:
    """What was told of one day. `agreeing`: on how many days after its end it was told so; `closing`: its end balance.

    `proven_by`: balances, pulls or None while it is open. `difference`: what is missing for the balances to tie.
    """

    on: dt.date
    count: int = 0
    net: Decimal = _ZERO
    digest: str = NOTHING
    agreeing: int = 0
    pulled_on: dt.date | None = None
    closing: Decimal | None = None
    proven_by: str | None = None
    difference: Decimal | None = None


@dataclass(frozen=True)
class Told:
    """One pull: what each day of the window holds (day -> (count, net, digest)), and the balances at the end of days.

    `now`: the booked balance of the moment, which tells the end of yesterday. `on`: the day of the pull.
    """

    on: dt.date
    first: dt.date
    last: dt.date
    days: dict = field(default_factory=dict)
    closings: dict = field(default_factory=dict)
    now: Decimal | None = None


def judge(known, told, needed):
    """Each `Day` of the pull's window as it stands after it, and earlier ones whose balance has changed: on -> Day.

    `known`: on -> Day of what was told before. `needed`: pulls that have to agree where no balance tells.
    """
    days = dict(known)
    for on in _span(told.first, min(told.last, told.on)):
        days[on] = _seen(days.get(on) or Day(on), told)
    _forget_ends(days, known)
    _by_balances(days, _ends(days, told))
    for on, day in days.items():
        if not day.proven_by and day.difference is None and on < told.on and day.agreeing >= needed:
            days[on] = replace(day, proven_by="pulls")
    return {on: day for on, day in days.items() if day != known.get(on)}


def _span(first, last):
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


def _seen(day, told):
    """The day as this pull tells it; another content makes it open again."""
    count, net, digest = told.days.get(day.on, (0, _ZERO, NOTHING))
    is_over = told.on > day.on
    if day.pulled_on is None or digest != day.digest:
        return Day(day.on, count, net, digest, int(is_over), told.on)
    counts = is_over and day.pulled_on < told.on
    return replace(day, agreeing=day.agreeing + counts, pulled_on=told.on, difference=None)


def _forget_ends(days, known):
    """A day that changed takes with it what was known of ends from there on: the bank had not told everything."""
    changed = [on for on, day in days.items() if on in known and known[on].digest != day.digest]
    if changed:
        for on in [on for on in days if on >= min(changed)]:
            again = days[on].proven_by == "balances"
            days[on] = replace(days[on], closing=None, proven_by=None if again else days[on].proven_by)


def _ends(days, told):
    """End of day -> balance, as this pull tells them; what is over only."""
    ends = {on: amount for on, amount in told.closings.items() if on < told.on}
    yesterday = told.on - dt.timedelta(days=1)
    if told.now is not None and yesterday not in ends and told.on in days:
        ends[yesterday] = told.now - days[told.on].net
    return ends


def _by_balances(days, ends):
    for end in sorted(ends):
        before = max((on for on, day in days.items() if on < end and day.closing is not None), default=None)
        day = days.get(end) or Day(end)
        if before is None:
            # The first end that is known proves nothing, and is where proving begins.
            days[end] = replace(day, closing=ends[end])
            continue
        span = _span(before + dt.timedelta(days=1), end)
        if any(on not in days for on in span):
            continue
        difference = ends[end] - days[before].closing - sum((days[on].net for on in span), _ZERO)
        _mark(days, span, end, ends[end], difference)


def _mark(days, span, end, closing, difference):
    for on in span:
        if difference:
            days[on] = replace(days[on], difference=difference, proven_by=None, closing=None)
        else:
            days[on] = replace(days[on], difference=None, proven_by="balances")
    if not difference:
        days[end] = replace(days[end], closing=closing)


def open_days(days):
    return sorted(on for on, day in days.items() if not day.proven_by)


def window(known, today, look_back, begin=None, reach=None):
    """(first, last) of the next pull: the days to look back on, and every day before that is still open.

    `begin`: the day before which nothing is asked; `reach`: how many days back the bank tells anything.
    """
    first = min([today - dt.timedelta(days=look_back), *open_days(known)])
    for limit in (begin, reach and today - dt.timedelta(days=reach)):
        first = max(first, limit) if limit else first
    return min(first, today), today
