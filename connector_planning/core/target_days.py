"""Days on which the Eurosystem's TARGET works: central banks of the euro publish rates on these and on no others.

Closed are Saturdays, Sundays, New Year's Day, Good Friday, Easter Monday, 1 May, Christmas Day and 26 December, as the
ECB's Governing Council has decided on 14 December 2000, from 2002 on.
"""

import datetime as dt

from dateutil.easter import easter

_CLOSED = ((1, 1), (5, 1), (12, 25), (12, 26))


class TargetDays:
    """A calendar that answers, as those of working days do, whether a day is one of them."""

    def is_working(self, day):
        """
        >>> [TargetDays().is_working(dt.date(2026, 4, day)) for day in (2, 3, 6, 7)]
        [True, False, False, True]
        """
        return day.weekday() < 5 and (day.month, day.day) not in _CLOSED and not _is_easter(day)


def _is_easter(day):
    """Good Friday or Easter Monday."""
    return day - easter(day.year) in (dt.timedelta(days=-2), dt.timedelta(days=1))


def days_between(calendar, first, last):
    """The calendar's days from the first to the last, both included."""
    days = (first + dt.timedelta(days=many) for many in range((last - first).days + 1))
    return [day for day in days if calendar.is_working(day)]


def stretches(calendar, days):
    """Days of the calendar in groups that follow each other without one of its days between: [(first, last, count)]."""
    found = []
    for day in sorted(days):
        if found and len(days_between(calendar, found[-1][1], day)) == 2:
            first, _last, count = found.pop()
            found.append((first, day, count + 1))
        else:
            found.append((day, day, 1))
    return found
