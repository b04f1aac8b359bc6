"""Periods of the ledger: what they are called, where they begin and end, and which of them a version tells."""

import calendar
import datetime as dt

from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.close import span
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

_BUCKETS = {"day": "day", "week": "week", "month": "month", "fiscal": "month"}
_NAMES = {"day": "YYYY-MM-DD", "week": 'IYYY-"W"IW', "month": "YYYY-MM"}


class Grain:
    """One way to cut time. `options`: those of the flow, with `period_from` and `period_until` (YYYY-MM)."""

    def __init__(self, name, options, last_month=12, last_day=31):
        if name not in _BUCKETS:
            raise ConfigurationError(f"{name} is no period: day, week, month or fiscal")
        # Of a year without a 29 February: Odoo ends a year on that day where there is one.
        if name == "fiscal" and last_day < calendar.monthrange(2001, last_month)[1]:
            raise ConfigurationError("fiscal periods need a fiscal year that ends with a month")
        self.name, self.last_month = name, last_month
        self.since, self.until = (options.get(key) for key in ("period_from", "period_until"))

    def bucket(self, date):
        """SQL: the first day of the period that a day lies in."""
        # Of a timestamp without zone: a date alone becomes one with zone, and each row pays for that.
        return SQL("date_trunc(%s, %s::timestamp)::date", _BUCKETS[self.name], date)

    def label(self, first):
        """SQL: the period's name by its first day."""
        if self.name != "fiscal":
            return SQL("to_char(%s, %s)", first, _NAMES[self.name])
        # A fiscal year bears the name of the year in which it ends.
        shift = f"{12 - self.last_month} months"
        return SQL("""to_char(%s + %s::interval, '"FY"YYYY-"P"MM')""", first, shift)

    def ends(self, first):
        """SQL: the period's last day by its first."""
        return SQL("(%s + %s::interval - interval '1 day')::date", first, f"1 {_BUCKETS[self.name]}")

    def after(self, first):
        """The day after the period that begins on this one."""
        if _BUCKETS[self.name] == "month":
            return (first + dt.timedelta(days=31)).replace(day=1)
        return first + dt.timedelta(days=7 if self.name == "week" else 1)

    def begins(self, last):
        """The first day of the period that ends on this one."""
        if _BUCKETS[self.name] == "month":
            return last.replace(day=1)
        return last - dt.timedelta(days=6 if self.name == "week" else 0)

    def stretches(self, firsts):
        """(first day, day after) of the stretches that the periods which begin on these days make up together.

        One condition for three years, and not one for each month: every journal item is held against them.
        """
        found = []
        for first in sorted(firsts):
            if found and found[-1][1] == first:
                found[-1] = (found[-1][0], self.after(first))
            else:
                found.append((first, self.after(first)))
        return found

    def domain(self, closed_until=None):
        """Which days are told: the version's periods, and no further than the books are closed."""
        first, last = self._bounds()
        last = min(filter(None, (last, closed_until)), default=None)
        domain = [("date", ">=", first)] if first else []
        return domain + ([("date", "<=", last)] if last else [])

    def known(self, closed_until=None):
        """SQL on fin_item i: cells of the periods that are told; what lies behind a cut-off is left as it was."""
        begins = self.bucket(SQL('i."on"'))
        parts = [
            SQL("%s %s %s", begins if sign == "<=" else SQL('i."on"'), SQL(sign), day)
            for _date, sign, day in self.domain(closed_until)
        ]
        return SQL(" AND ").join(parts) if parts else SQL("TRUE")

    def is_told(self, period):
        """Whether a period, by its name, reaches into the months that the version tells."""
        first, last = self.days_of(period)
        since, until = self._bounds()
        return (not since or last >= since) and (not until or first <= until)

    def days_of(self, period):
        """(first, last day) of a day, week, month or fiscal period by its name, such as FY2027-P06."""
        if period.startswith("FY"):
            months = int(period[2:6]) * 12 + int(period[8:]) - 1 - (12 - self.last_month)
            return span(f"{months // 12:04}-{months % 12 + 1:02}")
        if "W" in period:
            first = dt.date.fromisoformat(f"{period}-1")
            return first, first + dt.timedelta(days=6)
        return span(period) if len(period) == 7 else (dt.date.fromisoformat(period),) * 2

    def _bounds(self):
        return (self.since and span(self.since)[0]), (self.until and span(self.until)[1])
