"""What travels to planning systems row by row: how each kind is told apart, what it adds up, and its usual columns."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from odoo.addons.finance_integration_governance.core.contract import members
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from .actual import KEY_RULE as ACTUAL_RULE
from .actual import Actual
from .cell import KEY_RULE as CELL_RULE
from .cell import Cell
from .member import KEY_RULE as MEMBER_RULE
from .member import Member
from .open_item import KEY_RULE as OPEN_ITEM_RULE
from .open_item import OpenItem
from .rate import KEY_RULE as RATE_RULE
from .rate import Rate
from .trial_balance import BALANCE_RULE, OPENING_RULE, OpeningBalance, TrialBalance

DEFAULT = "Key = key; Company = company; Account = account; Period = period; Currency = currency; Balance = balance"


@dataclass(frozen=True)
class Carried:
    """One canonical class as the rows of a table.

    `name`: of its files. `rule`: what its keys lead with. `identity`: the members that its key is made of, in their
    order. `columns`: where nobody names others. `amount`: the member that control totals add up; None where it has
    none, and then what is read back are keys.
    """

    cls: type
    name: str
    rule: str
    identity: tuple
    columns: str
    amount: str | None = "balance"

    @cached_property
    def members(self):
        """name -> member of the contract."""
        return {member.name: member for member in members(self.cls)}

    @cached_property
    def numbers(self):
        """The members that are amounts, rates or quantities."""
        return frozenset(name for name, member in self.members.items() if member.type is Decimal)

    def period_of(self, key):
        """The period in a key; empty where it has none."""
        return key.split("|")[1 + self.identity.index("period")] if "period" in self.identity else ""


_ALL = (
    Carried(Actual, "actuals", ACTUAL_RULE, ("company", "account", "period"), DEFAULT),
    Carried(
        Cell,
        "actuals",
        CELL_RULE,
        (
            *("company", "ledger", "account", "period", "partner", "tax", "journal_type"),
            *("transaction_currency", "analytic"),
        ),
        DEFAULT,
    ),
    Carried(
        OpenItem,
        "open-items",
        OPEN_ITEM_RULE,
        ("company", "account", "partner", "document", "due_on", "transaction_currency"),
        "Key = key; Company = company; Account = account; Kind = kind; Partner = partner; Document = document;"
        " Due = due_on; Currency = currency; Balance = balance",
    ),
    Carried(
        TrialBalance,
        "trial-balance",
        BALANCE_RULE,
        ("company", "account", "period"),
        "Key = key; Company = company; Account = account; Period = period; Currency = currency; Opening = opening;"
        " Debit = debit; Credit = credit; Balance = balance",
    ),
    Carried(
        OpeningBalance,
        "opening-balances",
        OPENING_RULE,
        ("company", "account", "year"),
        "Key = key; Company = company; Account = account; Year = year; Currency = currency; Balance = balance",
    ),
    Carried(
        Rate,
        "rates",
        RATE_RULE,
        ("base", "currency", "dated_on"),
        "Key = key; Base = base; Currency = currency; Date = dated_on; Rate = rate",
        amount="rate",
    ),
    Carried(
        Member,
        "members",
        MEMBER_RULE,
        ("kind", "plan", "company", "code", "level"),
        "Key = key; Kind = kind; Plan = plan; Company = company; Code = code; Name = name; Parent = parent;"
        " Level = level; Account type = account_type; Currency = currency_code; State = state",
        amount=None,
    ),
)
CARRIED = tuple(one.cls for one in _ALL)
_BY_RULE = {one.rule: one for one in _ALL}
_BY_CLASS = {one.cls: one for one in _ALL}


def carried(cls):
    """What there is to know of a class that travels; ConfigurationError for any other."""
    if cls not in _BY_CLASS:
        raise ConfigurationError(f"{cls.__name__} does not travel row by row", code="not_carried")
    return _BY_CLASS[cls]


def carried_by(keys):
    """The same of the class whose rule made these keys, of which there is one at least; keys lead with it."""
    return _BY_RULE[next(iter(keys)).partition("|")[0]]


def kind_of(key):
    """The same of one text that may be a key; None where it is none."""
    return _BY_RULE.get(key.partition("|")[0]) if "|" in key else None
