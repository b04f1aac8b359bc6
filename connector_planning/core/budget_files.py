"""Budgets in CSV and XLSX files, as the template has them: a row for each account, a column for each month."""

import io

from odoo.addons.finance_integration_governance.core.connector import Setting
from odoo.addons.finance_integration_governance.core.contract import Breach
from odoo.addons.finance_integration_governance.core.csv_rows import DELIMITERS, rows_in
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.field_map import RawRow
from odoo.addons.finance_integration_governance.core.file_source import FileSource, file_settings
from odoo.addons.finance_integration_governance.core.shape import shape
from odoo.addons.finance_integration_governance.core.sheets import workbook_rows

from .budget import BudgetLine
from .budget_sheet import NO_NUMBER, WIDEST, Trouble, cells

_WORKBOOK = b"PK\x03\x04"
LARGEST = 20 << 20


class BudgetFiles(FileSource):
    """One payload is one file with the figures of any number of accounts; a cell that cannot be read is told by name.

    Its last row begins with the word Total and holds the sum of each month, so that part of a file is never taken for
    all of it. Other tables come as rows in CSV files with a field map.
    """

    code = "planning.budget_file"
    label = "Planning: budgets in CSV or XLSX"
    carries = (BudgetLine,)
    settings = file_settings(
        "*.xlsx",
        Setting("delimiter", "Between columns", kind="choice", default="semicolon", choices=tuple(DELIMITERS)),
        Setting("encoding", "Characters", kind="choice", default="utf-8-sig", choices=("utf-8-sig", "cp1252")),
    )

    def parse(self, payload):
        return figures(self._rows(content_of(payload)), is_whole=True)

    def lines(self, payload):
        return lines_of(self._rows(content_of(payload)))

    def _rows(self, content):
        if not content.startswith(_WORKBOOK):
            return rows_in(io.BytesIO(content), self.encoding, DELIMITERS[self.delimiter])
        return workbook_rows(content, WIDEST)


def figures(rows, is_whole=False):
    """A `BudgetLine` for each cell of a table, or the cell as a row that no figure could be made of."""
    return (_told(one) if isinstance(one, Trouble) else one.line for one in cells(rows, is_whole))


def lines_of(rows):
    """The line of the table at which each of them stands."""
    return (one.row for one in cells(rows))


def content_of(payload):
    """The payload's bytes; tables of this size are read at once. MalformedPayload where it is larger."""
    found, size = [], 0
    with payload.open() as stream:
        while block := stream.read(1 << 16):
            found.append(block)
            size += len(block)
            if size > LARGEST:
                raise MalformedPayload(f"the file is larger than {LARGEST >> 20} MB", code="too_large")
    return b"".join(found)


def _told(trouble):
    """The cell as a row that no figure could be made of; of what stands there, it keeps the shape."""
    told = shape(trouble.told) if trouble.rule == NO_NUMBER else trouble.told
    row = {"cell": trouble.place, "column": trouble.column, "line": str(trouble.row), "shape": told}
    return RawRow(row, trouble.row, (Breach(trouble.place, trouble.rule, "read", trouble.column),))
