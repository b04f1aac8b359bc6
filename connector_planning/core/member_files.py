"""Members that a planning system tells of, in CSV files: a row for each, with the columns of the contract.

    kind;plan;company;code;name;parent;account_type;state
    account;;BE0477472701;611000;Licences;61;expense;active

Columns that are not there say nothing; kind, code and name have to be. The last line ends, or part of the file may be
missing.
"""

import io

from odoo.addons.finance_integration_governance.core.connector import Setting
from odoo.addons.finance_integration_governance.core.contract import members
from odoo.addons.finance_integration_governance.core.csv_rows import DELIMITERS, rows_in
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload, printable
from odoo.addons.finance_integration_governance.core.file_source import FileSource, file_settings
from odoo.addons.finance_integration_governance.core.tabular import unguarded

from .member import KINDS, Member
from .whole import Watched

_NEEDED = ("kind", "code", "name")
MEMBERS = frozenset(member.name for member in members(Member))


class MemberFiles(FileSource):
    """One payload is one file of members; which of them are news is not the file's to say."""

    code = "planning.member_files"
    label = "Planning: members of dimensions in CSV"
    carries = (Member,)
    settings = file_settings(
        "*.csv",
        Setting("delimiter", "Between columns", kind="choice", default="semicolon", choices=tuple(DELIMITERS)),
    )
    content_type = "text/csv"

    def parse(self, payload):
        with payload.open() as stream:
            watched = Watched(stream)
            yield from members_in(rows_in(io.BufferedReader(watched), "utf-8-sig", DELIMITERS[self.delimiter]))
            watched.must_end()


def members_in(rows):
    """The `Member` of each row of a table. `rows`: (number, cells as texts), the head first.

    Raises MalformedPayload where the head lacks what has to be there, or a row is no member.
    """
    heads = [head.strip().lower() for head in next(rows, (1, []))[1]]
    named = [head for head in heads if head]
    if not set(_NEEDED) <= set(named) or len(set(named)) != len(named):
        raise MalformedPayload(f"the first row names the columns, {', '.join(_NEEDED)} among them")
    for number, cells in rows:
        if any(cells):
            yield _member(dict(zip(heads, map(unguarded, cells), strict=False)), number, len(heads), cells)


def _member(told, number, width, cells):
    if len(cells) != width:
        raise MalformedPayload(f"row {number} has {len(cells)} cells, not {width}")
    told = {name: value.strip() for name, value in told.items()}
    if told["kind"] not in KINDS:
        raise MalformedPayload(f"row {number}: {printable(told['kind'], 20)} is none of {', '.join(KINDS)}")
    return Member(
        **{member: value for member, value in told.items() if member in _NEEDED or (value and member in MEMBERS)}
    )
