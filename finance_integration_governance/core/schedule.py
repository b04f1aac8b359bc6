"""When a flow is due: moments of a schedule as aware instants, and which of several missed ones still run.

A schedule is a mapping. `kind` says what makes it due:

    {"kind": "manual"}                                       a person
    {"kind": "interval", "minutes": 15}                      the clock, since the epoch
    {"kind": "times", "times": ["06:00", "18:30"]}           the clock, at wall times
    {"kind": "after", "flows": ["bank-statements"]}          the end of another flow's run
    {"kind": "event", "events": ["account.move/posted"]}     what happens in Odoo
    {"kind": "checkpoint", "checkpoints": ["trial-balance"]} the signatures of a checkpoint of the close

What the clock makes due may be narrowed:

    "between": ["08:00", "20:00"]                            wall times, both included
    "days": {"kind": "weekday", "on": [0, 4]}                0 is Monday
    "days": {"kind": "monthday", "on": [15, -1]}             -1 is the last; the 31st is the last of a shorter month
    "days": {"kind": "workday", "on": [2, -1]}               the second and the last working day of each month
    "off": "skip" | "next" | "previous"                      what a chosen day does on which nobody works
    "blackouts": [{"from": "22:00", "to": "06:00", "weekdays": [5]}]   a moment in there waits for its end
    "cutoff": "16:00"                                        what has not begun by then on its day is missed
    "misfire": "one" | "all" | "skip" | "within", "within": 120   what runs of that which nobody was there to start

Times are wall times of a zone; see `walltime` for hours that do not exist or come twice.
"""

import calendar as months
import datetime as dt
import re
from zoneinfo import ZoneInfo

from .walltime import UTC, instant
from .workdays import ORDINARY

GRACE = 10  # minutes by which the clock may be late and a moment still counts as its own
HORIZON = 430  # days in which something has to become due: a leap year and the longest row of days off
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DAY = dt.timedelta(days=1)
# A day off may push a chosen day so far; a blackout may hold a moment so long.
_PUSHED, _HELD = 31 * _DAY, 2 * _DAY


def times_of(text):
    """`06:00, 18:30` as a sorted list of its times. ValueError names what is not a time."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    wrong = [part for part in parts if not _TIME.fullmatch(part)]
    if wrong or not parts:
        raise ValueError(", ".join(wrong) or text)
    return sorted(set(parts))


def numbers_of(text, least, most):
    """`1, 15, -1` as a sorted list. ValueError names what is no number from `least` to `most`; zero is none."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    wrong = [part for part in parts if not re.fullmatch(r"-?\d{1,2}", part) or not least <= int(part) <= most]
    wrong += [part for part in parts if part not in wrong and int(part) == 0]
    if wrong or not parts:
        raise ValueError(", ".join(wrong) or text)
    return sorted({int(part) for part in parts})


def due(schedule, after, until, zone, calendar=ORDINARY):
    """The due moments in (after, until], ascending, in UTC. `after` and `until` are aware; `zone` is an IANA name."""
    zone = ZoneInfo(zone)
    blackouts = schedule.get("blackouts", ())
    since = after - _HELD if blackouts else after
    moments = _raw(schedule, since.astimezone(UTC), until.astimezone(UTC), zone, calendar)
    if blackouts:
        moments = [_lit(moment, blackouts, zone) for moment in moments]
    return sorted({moment for moment in moments if after < moment <= until})


def upcoming(schedule, after, zone, calendar=ORDINARY):
    """The first moment after that one, or None where the clock never makes it due."""
    if schedule["kind"] not in ("interval", "times"):
        return None
    far, step = after, max(_DAY, 2 * dt.timedelta(minutes=int(schedule.get("minutes", 0))))
    while far < after + HORIZON * _DAY:
        moments = due(schedule, far, far + step, zone, calendar)
        if moments:
            return moments[0]
        far, step = far + step, min(2 * step, 64 * _DAY)
    return None


def latest(schedule, moment, zone):
    """The last instant at which what was due at the moment may begin, or None."""
    if not schedule.get("cutoff"):
        return None
    zone = ZoneInfo(zone)
    return instant(moment.astimezone(zone).date(), dt.time.fromisoformat(schedule["cutoff"]), zone)


def chosen(schedule, moments, now, zone):
    """(to be started, told by a later one, missed) of moments that are due now, each ascending."""
    ends = [latest(schedule, moment, zone) for moment in moments]
    there = [moment for moment, end in zip(moments, ends, strict=True) if end is None or now <= end]
    kind = schedule.get("misfire", "one")
    if kind == "one":
        start, told = there[-1:], there[:-1]
    elif kind == "all":
        start, told = there, []
    else:
        minutes = GRACE if kind == "skip" else int(schedule["within"])
        start, told = [moment for moment in there if now - moment <= dt.timedelta(minutes=minutes)], []
    return start, told, [moment for moment in moments if moment not in start and moment not in told]


def _raw(schedule, after, until, zone, calendar):
    """Moments before blackouts."""
    if schedule["kind"] == "interval":
        moments = _interval(int(schedule["minutes"]), after, until)
        if not schedule.keys() & {"between", "days", "off"}:
            return moments
        days = set(_days(schedule, after, until, zone, calendar))
        return [moment for moment in moments if _is_open(schedule, moment.astimezone(zone), days)]
    if schedule["kind"] == "times":
        times = [dt.time.fromisoformat(time) for time in schedule["times"]]
        return [instant(day, time, zone) for day in _days(schedule, after, until, zone, calendar) for time in times]
    return []


def _interval(minutes, after, until):
    """Multiples of the interval since the epoch, so that a restart does not shift the rhythm."""
    step = minutes * 60
    first = int(after.timestamp()) // step * step + step
    return [dt.datetime.fromtimestamp(at, UTC) for at in range(first, int(until.timestamp()) + 1, step)]


def _is_open(schedule, wall, days):
    since, until = schedule.get("between", ("00:00", "23:59"))
    return wall.date() in days and since <= f"{wall:%H:%M}" <= until


def _days(schedule, after, until, zone, calendar):
    """The days on which it is due, among those that the two instants touch."""
    first, last = after.astimezone(zone).date(), until.astimezone(zone).date()
    off = schedule.get("off")
    margin = _PUSHED if off in ("next", "previous") else dt.timedelta()
    day, end, found = first - margin, last + margin, set()
    while day <= end:
        if _is_chosen(schedule.get("days"), day, calendar):
            found.add(_pushed(day, off, calendar))
        day += _DAY
    return sorted(day for day in found if day and first <= day <= last)


def _is_chosen(days, day, calendar):
    match days:
        case None:
            return True
        case {"kind": "weekday", "on": on}:
            return day.weekday() in on
        case {"kind": "monthday", "on": on}:
            length = months.monthrange(day.year, day.month)[1]
            return any(day.day == (min(one, length) if one > 0 else length + 1 + one) for one in on)
        case {"kind": "workday", "on": on}:
            return any(day == calendar.nth(day.year, day.month, one) for one in on)
    raise ValueError(f"{days} are no days of a schedule")


def _pushed(day, off, calendar):
    """The day, or the one that stands for it where nobody works; None where none does."""
    if not off or calendar.is_working(day):
        return day
    return None if off == "skip" else calendar.shifted(day, 1 if off == "next" else -1)


def _lit(moment, blackouts, zone):
    """The moment, or the end of the blackout in which it lies; blackouts may follow each other."""
    for _chained in range(2 * len(blackouts)):
        end = max((_end_of(window, moment, zone) or moment for window in blackouts), default=moment)
        if end == moment:
            return moment
        moment = end
    return moment


def _end_of(window, moment, zone):
    """When the window ends in which the moment lies, or None. A window may pass midnight."""
    since, until = dt.time.fromisoformat(window["from"]), dt.time.fromisoformat(window["to"])
    today = moment.astimezone(zone).date()
    for day in (today, today - _DAY):
        begin = instant(day, since, zone)
        end = instant(day if since < until else day + _DAY, until, zone)
        if begin <= moment < end and day.weekday() in window.get("weekdays", range(7)):
            return end
    return None
