"""What another configuration would make of the same facts: two results compared, item by item and by account."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from .canonical import digest

SHOWN = 200  # changed items that are told one by one; all of them are counted
ACCEPTED = "accepted"


@dataclass(frozen=True)
class Fate:
    """What becomes of one item: accepted at a place, or why not. `account`: what its amount is added up by."""

    key: str
    verdict: str
    reason: str = ""
    place: str = ""
    account: str = ""
    currency: str = ""
    amount: Decimal | None = None

    @property
    def is_accepted(self):
        return self.verdict == ACCEPTED


@dataclass
class Difference:
    """`changed`: (kind, before, after) of the first items that end otherwise; `counts`: how many of each kind.

    Kinds: elsewhere, newly_accepted, newly_refused, other_reason, new, gone. `totals`: (account, currency) -> [before,
    after] of what is accepted.
    """

    before: Counter = field(default_factory=Counter)
    after: Counter = field(default_factory=Counter)
    counts: Counter = field(default_factory=Counter)
    changed: list = field(default_factory=list)
    totals: dict = field(default_factory=dict)

    @property
    def is_none(self):
        return not self.counts

    def document(self):
        """As a mapping for canonical text, of bounded size but for the accounts."""
        return {
            "before": dict(self.before),
            "after": dict(self.after),
            "counts": dict(self.counts),
            "changed": [
                {"kind": kind, "key": (after or before).key, "before": _words(before), "after": _words(after)}
                for kind, before, after in self.changed
            ],
            "totals": [
                {"account": account, "currency": currency, "before": before, "after": after}
                for (account, currency), (before, after) in sorted(self.totals.items())
                if before != after
            ],
        }


def _words(fate):
    if fate is None:
        return None
    if not fate.is_accepted:
        return f"{fate.verdict}: {fate.reason}"
    # A place may be all that was received: its digest says whether it is another one, and nothing of anybody.
    return fate.account or fate.place and f"as {digest(fate.place)[:12]}"


def compare(before, after):
    """The `Difference` of two results: mappings of an item's identity to its `Fate`."""
    found = Difference()
    for identity in sorted({*before, *after}):
        old, new = before.get(identity), after.get(identity)
        _add(found.before, found.totals, old, 0)
        _add(found.after, found.totals, new, 1)
        kind = _kind(old, new)
        if kind:
            found.counts[kind] += 1
            if len(found.changed) < SHOWN:
                found.changed.append((kind, old, new))
    return found


def _add(counter, totals, fate, side):
    if fate is None:
        return
    counter[fate.verdict] += 1
    if fate.is_accepted and fate.amount is not None:
        totals.setdefault((fate.account, fate.currency), [Decimal(), Decimal()])[side] += fate.amount


def _kind(old, new):
    if old is None or new is None:
        return "gone" if new is None else "new"
    if old.is_accepted != new.is_accepted:
        return "newly_accepted" if new.is_accepted else "newly_refused"
    if old.is_accepted:
        return "elsewhere" if (old.place, old.account, old.amount) != (new.place, new.account, new.amount) else None
    return "other_reason" if (old.verdict, old.reason) != (new.verdict, new.reason) else None
