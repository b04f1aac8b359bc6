"""What a run may apply by itself. Every reason against it is told; one is enough."""

from rapidfuzz.distance import OSA

from .match import Reason
from .match_learn import key_of, payer_of
from .match_reference import bare, is_date, is_telling
from .match_world import NEAR


def exact(matching, lines, rules, claims=None):
    """line id -> the one proposal that an approved rule lets a run apply, of those lines that have one.

    `rules`: kind -> name of the approved rule. Unique both ways: no other waiting line names one of the items, and no
    two lines get the same item. `claims`: of all lines that wait, where these are some of them.
    """
    claims, found = claims or matching.claims(lines), {}
    for line in lines:
        proposals = matching.propose(line)
        if proposals and not doubts(matching, line, proposals[0], rules, claims):
            found[line.id] = proposals[0]
    taken = {}
    for line_id, proposal in found.items():
        for one in proposal.documents:
            taken.setdefault(one, []).append(line_id)
    twice = {line_id for lines_of in taken.values() if len(lines_of) > 1 for line_id in lines_of}
    return {line_id: proposal for line_id, proposal in found.items() if line_id not in twice}


def doubts(matching, line, proposal, rules, claims=None):
    """Reasons why a run must not apply this by itself; none where it may."""
    if proposal.by not in rules or (proposal.by == "learned" and not proposal.rule):
        return [Reason("no_rule", (proposal.by,))]
    if line.is_return:
        return [Reason("is_return", ())]
    if proposal.kind == "account":
        return list(_doubts_of_account(matching, line, proposal))
    if proposal.kind not in ("one", "many") or proposal.rest:
        return [Reason("not_equal", ())]
    return [*_of_line(matching, line, proposal), *_of_items(matching, line, proposal, claims or {})]


def _of_line(matching, line, proposal):
    """Whether somebody else pays, or something else is named, too."""
    payer = matching.payers.of(line)
    if payer.how == "rule" and payer_of(line) in matching.world.disputed:
        yield Reason("disputed", ())
    # A batch of ours is paid by us, to whomever: who stands on the bank's line says nothing of it.
    partners = {one.partner for one, _amount in proposal.parts} if proposal.by != "batch" else set()
    if len(partners) > 1:
        yield Reason("several_partners", ())
    for partner in partners:
        if payer.how in ("account", "rule") and partner not in payer.partners:
            yield Reason("payer_other", ())
        elif proposal.by != "reference" and not (payer.is_certain and partner == payer.partner):
            yield Reason("payer_uncertain", ())
    named = matching.named(line)
    if set(named) - proposal.documents:
        yield Reason("others_named", ())
    # What a payment of ours has paid is settled by it, and the bank's line may well name it.
    is_ours = all(one.is_payment for one, _amount in proposal.parts)
    inside = {one.document for one, _amount in proposal.parts}
    if not is_ours and any(document not in inside for document, _partner, _day in matching.settled(line)):
        yield Reason("settled_named", ())


def _of_items(matching, line, proposal, claims):
    for one, _amount in proposal.parts:
        if claims.get(one.id, set()) - {line.id}:
            yield Reason("claimed_twice", ())
        numbers = {bare(number) for number in (*one.numbers, *one.theirs)} - {""}
        if any(len(matching.by_number[number]) > 1 for number in numbers):
            yield Reason("number_twice", ())
        if proposal.by == "number":
            yield from _of_number(matching, line, one)


def _of_number(matching, line, one):
    """A number without check digit: one slip away from another item of that amount it could be either."""
    payer = matching.payers.of(line)
    own = {bare(number) for number in one.numbers}
    told = {number for number in own if is_telling(number)}
    if any(is_date(number) for number in own | {bare(number) for number in one.theirs}):
        yield Reason("reads_as_date", ())
    if not told and payer.how != "account":
        yield Reason("their_number", ())
    for other in matching.by_amount[one.amount, one.currency]:
        if other.id != one.id and _look_alike(one, other):
            yield Reason("lookalike", (other.id,))
            return


def _look_alike(one, other):
    mine, others = ([bare(number) for number in (*each.numbers, *each.theirs)] for each in (one, other))
    return any(OSA.distance(a, b, score_cutoff=NEAR) <= NEAR for a in mine for b in others if a and b)


def _doubts_of_account(matching, line, proposal):
    """A rule holds for the amounts that were approved, and not any more once people did otherwise."""
    key = key_of(line)
    learned = matching.world.learned[key]
    if not learned.least <= abs(line.amount) <= learned.most:
        yield Reason("other_amount", ())
    if key in matching.world.disputed:
        yield Reason("disputed", ())
    if matching.named(line) or matching.settled(line):
        yield Reason("document_named", ())
    partners = matching.payers.of(line).partners
    if any(one.amount == line.amount for partner in partners for one in matching.by_partner.get(partner, ())):
        yield Reason("open_item_too", ())
