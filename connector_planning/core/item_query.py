"""Which journal items somebody wants as a file: what the parameters of an address say."""

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from odoo.addons.finance_integration_governance.core.errors import DataError

COLUMNS = (
    "id",
    "date",
    "move_name",
    "account_id",
    "partner_id",
    "name",
    "ref",
    "debit",
    "credit",
    "balance",
    "amount_currency",
    "currency_id",
    "quantity",
    "tax_line_id",
    "journal_id",
    "company_id",
    "analytic_distribution",
)
# Names for the ids among them; any field of what an id points to may be asked for so.
NAMES = (
    "account_id.code",
    "account_id.name",
    "partner_id.name",
    "currency_id.name",
    "tax_line_id.name",
    "journal_id.code",
)
# What stands for nothing else in a search of texts that begin so.
_START = re.compile(r"[0-9A-Za-z. -]{1,64}")
_LISTS = ("accounts", "journals", "columns")
_WORDS = {"1": True, "0": False}


@dataclass(frozen=True)
class ItemQuery:
    """Items of one company, from the first to the last day, both included.

    `accounts`: beginnings of codes; `journals`: codes; none of them: all. `posted`: without drafts. `gzip`: packed.
    """

    company: str | None = None
    date_from: dt.date | None = None
    date_until: dt.date | None = None
    accounts: tuple = ()
    journals: tuple = ()
    columns: tuple = COLUMNS
    posted: bool = True
    gzip: bool = False

    @classmethod
    def read(cls, told):
        """The query of these parameters (name -> text). DataError for what is none, because a filter that is not
        understood would give more than was asked for.
        """
        unknown = sorted(told.keys() - cls.__dataclass_fields__.keys())
        if unknown:
            known = ", ".join(cls.__dataclass_fields__)
            raise DataError(f"there is no parameter {', '.join(unknown)}: {known}", code="unknown_parameter")
        query = cls(**{name: _value(name, text.strip()) for name, text in told.items() if text.strip()})
        if query.date_from and query.date_until and query.date_from > query.date_until:
            raise DataError("date_from is after date_until", code="date")
        wrong = [start for start in query.accounts if not _START.fullmatch(start)]
        if wrong:
            raise DataError(f"{wrong[0]} is no beginning of an account's code", code="account")
        return query

    def told(self):
        """The parameters that say this, without what goes without saying."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain = type(self)()
        return {name: _text(value) for name, value in given.items() if value != getattr(plain, name)}

    def written(self):
        """The same as the query part of an address."""
        return urlencode(self.told())


def _value(name, text):
    if name in _LISTS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name in ("posted", "gzip"):
        if text not in _WORDS:
            raise DataError(f"{name} is 1 or 0", code="parameter")
        return _WORDS[text]
    return _day(name, text) if name.startswith("date_") else text


def _day(name, text):
    # Only as 2026-03-31: other spellings of ISO 8601 would be read, too.
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise DataError(f"{name} is a day such as 2026-03-31", code="date")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise DataError(f"{name}: there is no day {text}", code="date") from None


def _text(value):
    if isinstance(value, tuple):
        return ",".join(value)
    return str(int(value)) if isinstance(value, bool) else str(value)
