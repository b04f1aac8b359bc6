"""Systems that give a table on request: what budgets and members out of Anaplan, TM1, Pigment and the others share.

What comes is kept as it came. Which column holds what is a setting of the connection, in the words of `columns.py`, the
other way round: on the left where it comes from, on the right what it is.

    Entity = company; Line = account; Time = period; Amount = balance; "budget-2026" = version; Scenario = "Budget"

A text in quotes on the left stands in every row, one on the right chooses the rows that have it, `analytic.Projects` is
the member of that analytic plan, and a minus sign leaves a column out. Columns that are not named have the names of the
template, or of a month: any other one refuses a table of figures, because by a dimension that nobody has named they are
other figures.
"""

import io
from functools import cached_property, partial
from typing import ClassVar

from odoo.addons.finance_integration_governance.core.connector import Payload, Setting, Source
from odoo.addons.finance_integration_governance.core.csv_rows import DELIMITERS, rows_in
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MalformedPayload

from .analytic import spelled
from .budget import BudgetLine
from .budget_files import LARGEST, content_of, figures, lines_of
from .budget_sheet import HEADS, MORE_HEADS
from .budget_table import LONG, wide
from .columns import columns_of
from .member import Member
from .member_files import MEMBERS, members_in
from .whole import Watched

NOT_READ, PLAN, DATE = "-", "analytic.", ("year", "month")
ENCODINGS = ("utf-8-sig", "cp1252")


def source_settings(*own, columns=""):
    """The settings of a system that gives a table, with the one that says how it looks."""
    told = "Their column = our member, separated by semicolons; nothing: they are called as in the template"
    return (*own, Setting("columns", "Columns", required=False, default=columns or None, help=told))


def csv_settings(*own, **options):
    """The same, of a system that gives CSV."""
    return source_settings(
        *own,
        Setting("delimiter", "Between columns", kind="choice", default="comma", choices=tuple(DELIMITERS)),
        Setting("encoding", "Characters", kind="choice", default=ENCODINGS[0], choices=ENCODINGS),
        **options,
    )


# Behind the settings of whatever gives figures.
TOTALS = Setting(
    "totals",
    "The table ends with totals",
    kind="boolean",
    default=False,
    required=False,
    help="Of one with a column for each month: its last row begins with Total, and other sums than its own refuse it",
)


class TableSource(Source):
    """Gives one table a run. An inheritor gives `_fetched(window)`, the payload, and `_table(content)`, its rows.

    `heads`: member -> what the reader of the table calls its column; `more`: what else columns may hold.
    `_read` gives canonical objects of such rows.
    """

    heads: ClassVar[dict] = {}
    more: ClassVar[tuple] = ()

    @cached_property
    def _columns(self):
        found = columns_of(self.columns or "", {*self.heads, *self.more, NOT_READ})
        told = [column.member for column in found if column.member not in (None, NOT_READ)]
        if len(set(told)) != len(told) or len({*told} & {*DATE}) == 1:
            text = "two columns hold the same, or a year comes without its month"
            raise ConfigurationError(text, setting="columns")
        return found

    def extract(self, window):
        yield self._fetched(window)

    def parse(self, payload):
        count = 0
        for one in self._read(self._rows(payload)):
            count += 1
            yield one
        if not count:
            # A table that may not be seen, or was not written yet, looks like one that is empty.
            raise MalformedPayload("the table holds nothing", code="empty")

    def _rows(self, payload):
        return renamed(self._table(content_of(payload)), self._columns, self.heads)

    def _fetched(self, window):
        raise NotImplementedError

    def _table(self, content):
        """(number, cells as texts) of each row, the names of the columns first; MalformedPayload for part of one."""
        raise NotImplementedError

    def _read(self, rows):
        raise NotImplementedError


class BudgetTable(TableSource):
    """Figures of budgets and forecasts: a column for each month, or a row for each figure. Has the setting `TOTALS`."""

    carries = (BudgetLine,)
    heads, more = HEADS | MORE_HEADS | LONG, (*DATE, PLAN)

    def _read(self, rows):
        return figures(wide(rows), is_whole=self.totals)

    def lines(self, payload):
        return lines_of(wide(self._rows(payload)))


class MemberTable(TableSource):
    """Members of dimensions; which of them are news is not the system's to say."""

    carries = (Member,)
    heads = {name: name for name in MEMBERS}

    def _read(self, rows):
        return members_in(rows)


def renamed(rows, columns, heads):
    """The same rows under the names that our readers know; those of other scenarios are left out.

    Each column keeps its place, so that a cell is named by where it stands in the table; what stands in every row comes
    behind them. MalformedPayload where a column that is named is not there, or a row has other cells than the head.
    """
    fixed = {column.name: column.name[1:-1] for column in columns if _is_text(column.name)}
    header = [cell.strip() for cell in next(rows, (1, []))[1]]
    width, header = len(header), [*header, *fixed]
    named = {column.name: column for column in columns}
    if missing := sorted(named.keys() - set(header)):
        raise MalformedPayload(f"the table has no column {', '.join(missing)}", code="columns")
    if len(set(header)) != len(header):
        raise MalformedPayload("two columns of the table have the same name", code="columns")
    chosen = [(header.index(name), column.fixed) for name, column in named.items() if column.member is None]
    places = {column.member: header.index(column.name) for column in columns if column.member}
    told = [heads.get(named[name].member, "") if name in named else name for name in header]
    made = _made(places, heads)
    yield 1, [*told, *made]
    for number, row in rows:
        if any(row) and len(row) != width:
            raise MalformedPayload(f"row {number} has {len(row)} cells, not {width}", code="cut_off")
        row = [*row, *fixed.values()]
        if any(row[:width]) and all(row[place] == text for place, text in chosen):
            yield number, [*row, *(one(row) for one in made.values())]


def _made(places, heads):
    """What the reader calls a column -> what makes it of a row: of several columns. `places`: member -> its column."""
    found, plans = {}, sorted(member.removeprefix(PLAN) for member in places if member.startswith(PLAN))
    if DATE[0] in places:
        found[heads["period"]] = lambda row: _period(*(row[places[part]] for part in DATE))
    if plans:
        found[heads["analytic"]] = lambda row: spelled([row[places[PLAN + plan]] for plan in plans], plans)
    return found


def _is_text(name):
    return len(name) >= 2 and name[0] == name[-1] == '"'


def _period(year, month):
    return f"{year}-{month:0>2}" if month.isdigit() else f"{month} {year}"


def csv_table(content, delimiter, encoding):
    """Rows of a CSV file that is there to its end."""
    watched = Watched(io.BytesIO(content))
    yield from rows_in(io.BufferedReader(watched), encoding, DELIMITERS[delimiter])
    watched.must_end()


def as_payload(name, content, content_type, cursor=None):
    """The bytes of one answer as they came. ConfigurationError where they are more than is read at once."""
    if len(content) > LARGEST:
        text = f"the table is larger than {LARGEST >> 20} MB: let several flows fetch parts of it"
        raise ConfigurationError(text, code="too_large")
    return Payload(name, partial(io.BytesIO, content), content_type, cursor=cursor)
