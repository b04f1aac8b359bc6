"""Figures as CSV, XLSX or Parquet files with a control file each, in a folder, over SFTP or in an object store.

A file is written whole or not at all and never over another one; its control file comes after it, so whoever reads a
file that has one reads all of it. Of one dataset, company and period the highest edition counts.
"""

import csv
import datetime as dt
import io
import re
import tempfile
from decimal import Decimal
from functools import partial
from itertools import count, groupby
from operator import attrgetter

from odoo.addons.finance_integration_governance.core import parquet
from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.connector import Destination, Payload, Receipt, Setting
from odoo.addons.finance_integration_governance.core.contract import members
from odoo.addons.finance_integration_governance.core.errors import DataError, MalformedPayload
from odoo.addons.finance_integration_governance.core.file_source import file_settings
from odoo.addons.finance_integration_governance.core.location import Location
from odoo.addons.finance_integration_governance.core.sheets import MAX_BYTES, MAX_ROWS, workbook_rows, write_xlsx
from odoo.addons.finance_integration_governance.core.tabular import unguarded, write
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .actual import Actual
from .cell import Cell
from .dataset import DatasetManifest, LedgerAsset, LedgerBalance, LedgerEntry
from .manifests import CONTROL, MANIFEST, Manifests, payload_of, read_json, sha256
from .open_item import OpenItem

TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_EXACT = 15  # digits of a number that every spreadsheet gives back as it was
_WIDEST = 64  # columns
_PLACE = attrgetter("contract", "dataset", "company", "period", "edition")
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class ControlledFiles(Destination):
    """Files with control files. `_parts(objects)`: (name without its ending, objects) of each file."""

    settings = (
        *(one for one in file_settings("*") if one.name != "pattern"),
        Setting("format", "Format", kind="choice", default="csv", choices=tuple(TYPES)),
    )

    def _parts(self, objects):
        raise NotImplementedError

    def _name(self, payload, _idempotency_key):
        return payload.name

    def serialize(self, objects):
        for name, rows in self._parts(objects):
            yield _payload(f"{name}.{self.format}", self.format, rows)

    def send(self, payload, idempotency_key):
        location, name = self._location(), self._name(payload, idempotency_key)
        location.put(name, payload.open)
        control = _control(name, payload, idempotency_key, self.note)
        location.put(name + CONTROL, lambda: io.BytesIO(control))
        return Receipt("accepted", name)

    def confirm(self, references):
        """What the files hold now whose control file names one of these, by key or by file."""
        location, totals = self._location(), ControlTotals()
        for name in location.names() if references else ():
            if name.endswith(CONTROL):
                told = read_json(location, name)
                if told["key"] in references or told["file"] in references:
                    totals += self._held(location, told["file"])
        return totals

    def _held(self, location, name):
        """Totals of what the file says, row by row; the file says by its name how it is written."""
        totals, cls = ControlTotals(), None
        with location.open(name) as stream:
            for told in _READERS[name.rpartition(".")[2]](stream):
                cls = cls or self._class_of(told)
                one = _read(cls, told)
                totals.add(one.key, one.amount, one.currency)
        return totals

    def _class_of(self, told):
        """The class whose members are the columns of the file."""
        found = [cls for cls in self.carries if {member.name for member in members(cls)} == set(told)]
        if not found:
            raise MalformedPayload("the file has other columns than those that were written")
        return found[0]

    def probe(self):
        names = self._location().names()
        return f"The folder can be read and holds {sum(name.endswith(CONTROL) for name in names)} datasets."

    def _location(self):
        told = {"credentials": self.credentials, "hostkey": self.hostkey}
        return Location(self.location, **told, roots=self.roots, allowed_hosts=self.allowed_hosts)


class DatasetFiles(ControlledFiles):
    """One payload is one dataset of one company and period, or the manifest that names its last edition."""

    code = "planning.dataset"
    label = "Datasets in files with control files"
    carries = (LedgerBalance, LedgerAsset, LedgerEntry, DatasetManifest)

    def serialize(self, objects):
        # The core has no Odoo, and the rows come in their order, one at a time.
        for place, rows in groupby(objects, key=_PLACE):  # pylint: disable=bad-builtin-groupby
            contract, *names, edition = place
            if contract == DatasetManifest.contract:
                yield from (payload_of(one, _stem(*names)) for one in rows)
            else:
                yield _payload(f"{_stem(*names, edition)}.{self.format}", self.format, rows)

    def send(self, payload, idempotency_key):
        if payload.name.endswith(MANIFEST):
            return Manifests(self._location()).write(payload, idempotency_key)
        return super().send(payload, idempotency_key)

    def confirm(self, references):
        return super().confirm(references) + Manifests(self._location()).totals(references)


def _stem(*places):
    return "_".join(UNSAFE.sub("-", place) for place in places)


class TellingFiles(ControlledFiles):
    """A file for each payload under a name of its own: what was told before stays."""

    def _name(self, payload, idempotency_key):
        stem, _point, ending = payload.name.rpartition(".")
        return f"{stem}_{UNSAFE.sub('-', idempotency_key)}.{ending}"


class ActualFiles(TellingFiles):
    """One payload is what a run tells, all figures or those that have changed: for systems that fetch files."""

    code = "planning.actual_files"
    label = "Actuals in files with control files"
    carries = (Actual, Cell, OpenItem)

    def _parts(self, objects):
        objects = iter(objects)
        for first in objects:
            yield "actuals", _again(first, objects)


def _again(first, others):
    yield first
    yield from others


def _payload(name, kind, rows):
    """The rows as a file beside the memory, which goes with its payload."""
    file, keys, totals = tempfile.NamedTemporaryFile(), [], ControlTotals()  # noqa: SIM115
    _WRITERS[kind](file.name, _counted(rows, keys, totals))
    return Payload(name, partial(_opened, file), TYPES[kind], keys=tuple(keys), totals=totals)


def _counted(rows, keys, totals):
    for one in rows:
        keys.append(one.key)
        totals.add(one.key, one.amount, one.currency)
        yield one


def _write_csv(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as stream:
        write(stream, ([_cell(value) for value in row] for row in _table(rows)))


def _write_xlsx(path, rows):
    write_xlsx(path, map(_must_fit, _table(rows), count()))


def _must_fit(row, number):
    """The row; DataError where a spreadsheet would change it, or would not be read back."""
    if number > MAX_ROWS:
        raise DataError(f"a workbook holds {MAX_ROWS} rows: choose CSV or Parquet", code="too_large")
    for value in row:
        if isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) > _EXACT:
            raise DataError(f"an amount has more than {_EXACT} digits: choose CSV or Parquet", code="digits")
    return row


def _table(rows):
    """The names of the columns, then the values of each object."""
    values = None
    for one in rows:
        if values is None:
            names = [member.name for member in members(type(one))]
            values = attrgetter(*names)
            yield names
        yield values(one)


def _write_parquet(path, rows):
    first = next(rows)
    types = {member.name: member.type for member in members(type(first))}
    values = attrgetter(*types)
    parquet.write(path, types, (values(one) for one in _again(first, rows)))


_WRITERS = {"csv": _write_csv, "parquet": _write_parquet, "xlsx": _write_xlsx}


def _opened(file):
    return open(file.name, "rb")


def _cell(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def _control(name, payload, idempotency_key, reason):
    """What is in the file, so that whoever reads it knows that it is whole; and why final figures in it change."""
    with payload.open() as stream:
        told = {"file": name, "sha256": sha256(stream), "key": idempotency_key, "reason": reason or None}
    return canonical({**told, "totals": payload.totals.document()}).encode()


def _csv_rows(stream):
    for row in csv.DictReader(_lines(stream)):
        yield {column: unguarded(value) for column, value in row.items()}


def _xlsx_rows(stream):
    rows = workbook_rows(stream.read(MAX_BYTES + 1), _WIDEST)
    _number, heads = next(rows, (1, []))
    for _number, row in rows:
        yield {name: cell for name, cell in zip(heads, row, strict=True) if name}


_READERS = {"csv": _csv_rows, "parquet": parquet.rows, "xlsx": _xlsx_rows}


def _read(cls, told):
    """The object that a row tells; key, amount and currency are what is asked of it."""
    one = object.__new__(cls)
    values = {member.name: _value(member.type, told.get(member.name)) for member in members(cls)}
    object.__setattr__(one, "__dict__", values)
    return one


def _value(kind, told):
    if told is None or told == "":
        return None
    if kind is Decimal:
        return Decimal(told)
    return dt.date.fromisoformat(told) if kind is dt.date and isinstance(told, str) else told


def _lines(stream):
    """The text of a binary stream, however it comes."""
    rest = b""
    while block := stream.read(1 << 16):
        *whole, rest = (rest + block).split(b"\r\n")
        yield from (f"{line.decode()}\r\n" for line in whole)
    if rest:
        yield rest.decode()
