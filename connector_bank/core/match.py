"""What is matched with what: plain values, without Odoo. Amounts of lines and open items have one sign: in is positive.

`matching` (core/match_world.py) proposes; `exact` (core/match_exact.py) says which proposals a run may apply by itself.
"""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

# What an approved rule may let a run apply; `write_off` and `learned` carry more than their name.
KINDS = {
    "reference": "Structured reference with a check digit",
    "end_to_end": "End-to-end identification of a payment of ours",
    "batch": "One line for all payments of a batch of ours",
    "number": "Number of the document as a whole word",
    "learned": "What people did with this counterparty and these words",
    "write_off": "Differences that a person may write off",
}
AUTOMATIC = tuple(kind for kind in KINDS if kind != "write_off")  # what a run applies without a person


@dataclass(frozen=True, slots=True)
class Line:
    """One bank line that waits. `partner`: whose account it came from, where exactly one has it."""

    id: int
    on: dt.date
    amount: Decimal
    currency: str
    text: str = ""
    structured: str = ""
    end_to_end: str = ""
    name: str = ""
    account: str = ""
    partner: int | None = None
    is_return: bool = False
    foreign: tuple = ()  # (amount, currency) where the line has an amount in another currency
    fees: Decimal = Decimal()  # what the bank says that it kept, without sign
    journal: str = ""
    batch: str = ""  # name of the group of payments that the bank booked as one


@dataclass(frozen=True, slots=True)
class Open:
    """An open item: an invoice, a bill, a credit note, or a payment in process.

    `numbers` were given by us (name, payment reference); `theirs` by the other side.
    """

    id: int
    document: int
    partner: int | None
    partner_name: str
    amount: Decimal
    currency: str
    numbers: tuple = ()
    theirs: tuple = ()
    due: dt.date | None = None
    is_payment: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a code with facts; screens put it into words."""

    code: str
    facts: tuple = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """`parts`: (open item, what of it is settled). `kind`: one, many, partial, less, more, on_account, account.

    `rest` is what of the line the parts leave over. `by`: how the documents were named, the weakest where there are
    several; `doubts` keep it from being applied by itself.
    """

    kind: str
    parts: tuple = ()
    rest: Decimal = Decimal()
    score: int = 0
    by: str = ""
    reasons: tuple = ()
    doubts: tuple = ()
    partner: int | None = None
    account: str = ""
    rule: str = ""

    @property
    def documents(self):
        return frozenset(one.id for one, _amount in self.parts)


@dataclass(frozen=True, slots=True)
class Learned:
    """What to do with lines of one counterparty and wording: a partner, or an account. `name`: of its approved rule.

    `least` and `most`: the amounts that were seen, or are approved, without sign.
    """

    partner: int | None = None
    account: str = ""
    seen: int = 0
    name: str = ""
    least: Decimal = Decimal()
    most: Decimal = Decimal()


@dataclass(slots=True)
class World:
    """What matching may look at besides the lines themselves."""

    opens: list
    partners: dict = field(default_factory=dict)  # partner -> name, of all who might pay
    closed: dict = field(default_factory=dict)  # bare number -> (document, partner) of what is settled already
    learned: dict = field(default_factory=dict)  # key of a line -> Learned
    disputed: set = field(default_factory=set)  # keys with which people did now this, now that
    write_off: Decimal = Decimal()  # the largest difference that a person may write off
    batches: dict = field(default_factory=dict)  # name of a group of payments of ours -> ids of its open items
