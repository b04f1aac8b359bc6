"""Proposals for bank lines: what each may settle, best first, with the reasons."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from rapidfuzz.distance import OSA

from .match import Proposal, Reason
from .match_learn import key_of
from .match_payer import Payers
from .match_reference import bare, is_kid, is_telling, structured, torn, whole
from .match_sums import MOST, adding_up

NAMED = {"reference": 55, "batch": 55, "end_to_end": 50, "number": 45, "torn": 38, "alike": 24, "tail": 18, "": 0}
PAYER = {"account": 22, "rule": 22, "learned": 20, "name": 18, "alike": 8, "stranger": 0, "none": 0}
LIMIT = 8  # proposals for one line
SOON = 20  # days after which a number that is settled is an old one copied, and no payment that came twice
NEAR = 2  # letters by which a number may be mistyped
_TOGETHER = ("batch", "reference", "end_to_end", "number", "torn", "alike")
_LIKELY_FEE = Decimal("0.03")


class Matching:
    """Open items, indexed; `propose` and `claims` read them, nothing writes them."""

    def __init__(self, world, payers=None):
        self.world = world
        self.payers = payers or Payers(world.partners, world.learned)
        self.by_number, self.by_amount, self.by_partner = defaultdict(list), defaultdict(list), defaultdict(list)
        self.by_id = {one.id: one for one in world.opens} if world.batches else {}
        for one in world.opens:
            for number in dict.fromkeys(map(bare, (*one.numbers, *one.theirs))):
                if number:
                    self.by_number[number].append(one)
            self.by_amount[one.amount, one.currency].append(one)
            if one.partner is not None:
                self.by_partner[one.partner].append(one)
        for items in self.by_partner.values():
            items.sort(key=_age)

    # What a line names

    def named(self, line):
        """open item id -> (open item, by): what the line's words name, the strongest way that they do."""
        found = {}
        for one in self._of_batch(line):
            found[one.id] = (one, "batch")
        for by, numbers in self._numbers(line):
            for number in numbers:
                for one in self.by_number.get(number, ()):
                    found.setdefault(one.id, (one, "number" if by == "reference" and _is_name(one, number) else by))
        return found

    def _of_batch(self, line):
        """The open items of the payments of ours that the bank says to have booked as one."""
        ids = self.world.batches.get(line.batch, ()) if line.batch else ()
        return [self.by_id[one] for one in ids if one in self.by_id]

    def _numbers(self, line):
        told, text = bare(line.structured), line.text
        certain = structured(text) + structured(line.structured)
        yield "reference", certain + ([told] if told and is_kid(told) else [])
        yield "end_to_end", [number for number in [bare(line.end_to_end)] if is_telling(number)]
        yield "number", whole(text) + whole(line.structured) + ([told] if is_telling(told) else [])
        yield "torn", [number for number in torn(text) if is_telling(number)]

    def settled(self, line):
        """(document, partner, day) of what the line names and is settled already."""
        numbers = [number for by, numbers in self._numbers(line) if by != "torn" for number in numbers]
        return [self.world.closed[number] for number in dict.fromkeys(numbers) if number in self.world.closed]

    def claims(self, lines):
        """open item id -> ids of the lines that name it: an item that two lines name is matched with neither."""
        found = defaultdict(set)
        for line in lines:
            for one in self.named(line):
                found[one].add(line.id)
        return found

    # Proposals

    def propose(self, line):
        """Proposals for the line, best first."""
        payer = self.payers.of(line)
        named = {key: told for key, told in self.named(line).items() if _same_money(told[0], line)}
        named |= self._mistyped(line, payer, named)
        found = [*self._sets(line, payer, named), *self._singles(line, payer, named)]
        found += [*self._account(line, named), *self._on_account(line, payer, named)]
        best = {}
        for one in found:
            key = (one.parts, one.account, one.partner if not one.parts else None)
            if key not in best or best[key].score < one.score:
                best[key] = one
        return sorted(best.values(), key=lambda one: (-one.score, one.rest != 0, len(one.parts), _first(one)))[:LIMIT]

    def _singles(self, line, payer, named):
        candidates = {one.id: (one, by) for one, by in named.values()}
        for one in self._with_amount(line):
            candidates.setdefault(one.id, (one, ""))
        for partner in payer.partners:
            for one in self.by_partner.get(partner, ())[:200]:
                if _same_money(one, line):
                    candidates.setdefault(one.id, (one, ""))
        for one, by in candidates.values():
            if _same_side(one, line):
                yield self._single(line, payer, one, by)

    def _with_amount(self, line):
        found = list(self.by_amount.get((line.amount, line.currency), ()))
        if line.foreign:
            found += self.by_amount.get(line.foreign, ())
        return found[:200]

    def _single(self, line, payer, one, by):
        amount = _amount_of(line, one)
        kind, settled, points, why = _how_much(line, one, amount, self.world.write_off, bool(by))
        reasons = [*self._why_named(one, by), why, *self._why_payer(payer, one)]
        score = NAMED[by] + points + self._points_of(payer, one, by) - _lateness(one, line)
        return Proposal(kind, ((one, settled),), amount - settled, score, by, tuple(reasons), partner=one.partner)

    def _points_of(self, payer, one, by):
        if one.partner in payer.partners:
            return PAYER[payer.how]
        if payer.contradicts(one.partner):
            against = -12 if by in ("reference", "end_to_end") else -25
            return against * 1.5 if payer.how in ("account", "rule") else against
        return 0

    def _why_named(self, one, by):
        return [Reason(f"named_{by}", (_label(one),))] if by else []

    def _why_payer(self, payer, one):
        if one.partner in payer.partners:
            return [Reason(f"payer_{payer.how}", (one.partner_name,))]
        if payer.contradicts(one.partner):
            return [Reason("payer_other", (payer.name, one.partner_name))]
        return []

    def _mistyped(self, line, payer, named):
        """What the line names with a slip: of the same amount, or of whoever paid."""
        tokens = [number for number in whole(line.text) + whole(line.structured) if number not in self.by_number]
        tails = {
            tail for number in torn(line.text) + [bare(word) for word in line.text.split()] if (tail := _tail(number))
        }
        pool = {one.id: one for one in self._with_amount(line)}
        for partner in payer.partners:
            pool |= {one.id: one for one in self.by_partner.get(partner, ())[:200] if _same_money(one, line)}
        found = {}
        for one in pool.values():
            if one.id in named or not _same_side(one, line):
                continue
            numbers = [bare(number) for number in (*one.numbers, *one.theirs)]
            if any(_near(token, number) for token in tokens for number in numbers if number):
                found[one.id] = (one, "alike")
            elif any(_tail(number) in tails for number in numbers if _tail(number)):
                found[one.id] = (one, "tail")
        return found

    def _sets(self, line, payer, named):
        """Several items together: all that are named, or some of whoever paid that add up."""
        strong = [told for told in named.values() if told[1] in _TOGETHER]
        if len(strong) > 1:
            yield from self._set(line, payer, [one for one, _by in strong], _weakest(by for _one, by in strong))
        for partner in payer.partners[:2]:
            items = [one for one in self.by_partner.get(partner, ()) if _same_money(one, line) and not one.is_payment]
            items = items[:MOST]
            for places in adding_up([one.amount for one in items], line.amount)[:3]:
                chosen = [items[place] for place in places]
                hits = sum(one.id in named for one in chosen)
                yield from self._set(line, payer, chosen, "", 12 + 6 * min(hits, 3) - len(places))

    def _set(self, line, payer, items, by, points=0):
        total = sum(one.amount for one in items)
        rest = line.amount - total
        is_equal, is_near = not rest, bool(rest) and abs(rest) <= max(self.world.write_off, line.fees)
        if not (is_equal or is_near):
            return
        score = NAMED[by] + points + (32 if is_equal else 20)
        score += min(self._points_of(payer, one, by) for one in items)
        why = [Reason("sum_named" if by else "sum", (len(items),)), *self._why_payer(payer, items[0])]
        parts = tuple((one, one.amount) for one in sorted(items, key=_age))
        yield Proposal("many", parts, rest, score, by, tuple(why), partner=items[0].partner)

    def _account(self, line, named):
        told = self.world.learned.get(key_of(line))
        if not told or not told.account or any(NAMED[by] >= NAMED["number"] for _one, by in named.values()):
            return
        score = 90 if told.name else 50 + 6 * min(told.seen, 4)
        why = (Reason("rule", (told.name,)) if told.name else Reason("learned", (told.seen,)),)
        yield Proposal("account", (), line.amount, score, "learned", why, account=told.account, rule=told.name)

    def _on_account(self, line, payer, named):
        """Paid again what is settled, or paid by somebody known for nothing that is open."""
        closed = [
            told for told in self.settled(line) if not any(one.document == told[0] for one, _by in named.values())
        ]
        recent = [told for told in closed if told[2] is None or abs((line.on - told[2]).days) <= SOON]
        for document, partner, day in recent[:1]:
            score = 62 + (PAYER[payer.how] if partner in payer.partners else 0)
            why = (
                Reason("settled_already", (document, day)),
                *((Reason("payer_known", ()),) if payer.partners else ()),
            )
            yield Proposal("on_account", (), line.amount, score, "", why, partner=partner)
        if payer.partner is not None:
            why = (Reason(f"payer_{payer.how}", (payer.name,)), Reason("nothing_fits", ()))
            yield Proposal("on_account", (), line.amount, 8 + PAYER[payer.how], "", why, partner=payer.partner)


def _is_name(one, number):
    """Whether it is the document's plain number: that its last digit checks is chance, and protects from no slip."""
    return number.isdigit() and bool(one.numbers) and number == bare(one.numbers[0])


def _same_money(one, line):
    return one.currency == line.currency or (line.foreign and one.currency == line.foreign[1])


def _same_side(one, line):
    return (one.amount > 0) == (line.amount > 0)


def _amount_of(line, one):
    """The line's amount in the currency of the item."""
    return line.amount if one.currency == line.currency else line.foreign[0]


def _how_much(line, one, amount, write_off, is_named):
    """(kind, what is settled, points, reason) of one item against the line's amount."""
    gap = abs(one.amount) - abs(amount)
    sign = 1 if amount > 0 else -1
    if not gap:
        return "one", one.amount, 30, Reason("amount_equal", ())
    # A difference in another currency is no fee: what it is in the line's own, nobody has said.
    is_own = one.currency == line.currency
    if is_own and 0 < gap <= max(write_off, line.fees):
        known = 26 if gap == line.fees else 20 if is_named else 8
        return "less", one.amount, known, Reason("fee_told" if gap == line.fees else "small_difference", (str(gap),))
    if gap > 0:
        return "partial", amount, 14 if is_named else -6, Reason("partial", (str(gap),))
    if is_own and -gap <= write_off:
        return "more", one.amount, 18 if is_named else 6, Reason("small_difference", (str(-gap),))
    return "more", one.amount, 10 if is_named else -14, Reason("more", (str(-gap * sign),))


def _lateness(one, line):
    """Points against what was due just now or long ago: people pay the older ones first, and late ones rarely."""
    if not one.due:
        return 3
    days = (line.on - one.due).days
    return 3 if days < 2 else min(6, max(0, days - 60) / 30)


def _age(one):
    return (one.due or dt.date.max, one.id)


def _first(one):
    return min((_age(open_) for open_, _amount in one.parts), default=())


def _label(one):
    return next(iter((*one.numbers, *one.theirs)), str(one.id))


def _weakest(names):
    return min(names, key=NAMED.get)


def _near(token, number):
    """Whether a number was mistyped: few letters differ, and more than half stands as it should."""
    if abs(len(token) - len(number)) > NEAR or min(len(token), len(number)) < 5:
        return False
    return OSA.distance(token, number, score_cutoff=NEAR) <= NEAR


def _tail(number):
    """The last digits of a number without leading zeros: what people cite of it in haste."""
    end = len(number)
    while end and number[end - 1].isdigit():
        end -= 1
    digits = number[end:].lstrip("0")
    if end == 0 and len(digits) > 6:
        return ""
    digits = digits[-5:].lstrip("0") if len(digits) > 5 else digits
    return digits if len(digits) >= 2 else ""
