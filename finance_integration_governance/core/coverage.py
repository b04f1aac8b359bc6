"""The coverage proof: every value with movement maps exactly once, or it is named with what moves on it."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from .canonical import canonical, digest

SHOWN = 50  # how many gaps are told with their names; all of them stand under one digest


@dataclass(frozen=True)
class Movement:
    """What moved on a value around a day: the crosswalk says the same for all days that are told together."""

    value: str
    on: dt.date
    count: int = 1
    amounts: dict = field(default_factory=dict)
    label: str | None = None


@dataclass
class Uncovered:
    """A value that does not map exactly once. `lines`: the numbers of those that contradict each other, none: a gap."""

    value: str
    label: str | None
    first: dt.date
    last: dt.date
    count: int
    amounts: dict
    lines: tuple = ()

    def add(self, movement):
        self.first, self.last = min(self.first, movement.on), max(self.last, movement.on)
        self.count += movement.count
        for currency, amount in movement.amounts.items():
            self.amounts[currency] = self.amounts.get(currency, Decimal()) + amount

    def days(self):
        """From the first to the last day on which it moved, for people."""
        return str(self.first) if self.first == self.last else f"{self.first} – {self.last}"

    def document(self):
        return {name: value for name, value in vars(self).items() if value not in (None, (), {})}


@dataclass
class Coverage:
    """What the proof found for one crosswalk. `flagged`: values that only the default knows."""

    crosswalk: str
    digest: str
    values: int = 0
    mapped: int = 0
    flagged: list = field(default_factory=list)
    gaps: list = field(default_factory=list)
    ambiguous: list = field(default_factory=list)

    @property
    def is_whole(self):
        return not self.gaps and not self.ambiguous

    @property
    def uncovered(self):
        return self.gaps + self.ambiguous

    def document(self):
        """A mapping of bounded size: the counts, the first values by name, and one digest over all of them."""
        everything = [found.document() for found in self.uncovered]
        told = {
            "crosswalk": self.crosswalk,
            "digest": self.digest,
            "values": self.values,
            "mapped": self.mapped,
            "flagged": len(self.flagged),
            "gaps": len(self.gaps),
            "ambiguous": len(self.ambiguous),
        }
        if everything:
            told |= {"uncovered": everything[:SHOWN], "uncovered_digest": digest(canonical(everything))}
        return told

    def words(self):
        """One line for people."""
        if self.is_whole:
            by_default = f", {len(self.flagged)} by the default only" if self.flagged else ""
            return f"{self.crosswalk}: all of {self.values} values with movement map exactly once{by_default}"
        named = ", ".join(found.value for found in self.uncovered[:10])
        more = f" and {len(self.uncovered) - 10} more" if len(self.uncovered) > 10 else ""
        twice = f", {len(self.ambiguous)} map more than once" if self.ambiguous else ""
        return (
            f"{self.crosswalk}: {len(self.gaps)} of {self.values} values with movement do not map{twice}: {named}{more}"
        )


def prove(crosswalk, movements):
    """The `Coverage` of these movements: each value counts as mapped where it maps exactly once on all its days."""
    verdicts, uncovered = {}, {}
    for movement in movements:
        found = crosswalk.match(movement.value, movement.on)
        is_flagged = len(found) == 1 and found[0].kind == "default"
        verdicts.setdefault(movement.value, set()).add("flagged" if is_flagged else min(len(found), 2))
        if len(found) != 1:
            _tell(uncovered, movement, tuple(line.number for line in found))
    told = sorted(uncovered.values(), key=lambda one: (one.value, one.first))
    return Coverage(
        crosswalk.head.get("code", ""),
        crosswalk.digest,
        values=len(verdicts),
        mapped=sum(1 for verdict in verdicts.values() if verdict <= {1, "flagged"}),
        flagged=sorted(value for value, verdict in verdicts.items() if "flagged" in verdict),
        gaps=[one for one in told if not one.lines],
        ambiguous=[one for one in told if one.lines],
    )


def _tell(uncovered, movement, lines):
    place = (movement.value, lines)
    if place not in uncovered:
        uncovered[place] = Uncovered(movement.value, movement.label, movement.on, movement.on, 0, {}, lines)
    uncovered[place].add(movement)
