"""Files of ISO 20022 cash management, versions 001.02 to 001.14, from a folder or from SFTP."""

import re
from typing import ClassVar

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.file_source import FileSource, file_settings
from odoo.addons.finance_integration_governance.core.xml import read

from .camt import statement_table
from .camt_reader import StatementReader
from .statement import EntryKeys

_VERSION = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.05[234])\.001\.(0[2-9]|1[0-4])")


class CamtFile(FileSource):
    """One payload is one file; it holds documents of any number of accounts.

    `message` is the message's name, `elements` the two elements that its documents stand in, `kind` what they are where
    they are no statements.
    """

    message: ClassVar[str] = ""
    elements: ClassVar[tuple] = ()
    kind: ClassVar[str | None] = None
    settings = file_settings("*.xml")
    content_type = "application/xml"

    def parse(self, payload):
        """Each document before its entries, and its `Finding`s after them."""
        keys = EntryKeys()
        reader = None
        with payload.open() as stream:
            for what, fields in read(stream, self._table):
                if what == "part":
                    yield from reader.entry(fields)
                elif what == "begin":
                    reader = StatementReader(fields, keys, self.kind)
                    yield reader.statement
                else:
                    yield from reader.end(fields)
        if reader is None:
            raise MalformedPayload("the file holds no statement", code="no_statement")

    def _table(self, namespace, name):
        found = _VERSION.fullmatch(namespace)
        if name != "Document" or not found or found[1] != self.message:
            told = namespace.rpartition(":")[2] or name
            raise MalformedPayload(f"this is {told}, not {self.message}.001.02 to .14", code="other_message")
        return statement_table(namespace, *self.elements)
