"""Whether what a run brings looks like what its flow has brought before: learned from history, judged by thresholds.

Thresholds are a mapping, as a version keeps it under `volume`; what is absent is not asked:
`nothing` (tell when a run brings nothing), `deviation` (percent by which the number of items may differ from the
median of comparable runs), `spike` (percent by which the sum of a currency may exceed it), `against` (weekday or
month), `duplicates` (percent of items that may have come before), `types` (the member that names the type of a
transaction), `schema` (true: members that never came, or come no more, are told), `least` (runs that it learns from).
"""

from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median

LEAST = 4  # comparable runs; of fewer nobody can say what is usual
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True)
class Volume:
    """What one run brought: a number, sums per currency, how many had come before, types, and members by contract."""

    on: object
    count: int = 0
    sums: dict = field(default_factory=dict)
    duplicates: int = 0
    types: frozenset = frozenset()
    members: frozenset = frozenset()

    def document(self):
        """As a row keeps it, beside its day and number."""
        sums = {currency: total for currency, total in self.sums.items() if total is not None}
        return {
            "sums": sums,
            "duplicates": self.duplicates,
            "types": sorted(self.types),
            "members": sorted(self.members),
        }

    @classmethod
    def read(cls, on, count, told):
        sums = {currency: Decimal(total) for currency, total in told.get("sums", {}).items()}
        shape = (frozenset(told.get(name, ())) for name in ("types", "members"))
        return cls(on, count, sums, told.get("duplicates", 0), *shape)


@dataclass(frozen=True)
class Strange:
    """One thing that is not as usual, in one sentence."""

    code: str
    sentence: str


def comparable(now, history, against):
    """Earlier runs that say what is usual today, and how people call their days."""
    if against == "weekday":
        alike = [one for one in history if one.on.weekday() == now.on.weekday()]
        return alike, WEEKDAYS[now.on.weekday()]
    if against == "month":
        alike = [one for one in history if abs(one.on.day - now.on.day) <= 3 and one.on.month != now.on.month]
        return alike, "months at this time"
    return list(history), "runs"


def judge(now, history, thresholds):
    """Everything about the run that is not as usual, by the approved thresholds; empty where it is."""
    found = list(_shape(now, history, thresholds))
    alike, named = comparable(now, [one for one in history if one.count], thresholds.get("against"))
    if len(alike) >= thresholds.get("least", LEAST):
        found += _sizes(now, alike, named, thresholds)
    return found


def _sizes(now, alike, named, thresholds):
    usual = median(one.count for one in alike)
    off = percent(now.count - usual, usual)
    allowed = thresholds.get("deviation")
    if allowed and now.count and abs(off) > allowed:
        more = "more" if off > 0 else "fewer"
        span = f"{min(one.count for one in alike)} to {max(one.count for one in alike)}"
        yield Strange(
            "volume_deviation",
            f"it brings {now.count} items; the last {len(alike)} {named} brought {span}, so these are "
            f"{abs(off)} % {more} than usual, and approved are {allowed} %",
        )
    for currency, total in sorted(now.sums.items()):
        before = [abs(one.sums[currency]) for one in alike if currency in one.sums]
        usual = median(before) if len(before) >= thresholds.get("least", LEAST) else 0
        spike = thresholds.get("spike")
        if spike and usual and percent(abs(total) - usual, usual) > spike:
            yield Strange(
                "volume_spike",
                f"its sum in {currency} is {percent(abs(total) - usual, usual)} % above what the last {len(before)} "
                f"{named} brought, and approved are {spike} %",
            )


def _shape(now, history, thresholds):
    """What needs no comparable day: repetitions, types and members."""
    allowed = thresholds.get("duplicates")
    if allowed and now.count and percent(now.duplicates, now.count) > allowed:
        told = f"{now.duplicates} of its {now.count} items have come before, and approved are {allowed} %"
        yield Strange("volume_duplicates", told)
    known = [one for one in history if one.count]
    if len(known) < thresholds.get("least", LEAST) or not now.count:
        return
    if thresholds.get("types") and (new := now.types - _ever(known, "types")):
        yield Strange("volume_new_type", f"it brings types that never came before: {', '.join(sorted(new))}")
    if thresholds.get("schema"):
        yield from _drift(now, known)


def _drift(now, known):
    """Members that came in every earlier run and are gone, or that never came."""
    known = [one for one in known if one.members]
    if not known:
        return
    new, gone = now.members - _ever(known, "members"), frozenset.intersection(*(o.members for o in known)) - now.members
    told = [f"{words} {', '.join(sorted(names))}" for words, names in (("new:", new), ("gone:", gone)) if names]
    if told:
        yield Strange("volume_schema", f"its members are not those of the {len(known)} runs before ({'; '.join(told)})")


def _ever(known, name):
    return frozenset().union(*(getattr(one, name) for one in known))


def percent(part, whole):
    return round(100 * part / whole) if whole else 0
