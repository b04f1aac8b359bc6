"""Wall times as instants: an hour that the clocks leave out is the next valid instant, a doubled one its first."""

import datetime as dt

UTC = dt.UTC


def instant(day, time, zone):
    """The instant of a wall time on a day in a zone (a `ZoneInfo`), in UTC."""
    wall = dt.datetime.combine(day, time, zone)
    found = wall.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return found
    return _gap_end(wall)


def _gap_end(wall):
    """The wall time does not exist: the gap ends at the first instant of the new offset."""
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
