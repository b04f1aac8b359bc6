"""How often a year's bank lines are matched right by themselves or proposed first, and that no match is wrong.

The core alone, day by day: people set right what is left, and after the first month approve what they have taught.
"""

import dataclasses
import importlib
import os
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "benchmarks")]

import core_namespaces  # noqa: E402, F401 - makes the addons' core importable without Odoo
from generate_matching import Year  # noqa: E402
from meter import figure, saying  # noqa: E402

_CORE = "odoo.addons.connector_bank.core."
match, learning, world, exactness = (
    importlib.import_module(_CORE + name) for name in ("match", "match_learn", "match_world", "match_exact")
)
LINES = int(os.environ.get("BENCH_MATCH_LINES", "10000"))
SEED = int(os.environ.get("BENCH_MATCH_SEED", "7"))
RULES = {"reference": "references", "end_to_end": "payments", "number": "numbers", "learned": "learned"}


class Books:
    """What is open, and what people did so far."""

    def __init__(self, year):
        self.year, self.open, self.closed, self.deeds, self.learned = year, {}, {}, [], {}
        self.approved, self.disputed = {}, set()
        owners = {}
        for party in year.parties:
            owners.setdefault(party.account, []).append(party.id)
        known = {party.id for party in year.parties if party.is_known}
        self.owner = {number: ids[0] for number, ids in owners.items() if len(ids) == 1 and ids[0] in known}

    def world(self):
        partners = {party.id: party.name for party in self.year.parties}
        return match.World(list(self.open.values()), partners, self.closed, self.learned | self.approved,
            self.disputed, _SMALL)  # fmt: skip

    def issue(self, item):
        numbers = (item.number, item.structured) if not item.payment else (item.payment,)
        theirs = (item.theirs,) if item.theirs else ()
        told = (item.id, item.id, item.party.id, item.party.name, item.amount, item.currency)
        numbers = tuple(filter(None, numbers))
        self.open[item.id] = match.Open(*told, numbers, theirs, item.on, bool(item.payment))

    def settle(self, line, payment):
        """As the label says, by the matcher or by a person."""
        party = payment.party
        for number, amount in payment.settles.items():
            one = self.open.pop(number, None)
            item = self.year.items[number]
            item.left -= amount
            party = item.party.id
            if one and item.left:
                self.open[number] = dataclasses.replace(one, amount=item.left)
            else:
                for text in (item.number, item.structured):
                    self.closed[world.bare(text)] = (number, item.party.id, payment.on)
        key = learning.key_of(line) if payment.cost else learning.payer_of(line)
        self.deeds.append(learning.Deed(key, None if payment.cost else party, payment.cost, line.amount))

    def learn(self):
        self.learned, self.disputed = learning.learn(self.deeds)

    def approve(self):
        """A second person says yes to everything that was proposed as a rule."""
        for place, (key, told) in enumerate(learning.worth_a_rule(self.learned).items()):
            self.approved[key] = dataclasses.replace(told, name=f"learned {place}")


_SMALL = match.Decimal("15.00")


def line_of(books, number, payment):
    return match.Line(number, payment.on, payment.amount, payment.currency, payment.text, payment.structured,
        payment.end_to_end, payment.name, payment.account, books.owner.get(payment.account), payment.is_return,
        payment.foreign, payment.fees)  # fmt: skip


def is_right(proposal, payment):
    if payment.items:
        return {one.id for one, _amount in proposal.parts} == set(payment.items)
    if payment.cost:
        return proposal.account == payment.cost
    return not proposal.parts and not proposal.account and proposal.partner == payment.party


def main():
    year = Year(SEED, lines=LINES)
    books, counts, missed, wrong = Books(year), Counter(), Counter(), []
    number, spent = 0, 0.0
    for day, made, came in year.days():
        for item in made:
            books.issue(item)
        lines = {}
        for payment in came:
            payment.items = tuple(one for one in payment.items if one in books.open)
            number += 1
            lines[number] = (line_of(books, number, payment), payment)
        applied, first, seconds = matched(books, [line for line, _payment in lines.values()])
        spent += seconds
        for place, (line, payment) in lines.items():
            right = first[place] is not None and is_right(first[place], payment)
            counts["lines", day.month] += 1
            counts["first", day.month] += right
            counts["applied", day.month] += place in applied
            missed[payment.what, right] += 1
            if place in applied and not right:
                wrong.append((payment.what, payment.text, first[place]))
            books.settle(line, payment)
        books.learn()
        if day.day == 1 and day.month > 1:
            books.approve()
    report(counts, wrong, number, spent)
    if "-v" in sys.argv:
        tell(missed, wrong)
    assert not wrong, f"{len(wrong)} matches by themselves were wrong"


def matched(books, lines):
    """What would be applied unseen, what is proposed first or applied, and the seconds that it took."""
    started = time.perf_counter()
    matching = world.Matching(books.world())
    applied = exactness.exact(matching, lines, RULES)
    first = {line.id: (applied.get(line.id) or next(iter(matching.propose(line)), None)) for line in lines}
    return applied, first, time.perf_counter() - started


def tell(missed, wrong):
    for what in sorted({what for what, _right in missed}):
        saying(f"{what}: {missed[what, True]} right, {missed[what, False]} not")
    for one in wrong[:10]:
        saying(f"WRONG {one}")


def report(counts, wrong, number, spent):
    def share(name, months):
        return sum(counts[name, month] for month in months) / sum(counts["lines", month] for month in months)

    figure("bank", "match_lines", number, "lines")
    figure("bank", "match_wrong", len(wrong), "matches")
    figure("bank", "match_first", share("first", range(1, 13)), "share")
    figure("bank", "match_first_month_1", share("first", [1]), "share")
    figure("bank", "match_first_month_2", share("first", [2]), "share", of="after the rules of month 1 were approved")
    figure("bank", "match_applied", share("applied", range(1, 13)), "share")
    figure("bank", "match_rate", number / spent, "lines/s")


if __name__ == "__main__":
    main()
