"""Datasets as CSV files with a control file each, in a folder, over SFTP or in an object store.

A file is written whole or not at all and never over another one; its control file comes after it, so whoever reads a
dataset that has one reads all of it. Of one dataset, company and period the highest edition counts.
"""

import csv
import hashlib
import io
import re
import tempfile
from decimal import Decimal
from functools import partial
from itertools import groupby
from operator import attrgetter

from odoo.addons.finance_integration_governance.core import strict_json
from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.connector import Destination, Payload, Receipt
from odoo.addons.finance_integration_governance.core.contract import members
from odoo.addons.finance_integration_governance.core.file_source import file_settings
from odoo.addons.finance_integration_governance.core.location import Location
from odoo.addons.finance_integration_governance.core.tabular import unguarded, write
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .dataset import LedgerBalance, LedgerEntry

CONTROL = ".control.json"
_LARGEST_CONTROL = 1 << 20
_PLACE = attrgetter("dataset", "company", "period", "edition")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class DatasetFiles(Destination):
    """One payload is one dataset of one company and period."""

    code = "planning.dataset"
    label = "Datasets in CSV files with control files"
    carries = (LedgerBalance, LedgerEntry)
    settings = tuple(one for one in file_settings("*") if one.name != "pattern")

    def serialize(self, objects):
        # The core has no Odoo, and the rows come in their order, one at a time.
        for place, rows in groupby(objects, key=_PLACE):  # pylint: disable=bad-builtin-groupby
            yield _payload("_".join(_UNSAFE.sub("-", part) for part in place) + ".csv", rows)

    def send(self, payload, idempotency_key):
        location = self._location()
        location.put(payload.name, payload.open)
        control = _control(payload, idempotency_key)
        location.put(payload.name + CONTROL, lambda: io.BytesIO(control))
        return Receipt("accepted", payload.name)

    def confirm(self, references):
        """What the files hold now whose control file names one of these, by key or by file."""
        location, totals = self._location(), ControlTotals()
        for name in location.names() if references else ():
            if name.endswith(CONTROL):
                told = _read_control(location, name)
                if told["key"] in references or told["file"] in references:
                    totals += _held(location, told["file"])
        return totals

    def probe(self):
        names = self._location().names()
        return f"The folder can be read and holds {sum(name.endswith(CONTROL) for name in names)} datasets."

    def _location(self):
        told = {"credentials": self.credentials, "hostkey": self.hostkey}
        return Location(self.location, **told, roots=self.roots, allowed_hosts=self.allowed_hosts)


def _payload(name, rows):
    """The rows as a file beside the memory, which goes with its payload."""
    file, keys, totals, heads = tempfile.NamedTemporaryFile(), [], ControlTotals(), None  # noqa: SIM115
    with open(file.name, "w", encoding="utf-8", newline="") as stream:
        for one in rows:
            if heads is None:
                heads = [member.name for member in members(type(one))]
                write(stream, [heads])
            write(stream, [[_cell(getattr(one, name)) for name in heads]])
            keys.append(one.key)
            totals.add(one.key, one.amount, one.currency)
    return Payload(name, partial(_opened, file), "text/csv", keys=tuple(keys), totals=totals)


def _opened(file):
    return open(file.name, "rb")


def _cell(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def _control(payload, idempotency_key):
    """What is in the file, so that whoever reads it knows that it is whole."""
    sha = hashlib.sha256()
    with payload.open() as stream:
        while block := stream.read(1 << 16):
            sha.update(block)
    told = {"file": payload.name, "sha256": sha.hexdigest(), "key": idempotency_key}
    return canonical({**told, "totals": payload.totals.document()}).encode()


def _read_control(location, name):
    with location.open(name) as stream:
        return strict_json.loads(stream.read(_LARGEST_CONTROL))


def _held(location, name):
    """Totals of what the file says, row by row."""
    totals = ControlTotals()
    with location.open(name) as stream:
        lines = csv.DictReader(_lines(stream))
        for row in lines:
            told = {column: unguarded(value) for column, value in row.items()}
            cls = LedgerBalance if "closing" in told else LedgerEntry
            amount = told["closing"] if cls is LedgerBalance else told["balance"]
            totals.add(_key(cls, told), Decimal(amount), told["currency"])
    return totals


def _key(cls, told):
    """The key that the row's members make; what is not part of it is left out."""
    one = object.__new__(cls)
    object.__setattr__(one, "__dict__", {name: value or None for name, value in told.items()})
    return one.key


def _lines(stream):
    """The text of a binary stream, however it comes."""
    rest = b""
    while block := stream.read(1 << 16):
        *whole, rest = (rest + block).split(b"\r\n")
        yield from (f"{line.decode()}\r\n" for line in whole)
    if rest:
        yield rest.decode()
