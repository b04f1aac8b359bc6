"""Bank statements camt.053, versions 001.02 to 001.14, from a folder or from SFTP."""

import re

from odoo.addons.finance_integration_governance.core.connector import Payload, Setting, Source
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.location import Location
from odoo.addons.finance_integration_governance.core.xml import read

from .camt import statement_table
from .camt_reader import StatementReader
from .statement import BankEntry, BankStatement, EntryKeys

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|1[0-4])")


class Camt053(Source):
    """One payload is one file; it holds statements of any number of accounts."""

    code = "bank.camt053"
    label = "Bank statements camt.053"
    carries = (BankStatement, BankEntry)
    settings = (
        Setting("location", "Location", help="Folder (file:///...) or SFTP address (sftp://user@host/folder)."),
        Setting("pattern", "File names", default="*.xml", help="Which files are statements, for example *.xml"),
        Setting("credentials", "Password or private key", required=False, secret=True),
        Setting(
            "hostkey",
            "Host key",
            required=False,
            help="Fingerprint (SHA256:...) or public key of the SFTP server, as the bank has told you.",
        ),
    )

    def extract(self, window):
        for file in self._location().files(self.pattern):
            yield Payload(file.name, file.open, "application/xml")

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

    def settle(self, payload):
        self._location().move_to_done(payload.name, payload.open)

    def probe(self):
        return self._location().probe(self.pattern)

    def _location(self):
        return Location(self.location, credentials=self.credentials, hostkey=self.hostkey, roots=self.roots)


def _table(namespace, name):
    if name != "Document" or not _NAMESPACE.fullmatch(namespace):
        found = namespace.rpartition(":")[2] or name
        raise MalformedPayload(f"this is {found}, not a bank statement camt.053.001.02 to .14", code="other_message")
    return statement_table(namespace)
