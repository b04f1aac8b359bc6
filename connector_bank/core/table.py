"""Statements of bank accounts in CSV and XLSX, from a folder or over SFTP, as they were declared.

No standard says what such a table means, so nothing is guessed: what does not fit the profile is refused with its line.
A table is read twice: once for what stands over its entries (accounts, days, balances), once for the entries.
"""

from odoo.addons.finance_integration_governance.core.connector import Setting
from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.csv_rows import DELIMITERS, rows_in
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.file_source import FileSource, file_settings
from odoo.addons.finance_integration_governance.core.sheets import workbook_rows

from .camt_reader import StatementReader
from .statement import BankEntry, BankStatement, EntryKeys, ProvisionalEntry
from .table_account import Account
from .table_profile import MEMBERS, Control, Profile
from .table_rows import Entry, Rows

_WORKBOOK = b"PK\x03\x04"
_WIDEST = 200  # columns of a sheet
_ENCODINGS = ("utf-8-sig", "cp1252", "iso-8859-1", "cp1250", "utf-16")


class TableFiles(FileSource):
    """One payload is one file with the entries of any number of accounts."""

    code = "bank.table"
    label = "Statements in CSV or XLSX"
    carries = (BankStatement, BankEntry, ProvisionalEntry)
    settings = file_settings(
        "*.csv",
        Setting(
            "columns",
            "Columns",
            help="What the columns are, as name = title; name = title. A title is as in the file, or #3 for the third "
            f"column; title + title joins texts. Names: {', '.join(MEMBERS)}.",
        ),
        Setting("account", "Account", required=False, help="The account, where no column names it, as on the journal."),
        Setting("currency", "Currency", required=False, help="The currency, where no column names it."),
        Setting("days", "Dates", default="YYYY-MM-DD", help="Such as DD.MM.YYYY, MM/DD/YY or DD MMM YYYY."),
        Setting("decimal", "Decimal mark", kind="choice", default="comma", choices=("comma", "point")),
        Setting(
            "sign",
            "Amounts without a side",
            kind="choice",
            default="credits",
            choices=("credits", "debits"),
            help="Which of them have no minus: credits, as usual, or debits, as on many cards.",
        ),
        Setting("credit_words", "Words for credit", required=False, help="In the column named side, between commas."),
        Setting("debit_words", "Words for debit", required=False, help="In the column named side, between commas."),
        Setting(
            "pending_words",
            "Words for pending",
            required=False,
            help="In the column of the date or of the status, between commas: such rows are never booked.",
        ),
        Setting("opening_row", "Row with the opening balance", required=False, help="The text of such a row."),
        Setting("closing_row", "Row with the closing balance", required=False, help="The text of such a row."),
        Setting(
            "ignored_rows",
            "Rows that are no entries",
            required=False,
            help="How a cell of such rows begins, between commas: sums, notes. Any other row that does not fit refuses "
            "the file.",
        ),
        Setting(
            "control",
            "Control record",
            required=False,
            help="How its row begins, and what stands where: Total; count = #2; net = #4. Names: closing, count, "
            "credits, debits, net, opening. A file without it is refused.",
        ),
        Setting("goes_on", "Texts go on in rows of their own", kind="boolean", default=False),
        Setting("delimiter", "Between columns", kind="choice", default="semicolon", choices=tuple(DELIMITERS)),
        Setting("encoding", "Characters", kind="choice", default="utf-8-sig", choices=_ENCODINGS),
    )
    content_type = "text/csv"

    def parse(self, payload):
        """Each statement, then all entries as they stand in the file, then the `Finding`s."""
        profile, keys, readers = Profile.of(self), EntryKeys(), {}
        accounts = self._accounts(profile, payload)
        for number, account in accounts.items():
            reader = StatementReader(account.head(), keys, dated=True, needs_balances=account.has_balances)
            readers[number] = reader
            yield reader.statement
        for one in self._read(profile, payload):
            if isinstance(one, Entry):
                yield from readers[one.account].entry(one.fields())
        for number, reader in readers.items():
            yield from reader.end({})
            yield from _breaks(accounts[number], reader.statement.key)

    def _accounts(self, profile, payload):
        """Account -> what stands over its entries."""
        accounts = {}
        for one in self._read(profile, payload):
            if isinstance(one, Control):
                if len(accounts) != 1:
                    raise MalformedPayload("one control record for several accounts", code="control")
                next(iter(accounts.values())).control(one)
            else:
                accounts.setdefault(one.account, Account(one.account)).take(one)
        if not accounts:
            raise MalformedPayload("the file holds no entry and no balance", code="no_statement")
        return accounts

    def _read(self, profile, payload):
        with payload.open() as stream:
            is_workbook = stream.read(4) == _WORKBOOK
        with payload.open() as stream:
            yield from Rows(profile, _sheet(stream) if is_workbook else self._table(stream))

    def _table(self, stream):
        return rows_in(stream, self.encoding, DELIMITERS[self.delimiter])


def _sheet(stream):
    return ((number, [cell or "" for cell in cells]) for number, cells in workbook_rows(stream.read(), _WIDEST))


def _breaks(account, key):
    if account.breaks_at:
        text = f"The balances beside the entries do not go on at line {account.breaks_at}."
        yield Finding("balance_open", text, key, {"line": account.breaks_at}, blocking=True)
