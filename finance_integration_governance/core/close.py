"""The close of a period: which day belongs to which, when a checkpoint is due, and the checkpoints to begin with.

A period is a calendar month, written `2026-03`. A checkpoint's definition is a mapping, as a company's policy keeps it:
`{"code": "bank", "name": ..., "check": "bank", "day": 2, "time": "18:00", "owner": login, "after": ["drafts"], ...}`.
"""

import calendar as months
import datetime as dt
import re
from zoneinfo import ZoneInfo

from .walltime import instant

CHECKS = {
    "hand": "Signed by hand",
    "drafts": "No entry is a draft",
    "bank": "Bank is reconciled",
    "suspense": "Suspense accounts are at zero",
    "trial_balance": "Trial balance is balanced",
    "intercompany": "Intercompany balances match",
    "tax": "Tax is computed (signed by hand)",
    "flow": "A flow has delivered the period",
    "entries": "Every entry is explained",
}
BY_HAND = ("hand", "tax")  # what no figure proves: its owner has to say what they looked at
# Code, name, check, working day after the period's end, what has to be signed before, which lock date it holds.
STANDARD = (
    ("drafts", "No drafts", "drafts", 1, (), "books"),
    ("bank", "Bank reconciled", "bank", 2, (), "books"),
    ("suspense", "Suspense at zero", "suspense", 2, ("bank",), "books"),
    ("payroll", "Payroll and expenses in", "hand", 2, (), "books"),
    ("intercompany", "Intercompany matched", "intercompany", 3, (), None),
    ("tax", "Tax computed", "tax", 4, ("drafts",), "tax"),
    ("entries", "Every entry explained", "entries", 4, ("drafts", "bank"), "books"),
    ("trial-balance", "Trial balance balanced", "trial_balance", 4, ("drafts", "suspense"), "books"),
    ("actuals", "Actuals delivered to planning", "hand", 5, ("trial-balance",), None),
    ("reports", "Reports published", "hand", 6, ("trial-balance",), None),
)
# Which of Odoo's lock dates a checkpoint holds back while it is not signed.
LOCKS = {
    "books": ("fiscalyear_lock_date", "hard_lock_date"),
    "tax": ("tax_lock_date", "hard_lock_date"),
}
_PERIOD = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


def is_period(text):
    return bool(_PERIOD.fullmatch(text or ""))


def period_of(day):
    return f"{day:%Y-%m}"


def span(period):
    """(first day, last day) of the period. ValueError where the text is none."""
    if not is_period(period):
        raise ValueError(period)
    year, month = map(int, period.split("-"))
    return dt.date(year, month, 1), dt.date(year, month, months.monthrange(year, month)[1])


def following(period):
    return period_of(span(period)[1] + dt.timedelta(days=1))


def periods(first, last):
    """The periods from the first to the last, both included; none where the last one comes before."""
    found = []
    while first <= last:
        found.append(first)
        first = following(first)
    return found


def due(period, number, time, zone, calendar):
    """Working day `number` after the period's end at that wall time, as an instant; else the month's last.

    >>> from .workdays import ORDINARY
    >>> due("2026-02", 2, "18:00", "UTC", ORDINARY).isoformat()
    '2026-03-03T18:00:00+00:00'
    """
    first = span(following(period))[0]
    day = calendar.nth(first.year, first.month, number) or calendar.nth(first.year, first.month, -1)
    return instant(day or first, dt.time.fromisoformat(time), ZoneInfo(zone))


def standing_on(definitions, code):
    """Codes of everything that stands on this one, directly or by way of others."""
    found, ahead = set(), {code}
    while ahead:
        ahead = {one["code"] for one in definitions if ahead & set(one.get("after", ()))} - found
        found |= ahead
    return found


def rests_on(definitions, code):
    """Codes of everything that this one stands on, directly or by way of others."""
    after = {one["code"]: set(one.get("after", ())) for one in definitions}
    found, ahead = set(), after.get(code, set())
    while ahead - found:
        found |= ahead
        ahead = set().union(*(after.get(one, set()) for one in ahead))
    return found


def moved(old, new, path=""):
    """What differs between two sets of figures, as (name, old, new); absent is None."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = sorted({*old, *new})
        return [one for name in names for one in moved(old.get(name), new.get(name), f"{path} {name}".strip())]
    return [] if old == new else [(path, old, new)]
