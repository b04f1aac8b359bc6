"""Whether statements of one account follow each other: facts about what is missing, told twice, or does not go on.

A statement goes on where the one before it has ended, in balance and, where the bank counts, in number. Statements may
come late and out of order, so each is held against its neighbours by day, not against the one that came last.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from odoo.addons.finance_integration_governance.core.contract import Finding

# What the approved policy of a flow decides about, and what it says where nobody decided.
POLICY = {
    "gap": ("hold", frozenset(("statement_gap", "page_missing"))),
    "break": ("hold", frozenset(("balance_break", "sequence_repeated", "statement_corrected"))),
    "overlap": ("tell", frozenset(("statement_overlap",))),
    "unbalanced": ("hold", frozenset(("balance_open", "balance_missing", "totals_unmet"))),
    "pending": ("tell", frozenset(("not_booked",))),
}
CODES = frozenset().union(*(POLICY[name][1] for name in ("gap", "break", "overlap")))


def policy_of(code):
    """The name of the policy that speaks of a fact of this code; None where none does."""
    return next((name for name, (_default, codes) in POLICY.items() if code in codes), None)


def is_held(code, policy):
    """Whether a fact of this code keeps its statement from being booked; None where no policy speaks of it."""
    name = policy_of(code)
    return None if name is None else policy.get(name, POLICY[name][0]) != "tell"


@dataclass(frozen=True)
class Place:
    """A statement in the row of its account's statements; `content` is its canonical content in JSON's types."""

    key: str
    number: str
    sequence: int | None
    page: int | None
    is_last_page: bool | None
    opening: Decimal | None
    closing: Decimal | None
    first: dt.date | None
    last: dt.date | None
    currency: str | None

    @classmethod
    def of(cls, key, content):
        opening, closing = content.get("opening") or {}, content.get("closing") or {}
        first, last = content.get("from_on") or opening.get("on"), content.get("to_on") or closing.get("on")
        return cls(
            key,
            content["statement"],
            _number(content.get("sequence")),
            content.get("page"),
            content.get("is_last_page"),
            _decimal(opening.get("amount")),
            _decimal(closing.get("amount")),
            _day(closing.get("on") if closing.get("on") and not content.get("from_on") else first),
            _day(closing.get("on") or last),
            closing.get("currency") or opening.get("currency") or content.get("currency_of_account"),
        )

    @property
    def order(self):
        return self.last or dt.date.min, self.sequence or 0, self.page or 0


def facts(new, known):
    """Yield `Finding`s about the new `Place`, held against the known ones of its account."""
    same = [one for one in known if one.key != new.key and one.currency == new.currency]
    yield from _told_again(new, same)
    before = max((one for one in same if one.order <= new.order), key=lambda one: one.order, default=None)
    if before and not _is_again(new, before):
        yield from _goes_on(before, new, new)
    after = min((one for one in same if one.order > new.order), key=lambda one: one.order, default=None)
    # An earlier statement that comes late fills a gap, or turns out not to fit into it.
    if after and new.sequence is not None and after.sequence == new.sequence + 1:
        yield from _balance(new, after, new)


def _finding(new, code, text, **told):
    return Finding(code, text, new.key, {name: str(value) for name, value in told.items()})


def _told_again(new, known):
    again = next((one for one in known if _is_again(new, one)), None)
    if again and (again.opening, again.closing) != (new.opening, new.closing):
        text = f"The bank sends statement {new.number} once more with other balances."
        yield _finding(new, "statement_corrected", text, before=again.closing, now=new.closing)


def _is_again(new, one):
    """The same statement of the same day, told once more."""
    return (one.number, one.sequence, one.page, one.last) == (new.number, new.sequence, new.page, new.last)


def _goes_on(before, after, new):
    step = _step(before, after)
    if _is_page_of(before, after):
        yield from _page(before, after, new)
    elif step == 0:
        text = f"Two statements bear the number {after.sequence}."
        yield _finding(new, "sequence_repeated", text, sequence=after.sequence)
    elif step and step > 1:
        text = f"{step - 1} statements are missing before number {after.sequence}."
        yield _finding(new, "statement_gap", text, missing=step - 1, first=before.sequence + 1, last=after.sequence - 1)
    elif before.is_last_page is False:
        text = f"The last page of statement {before.number} has not come."
        yield _finding(new, "page_missing", text, statement=before.number)
    elif step == 1 or (step is None and before.last != after.last):
        # Of two statements of one day without numbers nobody knows which is the first.
        yield from _balance(before, after, new, is_counted=step == 1)
    if before.last and after.first and after.first < before.last:
        text = f"The statement begins on {after.first}, and the one before it ends on {before.last}."
        yield _finding(new, "statement_overlap", text, begins=after.first, ended=before.last)


def _step(before, after):
    """How many statements further the bank has counted; None where it does not count or began anew with the year."""
    if before.sequence is None or after.sequence is None:
        return None
    if before.last and after.last and before.last.year != after.last.year:
        return None if after.sequence <= before.sequence else after.sequence - before.sequence
    return after.sequence - before.sequence


def _is_page_of(before, after):
    return (before.number, before.sequence) == (after.number, after.sequence) and None not in (before.page, after.page)


def _page(before, after, new):
    if after.page > before.page + 1:
        text = f"Page {before.page + 1} of statement {after.number} has not come."
        yield _finding(new, "page_missing", text, statement=after.number, page=before.page + 1)
    else:
        yield from _balance(before, after, new)


def _balance(before, after, new, is_counted=True):
    """Opening where the one before has closed; where the bank does not count, a difference is something missing."""
    if None in (before.closing, after.opening) or before.closing == after.opening:
        return
    told = {"closed": before.closing, "opened": after.opening, "difference": after.opening - before.closing}
    if is_counted:
        text = f"The statement opens with {after.opening}, and the one before it closed with {before.closing}."
        yield _finding(new, "balance_break", text, **told)
    else:
        text = (
            f"Between {before.last} and {after.first} something is missing: {told['difference']} {new.currency or ''}."
        )
        yield _finding(new, "statement_gap", text, **told)


def _number(text):
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 15 else None


def _decimal(text):
    return None if text is None else Decimal(text)


def _day(text):
    return None if text is None else dt.date.fromisoformat(text)
