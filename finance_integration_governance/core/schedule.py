"""When a flow is due: moments of a schedule as aware instants.

A schedule is a mapping: `{"kind": "manual"}`, `{"kind": "interval", "minutes": 15}` or
`{"kind": "times", "times": ["06:00", "18:30"]}`. Times are wall times of a zone: an hour that summer time leaves out
moves to the next valid instant, an hour that comes twice counts the first time.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

UTC = dt.UTC
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def times_of(text):
    """`06:00, 18:30` as a sorted list of its times. ValueError names what is not a time."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    wrong = [part for part in parts if not _TIME.fullmatch(part)]
    if wrong or not parts:
        raise ValueError(", ".join(wrong) or text)
    return sorted(set(parts))


def due(schedule, after, until, zone):
    """The due moments in (after, until], ascending, in UTC. `after` and `until` are aware; `zone` is an IANA name."""
    kind = schedule["kind"]
    if kind == "interval":
        return _interval(int(schedule["minutes"]), after, until)
    if kind == "times":
        return _times(schedule["times"], after.astimezone(UTC), until.astimezone(UTC), ZoneInfo(zone))
    return []


def _interval(minutes, after, until):
    """Multiples of the interval since the epoch, so that a restart does not shift the rhythm."""
    step = minutes * 60
    first = int(after.timestamp()) // step * step + step
    return [dt.datetime.fromtimestamp(at, UTC) for at in range(first, int(until.timestamp()) + 1, step)]


def _times(times, after, until, zone):
    day, last = after.astimezone(zone).date(), until.astimezone(zone).date()
    moments = []
    while day <= last:
        moments += [_instant(day, time, zone) for time in times]
        day += dt.timedelta(days=1)
    return sorted({moment for moment in moments if after < moment <= until})


def _instant(day, time, zone):
    wall = dt.datetime.combine(day, dt.time.fromisoformat(time), zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    # The wall time does not exist: the gap ends at the first instant of the new offset.
    return _gap_end(wall)


def _gap_end(wall):
    before = wall.replace(fold=0).utcoffset()
    after = wall.replace(fold=1).utcoffset()
    low = (wall.replace(tzinfo=None) - max(before, after)).replace(tzinfo=UTC)
    high = (wall.replace(tzinfo=None) - min(before, after)).replace(tzinfo=UTC)
    zone = wall.tzinfo
    while high - low > dt.timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (
            (middle, high) if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset() else (low, middle)
        )
    return high.replace(microsecond=0)
