"""An evidence pack: files and lists in a folder, a manifest of their digests, and one archive of all of them.

Nothing is ever whole in memory: rows are spooled to the disk, counted and summed on the way, and written twice, as JSON
(one row per line, so that a reader can stream it) and as CSV. `manifest.json` is canonical JSON and names every other
file with its size and SHA-256; the SHA-256 of the manifest stands for the pack.
"""

import hashlib
import io
import itertools
import json
import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from . import tabular
from .canonical import canonical
from .totals import ControlTotals

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1 << 20
_NO_TIME = (1980, 1, 1, 0, 0, 0)  # an archive of the same files is the same archive
_BEGIN, _END = '"rows":[', '],"sums":'


class Pack:
    """`head` is what every list prints: position and head of the log. `folder` is empty and the caller's."""

    def __init__(self, folder, head):
        self.folder, self.head = Path(folder), head
        self.files, self.lists = {}, []

    def add(self, path, chunks):
        """Write a file from pieces of bytes; returns its SHA-256. A path that is there already stays as it is."""
        if path not in self.files:
            sha, size = hashlib.sha256(), 0
            with self._new(path) as file:
                for chunk in chunks:
                    sha.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
            self.files[path] = {"path": path, "sha256": sha.hexdigest(), "size": size}
        return self.files[path]["sha256"]

    def add_text(self, path, text):
        return self.add(path, [text.encode()])

    def add_stream(self, path, stream):
        return self.add(path, iter(lambda: stream.read(CHUNK), b""))

    def add_list(self, name, columns, rows, parameters, summed=None):
        """Write rows (mappings) as lists/<name>.json and .csv; returns the list's entry in the manifest.

        `summed`: the columns that hold amount and currency, where the list has some.
        """
        with tempfile.TemporaryFile("w+", dir=self.folder, encoding="utf-8") as spool:
            totals = _spool(spool, columns, rows, summed)
            told = {
                "columns": list(columns),
                "count": totals.count,
                "head": self.head,
                "name": name,
                "parameters": parameters,
                "sums": dict(totals.amounts),
            }
            self.add(f"lists/{name}.json", _as_json(told, spool))
            self.add(f"lists/{name}.csv", _as_csv(told, spool))
        self.lists.append({key: told[key] for key in ("name", "count", "sums", "parameters")})
        return self.lists[-1]

    def close(self, **facts):
        """Write the manifest; returns its SHA-256, which stands for the whole pack."""
        files = sorted(self.files.values(), key=lambda file: file["path"])
        content = {**facts, "format": FORMAT, "head": self.head, "files": files, "lists": self.lists}
        return self.add_text(MANIFEST, canonical(content))

    def write(self, stream):
        """The archive, with the manifest first, into a binary stream."""
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in (MANIFEST, *sorted(set(self.files) - {MANIFEST})):
                entry = zipfile.ZipInfo(path, _NO_TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with (self.folder / path).open("rb") as file, archive.open(entry, "w", force_zip64=True) as kept:
                    shutil.copyfileobj(file, kept, CHUNK)

    def _new(self, path):
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        return place.open("xb")


def _spool(spool, columns, rows, summed):
    """One canonical line for each row; count and sum per currency."""
    totals, unknown = ControlTotals(), None
    for row in rows:
        unknown = set(row) - set(columns)
        if unknown:
            raise ValueError(f"the list has no column {', '.join(sorted(unknown))}")
        amount, currency = (row.get(name) for name in summed) if summed else (None, None)
        totals.add("", amount, currency)
        spool.write(canonical({name: _told(value) for name, value in row.items()}))
        spool.write("\n")
    return totals


def _told(value):
    """False is how the ORM says that there is nothing; a truth is told as such."""
    return None if value is False or value == "" else value


def _lines(spool):
    spool.seek(0)
    return (line.rstrip("\n") for line in spool)


def _as_json(told, spool):
    """Canonical JSON with one line for each row."""
    before, after = canonical({**told, "rows": []}).split(f"{_BEGIN}{_END}")
    yield f"{before}{_BEGIN}\n".encode()
    for number, line in enumerate(_lines(spool)):
        yield (f",\n{line}" if number else line).encode()
    yield f"\n{_END}{after}".encode()


def _as_csv(told, spool):
    """The rows below their names; below them what the list is, in lines that begin with #."""
    columns = told["columns"]
    rows = ([row.get(name) for name in columns] for row in map(json.loads, _lines(spool)))
    about = [["# list", told["name"]], ["# records", told["count"]]]
    about += [[f"# sum {currency or 'without currency'}", amount] for currency, amount in sorted(told["sums"].items())]
    about += [[f"# parameter {name}", value] for name, value in sorted(told["parameters"].items())]
    about += [[f"# log {name}", value] for name, value in sorted(told["head"].items())]
    # A byte order mark, without which spreadsheets take UTF-8 for something else.
    yield b"\xef\xbb\xbf"
    for row in itertools.chain([columns], rows, about):
        line = io.StringIO(newline="")
        tabular.write(line, [row])
        yield line.getvalue().encode()


@contextmanager
def read_list(path):
    """(what the list says about itself, its rows one by one) of a list's JSON file."""
    with Path(path).open(encoding="utf-8") as file:
        before = next(file).rstrip("\n").removesuffix(_BEGIN)
        about = json.loads(before.rstrip(",") + "}")
        yield about, _rows(file, about)


def _rows(file, about):
    for line in file:
        if line.startswith(_END):
            about |= json.loads('{"sums":' + line.removeprefix(_END))
            return
        if line.strip():
            yield json.loads(line.rstrip("\n").rstrip(","))


def changed_files(folder):
    """Files that are not what the manifest says: a list of (path, missing | changed | unknown), in its order."""
    folder = Path(folder)
    listed = json.loads((folder / MANIFEST).read_text())["files"]
    found = [(file["path"], what) for file in listed if (what := _compared(folder / file["path"], file))]
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    ours = {MANIFEST, *(file["path"] for file in listed)}
    return found + [(path, "unknown") for path in sorted(there - ours) if "__pycache__" not in path]


def _compared(path, file):
    if not path.is_file():
        return "missing"
    with path.open("rb") as stream:
        return None if hashlib.file_digest(stream, "sha256").hexdigest() == file["sha256"] else "changed"


def amount_of(text):
    """An amount of a list as Decimal, None where there is none."""
    return Decimal(text) if text is not None else None
