"""Hours of maintenance that come again every day or week, as instants: wall time where the system stands."""

import datetime as dt
from zoneinfo import ZoneInfo

from .walltime import instant

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAILY = "daily"


def windows(told, since, until):
    """[(begin, end)] of {"day", "from", "minutes", "zone"} that touch the time between two instants, in order.

    Each lasts as long as it says, also where the clocks change meanwhile.
    """
    zone, length = ZoneInfo(told["zone"]), dt.timedelta(minutes=told["minutes"])
    time = dt.time.fromisoformat(told["from"])
    first, last = (since - length).astimezone(zone).date(), until.astimezone(zone).date()
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    begins = (instant(day, time, zone) for day in days if told["day"] in (DAILY, DAYS[day.weekday()]))
    return [(begin, begin + length) for begin in begins if begin < until and begin + length > since]
