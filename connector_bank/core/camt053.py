"""Bank statements camt.053, versions 001.02 to 001.14, from a folder or from SFTP."""

import re

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.file_source import FileSource, file_settings
from odoo.addons.finance_integration_governance.core.xml import read

from .camt import statement_table
from .camt_reader import StatementReader
from .statement import BankEntry, BankStatement, EntryKeys

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|1[0-4])")


class Camt053(FileSource):
    """One payload is one file; it holds statements of any number of accounts."""

    code = "bank.camt053"
    label = "Bank statements camt.053"
    carries = (BankStatement, BankEntry)
    settings = file_settings("*.xml")
    content_type = "application/xml"

    def parse(self, payload):
        """Each `BankStatement` before its `BankEntry` items, and its `Finding`s after them."""
        keys = EntryKeys()
        reader = None
        with payload.open() as stream:
            for what, fields in read(stream, _table):
                if what == "part":
                    yield from reader.entry(fields)
                elif what == "begin":
                    reader = StatementReader(fields, keys)
                    yield reader.statement
                else:
                    yield from reader.end(fields)
        if reader is None:
            raise MalformedPayload("the file holds no statement", code="no_statement")


def _table(namespace, name):
    if name != "Document" or not _NAMESPACE.fullmatch(namespace):
        found = namespace.rpartition(":")[2] or name
        raise MalformedPayload(f"this is {found}, not a bank statement camt.053.001.02 to .14", code="other_message")
    return statement_table(namespace)
