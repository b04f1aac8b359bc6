"""Interfaces of banks: what all of them have in common, whoever speaks which protocol.

A pull asks for one account and a window of days. Its pages are kept as they came, in one payload, because an entry
without a reference is told from its equals by its place among them, and equals may stand on different pages.
"""

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from odoo.addons.finance_integration_governance.core.connector import Payload, Setting, Source
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.strict_json import loads

from .pull import Pull, pulled
from .pull_statement import objects
from .statement import BankEntry, BankReport, BankStatement, ProvisionalEntry, account_number

MOST_PAGES = 1000
IDENTITIES = ("entryReference", "transactionId", "none")


def api_settings(*more, identity=IDENTITIES[0]):
    """The settings of a `BankApi`, after those of its own."""
    return (
        *more,
        Setting(
            "identity",
            "Trusted identifier",
            kind="choice",
            default=identity,
            choices=IDENTITIES,
            help="Which identifier of an entry never changes at this bank; none: what the entry says.",
        ),
        Setting("pending", "Pending entries", kind="boolean", default=True, required=False),
        Setting("history_days", "Days that can be asked for", kind="integer", default=90),
        Setting("consent_days", "Days that a consent is asked for", kind="integer", default=180),
    )


@dataclass(frozen=True)
class BankAccount:
    """An account as the interface names it (`id`), with the number and the currency that it has."""

    id: str
    number: str
    currency: str | None = None


@dataclass(frozen=True)
class Wanted:
    """One account and the days that are asked for, both included."""

    number: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Asked:
    """A consent that was asked for. `link`: where the account's holder says yes to the bank."""

    reference: str
    link: str


@dataclass(frozen=True)
class Standing:
    """How a consent stands. `state`: asked, valid, expired, revoked or refused; `told` is the other side's own word.

    `reference`: the one that takes the place of the former, where the yes has given another. `frequency`: how many
    pulls a day it allows without the holder.
    """

    state: str
    told: str
    valid_until: dt.date | None = None
    frequency: int | None = None
    reference: str | None = None
    accounts: tuple = ()


class BankApi(Source):
    """A bank's interface. The engine sets `consent`, `wanted` and `take` before the first use.

    `consent`: what the bank knows the consent by. `wanted`: what to ask for; None for everything of the last week.
    `take`: called with an account's number before each pull of it; it raises where the day's pulls are used up.
    """

    carries = (BankStatement, BankReport, BankEntry, ProvisionalEntry)
    content_type: ClassVar[str] = "application/zip"
    consent: str | None = None
    wanted: tuple | None = None
    take = staticmethod(lambda _number: None)
    now = staticmethod(lambda: dt.datetime.now(dt.UTC))

    # What each interface says for itself

    def accounts(self):
        """Yield each `BankAccount` that the consent covers."""
        raise NotImplementedError

    def pages(self, account, first, last):
        """Yield (name, bytes) of each page about these days of the account, as it came."""
        raise NotImplementedError

    def told(self, name, page):
        """What a page says as ("booked" | "pending" | "balance", its fields in NextGenPSD2's spelling)."""
        raise NotImplementedError

    def ask(self, numbers, until, redirect, state, psu=None):
        """Ask for a consent to these accounts; returns `Asked`. `psu`: address of the person who asks and is there."""
        raise NotImplementedError

    def standing(self, reference, code=None):
        """How the consent stands; `code` is what the bank gave to whoever came back from it."""
        raise NotImplementedError

    def end(self, reference):
        """Tell the bank that the consent is not used any more."""
        raise NotImplementedError

    # What they share

    def extract(self, window):
        """One payload for each account that is wanted."""
        self._need_consent()
        wanted = {one.number: one for one in self._wishes()} if self.wanted is not None else None
        for account in self.accounts():
            one = wanted.get(account.number) if wanted is not None else self._last_week(account)
            if one:
                yield self._pull(account, one)

    def parse(self, payload):
        with pulled(payload) as (about, pages):
            told = [one for name, page in pages for one in self.told(name, page)]
        yield from objects(about, told, self.identity)

    def settle(self, payload):
        """A bank does not ask what became of it."""

    def probe(self):
        self._need_consent()
        count = sum(1 for _account in self.accounts())
        return f"The bank answers, and the consent covers {count} accounts."

    def _wishes(self):
        return self.wanted

    def _last_week(self, account):
        today = self.now().date()
        return Wanted(account.number, today - dt.timedelta(days=6), today)

    def _need_consent(self):
        if not self.consent:
            raise consent_ended("there is no consent of the bank that is valid")

    def _pull(self, account, wanted):
        self.take(account.number)
        asked_at = self.now()
        with Pull(account, wanted.first, wanted.last, asked_at) as pull:
            for count, (name, page) in enumerate(self.pages(account, wanted.first, wanted.last), 1):
                if count > MOST_PAGES:
                    raise MalformedPayload(f"the bank tells more than {MOST_PAGES} pages", code="too_many_pages")
                pull.add(name, page)
        name = f"{account.number[-4:]}_{wanted.first}_{wanted.last}.zip"
        # Where a run goes on after it was stopped, this says which accounts it has pulled.
        cursor = f"{account.number}|{account.currency or ''}|{wanted.first}|{wanted.last}"
        return Payload(name, pull.file, self.content_type, cursor=cursor)


def pulled_numbers(cursors):
    """The numbers of the accounts whose pulls ended with these cursors."""
    return {cursor.split("|")[0] for cursor in cursors if cursor}


def consent_ended(text):
    return ConfigurationError(f"{text}: it has to be renewed", code="consent_expired")


def quota_used(text, retry_after=None):
    return TransientError(text, code="quota_used", retry_after=retry_after, sent=True)


def number_of(fields):
    """IBAN or domestic number of an account reference, in one spelling."""
    return account_number(str(fields.get("iban") or fields.get("bban") or "")) if isinstance(fields, dict) else None


def as_mapping(body, what):
    """A page as an object; what is none, such as a page of words for people, is asked for again later."""
    if body.lstrip()[:1] != b"{":
        raise TransientError(f"{what} was answered with something that is not JSON", code="not_json", sent=True)
    return loads(body)


def enter(visited, step):
    """Note the page (path, query) that is read next; one that was read already would never end."""
    mark = (step[0], tuple(sorted(step[1].items())))
    if mark in visited:
        raise MalformedPayload("the bank's pages lead back to one that was read already", code="paging_loop")
    visited.add(mark)


def link_of(href, endpoint):
    """(path below the base address, query) of a link that the bank gives; it may not lead to anybody else."""
    parts = urlsplit(href)
    if parts.netloc and parts.netloc.lower() not in (endpoint.authority.lower(), endpoint.host.lower()):
        raise MalformedPayload("a page of the bank leads to another host", code="foreign_link")
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    return path.removeprefix(endpoint.path), dict(parse_qsl(parts.query, keep_blank_values=True))
