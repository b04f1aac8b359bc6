"""A labelled year of a company's bank account: invoices, bills, who pays them how, and what each line was for.

Made from a seed, by habits of people and not by what a matcher knows; with near misses, so that a wrong match is easy.
"""

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import Decimal

from generate_remittances import (
    FORMS,
    as_printed,
    list_of,
    name_as_paid,
    nothing_said,
    reference,
    said,
    slip,
    sloppy,
)

FIRST = dt.date(2026, 1, 1)
PRICES = [Decimal(text) for text in ("49.90", "99.00", "119.00", "149.00", "238.00", "499.00")]
WORDS = [
    "Nord",
    "Süd",
    "Alpen",
    "Hafen",
    "Berg",
    "Stein",
    "Wald",
    "See",
    "Licht",
    "Grün",
    "König",
    "Müller",
    "Jansen",
    "Rossi",
    "Dupont",
    "Virtanen",
    "Olsen",
    "Novak",
]
TRADES = [
    "Handel",
    "Technik",
    "Logistik",
    "Bau",
    "Consulting",
    "Pharma",
    "Energie",
    "Foods",
    "Software",
    "Design",
    "Metall",
    "Druck",
    "Reisen",
    "Optik",
]
HABITS = {
    "structured": 20, "printed": 8, "number": 30, "sloppy": 10, "batch": 11, "silent": 6, "old": 2, "part": 4,
    "fees": 3, "discount": 3, "dollars": 3,
}  # fmt: skip
COSTS = (
    # who, text, account, amount, how often in a month
    ("Hausbank", "Kontofuehrung {month}", "fees", "-12.90", 4),
    ("Hausbank", "Entgelt Auslandszahlung {order}", "fees", "-{small}", 10),
    ("Hausbank", "Habenzinsen {month}", "interest", "{small}", 2),
    ("Immobilien Gruber KG", "Miete Buero {month}", "rent", "-2400.00", 1),
    ("Finanzamt Mitte", "Umsatzsteuer {month} St-Nr 12/345", "vat", "-{large}", 2),
    ("Knappschaft", "Beitraege {month}", "social", "-{large}", 8),
    ("Allfinanz Versicherung", "Vertrag 88123 Beitrag {month}", "insurance", "-310.40", 2),
    ("Kartenzahlung Terminal", "Umsatz Karten Terminal 6511 {day}", "cards", "{large}", 60),
    ("Tankstelle West", "Kartenzahlung {day}", "fuel", "-{small}", 30),
    ("Stadtwerke", "Abschlag Strom {month}", "energy", "-188.00", 2),
    ("Telekom Netz", "Rechnung Festnetz {order}", "phone", "-{small}", 6),
    ("", "Lohn Gehalt {month}", "salaries", "-{large}", 25),
    ("Anna Weber", "Auslagen {day}", "travel", "-{small}", 8),
)


@dataclass
class Party:
    id: int
    name: str
    account: str
    is_supplier: bool = False
    is_known: bool = True
    habit: str = "number"
    price: Decimal | None = None
    style: str = "rf"
    slips: float = 0.04
    paid_by: str = ""


@dataclass
class Item:
    id: int
    party: Party
    amount: Decimal
    on: dt.date
    number: str
    currency: str = "EUR"
    structured: str = ""
    theirs: str = ""
    payment: str = ""
    left: Decimal = Decimal()


@dataclass
class Payment:
    """One bank line and its label: `items` that it is for, or a `party` on account, or an `account`."""

    on: dt.date
    amount: Decimal
    text: str = ""
    name: str = ""
    account: str = ""
    structured: str = ""
    end_to_end: str = ""
    currency: str = "EUR"
    foreign: tuple = ()
    fees: Decimal = Decimal()
    is_return: bool = False
    items: tuple = ()
    settles: dict = field(default_factory=dict)
    party: int | None = None
    cost: str = ""
    what: str = ""


class Year:
    """`days()` gives (day, items that were made, payments that came); the same for the same seed."""

    def __init__(self, seed=7, customers=400, suppliers=90, lines=10_000):
        self.rng, self.lines, self.number, self.order = random.Random(seed), lines, 0, 50_000
        self.parties = [self._party(place, place >= customers) for place in range(customers + suppliers)]
        for place in range(0, 14, 2):  # two customers with one name
            self.parties[place + 1].name = self.parties[place].name
        for place in range(20, 26, 2):  # and two that pay from one account
            self.parties[place + 1].account = self.parties[place].account
        self.waiting, self.last = [], {}
        self.items = {}

    def _party(self, place, is_supplier):
        rng = self.rng
        name = f"{rng.choice(WORDS)} {rng.choice(TRADES)}{rng.choice(FORMS)}"
        if rng.random() < 0.25:
            name = f"{rng.choice(WORDS)} {rng.choice(WORDS)} {rng.choice(TRADES)}{rng.choice(FORMS)}"
        habit = rng.choices(list(HABITS), HABITS.values())[0]
        price = rng.choice(PRICES) if rng.random() < 0.45 else None
        return Party(
            place + 1,
            name,
            f"DE{rng.randrange(10**19, 10**20)}",
            is_supplier,
            rng.random() < 0.62,
            habit,
            price,
            rng.choice(("rf", "belgian", "swiss", "kid")),
            rng.choice((0.0, 0.03, 0.1)),
            f"{rng.choice(WORDS)} Holding" if rng.random() < 0.04 else "",
        )

    def days(self):
        rng = self.rng
        each = self.lines / 365
        for place in range(365):
            day = FIRST + dt.timedelta(days=place)
            made = [self._issue(day) for _ in range(round(each * 0.92 + rng.random() - 0.5))]
            came, self.waiting = [p for p in self.waiting if p.on <= day], [p for p in self.waiting if p.on > day]
            came += self._costs(day, each)
            if rng.random() < 0.55:
                came += self._near_miss(day)
            yield day, made, came

    # What is owed

    def _issue(self, day):
        rng = self.rng
        party = rng.choice(self.parties)
        self.number += 1
        amount = party.price or Decimal(rng.randrange(2_000, 900_000)) / 100
        item = Item(self.number, party, amount, day, f"INV/2026/{self.number:05d}", left=amount)
        if party.is_supplier:
            item.amount = item.left = -amount
            item.number = f"BILL/2026/{self.number:05d}"
            item.theirs = rng.choice((f"{2026}-{rng.randrange(1, 400):04d}", f"R{rng.randrange(10_000, 99_999)}"))
        elif party.habit == "dollars":
            item.currency = "USD"
        if party.habit in ("structured", "printed") and not party.is_supplier:
            item.structured = reference(party.style, self.number)
        self.items[item.id] = item
        self._plan(item)
        return item

    def _plan(self, item):
        rng, party = self.rng, item.party
        later = item.on + dt.timedelta(days=rng.randrange(3, 40))
        if party.is_supplier:
            return self.waiting.append(self._outgoing(item, later))
        if rng.random() < 0.03:
            return None  # never paid
        if party.habit == "batch":
            return self._batch(item, later)
        if party.habit == "part" and not party.price:
            return self._in_parts(item, later)
        payment = self._incoming(item, later)
        self.waiting.append(payment)
        if rng.random() < 0.012:
            again = dt.timedelta(days=rng.randrange(0, 7))
            self.waiting.append(self._again(payment, again))
        self.last[party.id] = item
        return None

    # How it is paid

    def _base(self, party, on, amount, **more):
        rng = self.rng
        name = party.paid_by or name_as_paid(rng, party.name)
        account = party.account if not party.paid_by else ""
        return Payment(on, amount, name=name, account=account if rng.random() < 0.9 else "", **more)

    def _incoming(self, item, on):
        rng, party, habit = self.rng, item.party, item.party.habit
        payment = self._base(party, on, item.amount, items=(item.id,), settles={item.id: item.amount}, what=habit)
        self.order += rng.randrange(1, 9)
        number = item.number
        if rng.random() < party.slips:
            number, payment.what = slip(rng, number), f"{habit}, slip"
        if habit == "structured":
            payment.structured = item.structured
            if rng.random() < 0.03:
                payment.structured = slip(rng, item.structured)
            return payment
        if habit == "printed":
            payment.text = f"Ref {as_printed(party.style, item.structured)}"
            return payment
        if habit == "sloppy":
            number = sloppy(rng, number) if number == item.number else number
        if habit == "old" and party.id in self.last and self.last[party.id].amount == item.amount:
            number, payment.what = self.last[party.id].number, "old number"
        payment.text = said(rng, number, 10_000 + party.id, on, self.order)
        if habit == "silent" or rng.random() < 0.03:
            payment.text = nothing_said(rng, on, self.order)
        self._less(payment, item, habit)
        return payment

    def _less(self, payment, item, habit):
        """Fees that banks keep, discounts that customers take, currencies."""
        rng = self.rng
        if habit == "fees":
            fee = Decimal(rng.randrange(300, 1500)) / 100
            if fee * 4 < item.amount:
                payment.amount = item.amount - fee
                payment.fees = fee if rng.random() < 0.5 else Decimal()
        elif habit == "discount":
            payment.amount = (item.amount * Decimal("0.98")).quantize(Decimal("0.01"))
        elif habit == "dollars":
            payment.foreign = (item.amount, "USD")
            payment.amount = (item.amount * Decimal(rng.randrange(88, 96)) / 100).quantize(Decimal("0.01"))

    def _batch(self, item, later):
        """One payment for all that the customer got lately."""
        party, rng = item.party, self.rng
        planned = next(
            (p for p in self.waiting if p.what == "batch" and p.party == -party.id and len(p.items) < 9), None
        )
        if planned is None:
            planned = self._base(party, later + dt.timedelta(days=20), Decimal(), what="batch")
            planned.party = -party.id  # nobody's label: only until it is found again
            self.waiting.append(planned)
        planned.items += (item.id,)
        planned.settles[item.id] = item.amount
        planned.amount += item.amount
        numbers = [self.items[one].number for one in planned.items]
        planned.text = list_of(rng, numbers) if len(numbers) > 1 else numbers[0]

    def _in_parts(self, item, later):
        rng = self.rng
        first = (item.amount * Decimal(rng.choice(("0.3", "0.5", "0.4")))).quantize(Decimal("0.01"))
        for place, amount in enumerate((first, item.amount - first)):
            payment = self._base(item.party, later + dt.timedelta(days=25 * place), amount, what="part")
            payment.items, payment.settles = (item.id,), {item.id: amount}
            payment.text = rng.choice(
                (f"{item.number} Rate {place + 1}", f"part {place + 1} {item.number}", item.number)
            )
            self.waiting.append(payment)

    def _again(self, payment, later):
        told = {name: getattr(payment, name) for name in payment.__dataclass_fields__}
        party = self.items[payment.items[0]].party.id
        return Payment(
            **{**told, "on": payment.on + later, "items": (), "settles": {}, "party": party, "what": "twice"}
        )

    def _outgoing(self, item, on):
        """We pay bills ourselves: mostly by payments in process that say their own number."""
        rng, party = self.rng, item.party
        payment = Payment(on, item.amount, name=party.name, account=party.account, items=(item.id,))
        payment.settles, payment.what = {item.id: item.amount}, "bill"
        payment.text = item.theirs
        if rng.random() < 0.7:
            item.payment = f"PBNK1/2026/{item.id:05d}"
            payment.end_to_end, payment.what = item.payment, "payment of ours"
            payment.text = rng.choice((item.theirs, f"{item.theirs} {on:%d.%m.%Y}", ""))
        return payment

    # What is no invoice

    def _costs(self, day, each):
        rng = self.rng
        for who, text, account, amount, often in COSTS:
            if rng.random() < often / 30 * each / 27.4:
                self.order += 1
                spelled = text.format(month=f"{day:%m/%Y}", day=f"{day:%d.%m.%Y}", order=self.order)
                small, large = (Decimal(rng.randrange(*span)) / 100 for span in ((300, 9000), (50_000, 900_000)))
                figure = Decimal(amount.format(small=small, large=large))
                number = f"DE77{sum(map(ord, who)) * 7919:018d}" if who else ""
                yield Payment(day, figure, spelled, who, number, cost=account, what="cost")

    # What is easily taken for something else

    def _near_miss(self, day):
        rng = self.rng
        open_now = [one for one in self.items.values() if one.left and one.on < day and not one.party.is_supplier]
        if len(open_now) < 20:
            return []
        item = rng.choice(open_now[-400:])
        alike = [one for one in open_now if one.amount == item.amount and one.party.id != item.party.id]
        kind = rng.choice((_swapped, _order_number, _returned, _refund, _deposit, _other_currency, _two_named, _twin))
        found = kind(self, day, item, rng.choice(alike) if alike else None)
        return [found] if found else []


def _swapped(year, day, item, other):
    """Somebody pays the own invoice and writes the number of somebody else's, of the same amount."""
    if other is None or other.left != other.amount or item.left != item.amount:
        return None
    return _paid(year, item, day, other.number, "number of another one")


def _paid(year, item, day, text, what):
    planned = next((p for p in year.waiting if p.items == (item.id,) and p.amount == item.amount), None)
    if planned is None:
        return None
    year.waiting.remove(planned)
    planned.on, planned.text, planned.structured, planned.what = day, text, "", what
    return planned


def _order_number(year, day, item, _other):
    """The payer's own order has the number of an invoice of somebody else."""
    return Payment(
        day, item.amount, f"order {item.number}", f"{year.rng.choice(WORDS)} Privat", cost="other", what="order"
    )


def _returned(_year, day, item, _other):
    """A direct debit comes back, with number and amount of the invoice."""
    return Payment(day, -item.amount, f"Rueckgabe {item.number}", item.party.name, item.party.account, is_return=True,
        structured=item.structured, party=item.party.id, what="returned")  # fmt: skip


def _refund(year, day, item, _other):
    """A supplier gives back money under a number that we have given, too."""
    party = year.rng.choice([one for one in year.parties if one.is_supplier])
    return Payment(
        day, item.amount, f"Gutschrift {item.number}", party.name, party.account, party=party.id, what="refund"
    )


def _deposit(year, day, _item, _other):
    """The landlord's words, and another matter."""
    return Payment(day, Decimal("-7200.00"), f"Miete Buero {day:%m/%Y}", "Immobilien Gruber KG",
        f"DE77{sum(map(ord, 'Immobilien Gruber KG')) * 7919:018d}", cost="deposit", what="deposit")  # fmt: skip


def _other_currency(year, day, item, _other):
    """The same figure and number in another currency is another sum of money."""
    if item.currency == "EUR":
        return None
    return Payment(
        day, item.amount, item.number, item.party.name, item.party.account, party=item.party.id, what="figure"
    )


def _two_named(year, day, item, other):
    """Two numbers are named and one is paid."""
    if other is None:
        return None
    return _paid(year, item, day, f"{item.number} (nicht {other.number})", "two named")


def _twin(year, day, item, _other):
    """A namesake pays from an unknown account and writes the number with a slip."""
    paid = _paid(year, item, day, slip(year.rng, item.number), "namesake")
    if paid:
        paid.account = ""
    return paid
