"""Working days and working hours: which day is the n-th of a month, and how much working time has passed.

A calendar is written as a mapping, so that a version can keep it:
`{"hours": {"0": [["08:00", "12:00"], ["13:00", "17:00"]], ...}, "off": [{"from": "2026-12-25", "to": "2026-12-26"}]}`.
Weekdays count from 0, Monday; hours are wall times; days off are whole days, both ends included.
"""

import datetime as dt
from dataclasses import dataclass, field
from itertools import islice

from .walltime import instant

_LONGEST = 400  # days in which some working day has to come


@dataclass(frozen=True)
class Calendar:
    """`hours`: weekday -> ((from, to), ...) as wall times; `off`: days on which nobody works."""

    hours: dict = field(default_factory=dict)
    off: frozenset = frozenset()

    @classmethod
    def read(cls, document):
        """The calendar that a document tells; Monday to Friday, nine to five, where it tells none."""
        if not document:
            return ORDINARY
        off = {day for span in document.get("off", ()) for day in _days(span)}
        hours = {int(day): tuple(map(tuple, spans)) for day, spans in document["hours"].items() if spans}
        return cls(hours, frozenset(off))

    def is_working(self, day):
        return day.weekday() in self.hours and day not in self.off

    def shifted(self, day, step):
        """The day itself where people work, else the next one in that direction (1 or -1). ValueError for none."""
        for many in range(_LONGEST):
            other = day + dt.timedelta(days=many * step)
            if self.is_working(other):
                return other
        raise ValueError("this calendar has no working day within a year")

    def nth(self, year, month, number):
        """Working day `number` of the month: 1 is the first, -1 the last; None where there are not so many."""
        first = dt.date(year, month, 1)
        step = 1 if number > 0 else -1
        start = first if number > 0 else _last(first)
        days = (start + dt.timedelta(days=many * step) for many in range(31))
        working = (day for day in days if day.month == month and self.is_working(day))
        return next(islice(working, abs(number) - 1, None), None)

    def number(self, day):
        """Which working day of its month the day is, 0 where it is none."""
        if not self.is_working(day):
            return 0
        return sum(self.is_working(day.replace(day=one)) for one in range(1, day.day + 1))

    def spans(self, day, zone):
        """The working hours of the day as (from, to) instants."""
        if not self.is_working(day):
            return []
        return [(_at(day, since, zone), _at(day, until, zone)) for since, until in self.hours[day.weekday()]]

    def worked(self, since, until, zone):
        """How much working time lies between two instants."""
        total, day, last = dt.timedelta(), since.astimezone(zone).date(), until.astimezone(zone).date()
        while day <= last:
            for begin, end in self.spans(day, zone):
                total += max(dt.timedelta(), min(end, until) - max(begin, since))
            day += dt.timedelta(days=1)
        return total

    def after(self, since, work, zone):
        """The instant at which so much working time has passed. ValueError where people never work that long."""
        left = work
        for many in range(_LONGEST):
            day = since.astimezone(zone).date() + dt.timedelta(days=many)
            for begin, end in self.spans(day, zone):
                begin = max(begin, since)
                if end - begin >= left:
                    return begin + left
                left -= max(dt.timedelta(), end - begin)
        raise ValueError("this calendar has not so much working time within a year")


def _days(span):
    first, last = dt.date.fromisoformat(span["from"]), dt.date.fromisoformat(span.get("to") or span["from"])
    return [first + dt.timedelta(days=many) for many in range((last - first).days + 1)]


def _last(first):
    return (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


def _at(day, text, zone):
    """24:00 is the first instant of the next day."""
    if text == "24:00":
        return instant(day + dt.timedelta(days=1), dt.time(), zone)
    return instant(day, dt.time.fromisoformat(text), zone)


ORDINARY = Calendar(dict.fromkeys(range(5), (("09:00", "17:00"),)))
