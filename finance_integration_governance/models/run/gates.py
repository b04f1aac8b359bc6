"""The gates that every run passes, fixed and in this order. A gate is a named question; its answer is kept.

A gate gives `Answer`s: proceed, hold (these items wait for a person) or stop (the run cannot go on).
"""

from dataclasses import dataclass, field

from ...core.errors import printable
from ...core.register import not_in_scope, outside_region


@dataclass(frozen=True)
class Answer:
    """`waits`: what lets the held items go on, where it is not a decision on exceptions; `key`: which one of them;
    `needed`: how many people have to say yes; `gate`: whose answer it is.
    """

    verdict: str
    reason: str = ""
    ids: tuple = field(default=())
    waits: str = ""
    key: str = ""
    needed: int = 1
    gate: str = ""


PROCEED = Answer("proceed")


class Contract:
    question = "Does every item keep its contract?"

    def ask(self, run):
        """All or nothing: one item that breaks its contract holds the rest, where the version says so."""
        if not run._document().get("all_or_nothing"):
            return PROCEED
        rejected = run.env["fin.item"]._totals_by_outcome(run).get("rejected")
        if not rejected:
            return PROCEED
        return Answer("hold", f"{rejected.count} items were rejected and the flow is all or nothing", run._open_ids())


class Exceptions:
    question = "Has somebody decided on everything that was noticed?"

    def ask(self, run):
        blocked = run.env["fin.item"]._blocked(run)
        if blocked:
            run.env["fin.exception"]._reopen_for(run)
        if blocked or run._undecided_payloads():
            return Answer("hold", "a blocking exception is open", tuple(blocked))
        return PROCEED


class Released:
    question = "Is this the database that was released, and as what the connection is?"

    def ask(self, run):
        why = run._why_not_sent()
        return Answer("stop", why) if why else PROCEED


class Period:
    question = "Is the period of every item open?"

    def ask(self, run):
        """As the service user sees the lock dates: exceptions to a lock count for that user only."""
        locked = run._locked_days()
        if not locked:
            return PROCEED
        ids = run._open_ids_at(list(locked))
        first, reason = min((day, reason) for (_company, day), reason in locked.items())
        days = len({day for _company, day in locked})
        words = f"items of {days} days, the first {first}, lie in a locked period: {reason}"
        exception = run.env["fin.exception"]._raise(run, "period_locked", words, count=len(ids))
        run.env["fin.item"]._attach(exception, ids)
        return Answer("hold", printable(exception.text), tuple(ids))


class Totals:
    question = "Do the stored items add up to what was read?"

    def ask(self, run):
        for payload in run.payload_ids.filtered(lambda p: p.reading == "read"):
            stored = run._stored_totals(payload)
            if not run.parent_id and stored.differences(payload._totals()):
                return Answer("stop", f"the items of {payload.name} are not what was read from it")
        return PROCEED


class Region:
    question = "May data of this class go to where the system is?"

    def ask(self, run):
        refusal = outside_region(run._document().get("register", {}))
        return Answer("stop", refusal) if refusal else PROCEED


class Scope:
    question = "Is every field that leaves in the approved scope?"

    def ask(self, run):
        if run.direction != "outbound":
            return PROCEED
        strange = not_in_scope(run._document().get("register", {}), run._leaving_fields())
        if not strange:
            return PROCEED
        named = ", ".join(f"{name}.{field}" for name, field in strange)
        return Answer("stop", f"not in the approved scope: {named}")


FIXED = (Contract(), Exceptions(), Released(), Region(), Scope(), Period(), Totals())
