"""Re-performance: read the payloads of an evidence pack again, without Odoo, and compare with what the pack says.

Inbound: each payload's bytes are read by the connector that its run's version names; every item's identity, content
digest, amount and date, and every control total, is worked out anew. Outbound: each item's content is read back, and
the payload is made of the items anew, byte for byte. Whatever is not equal is named: file, document line, payload and
row, or total.
"""

import datetime as dt
import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import crosswalk as crosswalks
from .canon import CONTRACTS
from .canonical import canonical, digest, plain
from .field_map import FieldMap
from .pack import amount_of, changed_files, read_list
from .reperform_items import Items
from .stages import OUTCOMES
from .totals import ControlTotals

NOT_THERE = "not there"
NOT_WORKED_OUT = (
    "not worked out again, because contents are masked for who asked: what the files say, and the digests of items. "
    "Counts, sums, hash totals, documents and the log are."
)
MOST = 100  # differences that are told; the first of them is what matters


@dataclass(frozen=True)
class Difference:
    """`what`: file, document, payload, item or total; `where` names it; then what the pack says and what was found."""

    what: str
    where: str
    packed: str
    found: str

    def __str__(self):
        return f"{self.what} {self.where}: the pack says {self.packed}, re-performed it is {self.found}"


@dataclass
class Report:
    counts: dict = field(default_factory=dict)
    differences: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    @property
    def is_equal(self):
        return not self.differences

    def count(self, what, number=1):
        self.counts[what] = self.counts.get(what, 0) + number

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def differ(self, what, where, packed, found):
        if len(self.differences) < MOST:
            self.differences.append(Difference(what, where, str(packed), str(found)))


def pieces(content, path=""):
    """(path, digest) of every leaf and every member of a list: a setting or a line of a map, and its SHA-256."""
    if isinstance(content, dict) and content:
        for name in sorted(content):
            yield from pieces(content[name], f"{path}.{name}".lstrip("."))
    elif isinstance(content, list) and content:
        for number, one in enumerate(content, 1):
            yield f"{path}[{number}]", digest(canonical(one))
    else:
        yield path, digest(canonical(content))


class Reperformance:
    """`classes`: connector classes by code. `contracts`: canonical classes. `folder` holds an unpacked pack."""

    def __init__(self, folder, classes, contracts=CONTRACTS):
        self.folder, self.classes = Path(folder), classes
        self.contracts = {cls.contract: cls for cls in contracts}
        self.report = Report()
        self.outcomes = {}  # run -> outcome -> totals, from the items
        self.manifest = json.loads((self.folder / "manifest.json").read_text())
        self.runs = {run["run"]: run for run in self._rows("runs")}
        self.documents, self.crosswalks = {}, {}

    def perform(self):
        for path, what in changed_files(self.folder):
            self.report.differ("file", path, "it is there, unchanged", what)
        self._check_documents()
        if self._is_masked():
            # One line for the whole pack: a reader must not take silence for proof.
            self.report.note(self.manifest["masking"].get("not_worked_out") or NOT_WORKED_OUT)
        self._check_payloads()
        self._check_totals()
        return self.report

    def _is_masked(self):
        return bool(self.manifest.get("masking", {}).get("hidden"))

    def _rows(self, name):
        path = self.folder / "lists" / f"{name}.json"
        if not path.exists():
            return
        with read_list(path) as (_about, rows):
            yield from rows

    # Documents: versions, field maps, crosswalks, policies

    def _check_documents(self):
        """A document is what its name says; where it is not, the line that was changed is named."""
        for row in self._rows("documents"):
            path = self.folder / "documents" / f"{row['digest']}.json"
            text = path.read_text() if path.exists() else ""
            self.report.count("documents")
            if digest(text) != row["digest"]:
                self._name_lines(row, text)

    def _name_lines(self, row, text):
        packed = {
            line["path"]: line["sha256"] for line in self._rows("document_lines") if line["document"] == row["digest"]
        }
        found = dict(pieces(_json(text)))
        where = f"{row['kind']} {row['digest'][:12]}"
        for path in [path for path in {**packed, **found} if packed.get(path) != found.get(path)] or ["as a whole"]:
            one, other = packed.get(path, "nothing"), found.get(path, "nothing")
            self.report.differ("document", f"{where}, {path}", one[:12], other[:12])

    def _document(self, run):
        """The version document that the run obeyed."""
        wanted = self.runs[run].get("version_digest")
        if wanted not in self.documents:
            path = self.folder / "documents" / f"{wanted}.json"
            self.documents[wanted] = _json(path.read_text() if path.exists() else "")
        return self.documents[wanted]

    def connector(self, run):
        """The connector that read or made the run's payloads, with settings and maps of the approved version."""
        document = self._document(run)
        by_hand = self.runs[run].get("channel") == "fallback"
        channel = document.get("fallback" if by_hand else "connection", {})
        cls = self.classes.get(channel.get("connector"))
        if cls is None:
            return None
        connector = cls(**channel.get("settings", {}))
        if document.get("field_map"):
            connector.field_map = self._field_map(run, document)
        return connector

    def _field_map(self, run, document):
        """As the engine builds it, but that Odoo's records are not here: what a look-up found is taken as found."""
        pinned = {code: self.crosswalk(told["digest"]) for code, told in document.get("crosswalks", {}).items()}
        if any(step["do"] == "record" for line in document["field_map"]["fields"] for step in line.get("steps", ())):
            self.report.note(
                f"run {run}: look-ups of Odoo's records cannot be done without Odoo, and are taken as found"
            )
        began = dt.datetime.fromisoformat(self.runs[run]["started_at"]).date()
        told_map = document["field_map"]
        return FieldMap(told_map, self.contracts[told_map["contract"]], pinned, lambda _kind: lambda text: text, began)

    def crosswalk(self, wanted):
        """The compiled crosswalk of this digest, None where the pack does not hold it."""
        if wanted not in self.crosswalks:
            path = self.folder / "documents" / f"{wanted}.json"
            self.crosswalks[wanted] = crosswalks.read(path.read_text()) if path.exists() else None
        return self.crosswalks[wanted]

    # Payloads and their items

    def _check_payloads(self):
        """Both lists are in the same order, so both are read once, side by side."""
        with self._items() as rows:
            row = next(rows, None)
            waiting = Waiting(row, rows, self._counted)
            for payload in self._rows("payloads"):
                mine = waiting.of(payload["payload"])
                self._check_payload(payload, mine)
                for _rest in mine:
                    continue
            for row in waiting.of(None):
                self._check_loose(row)

    @contextmanager
    def _items(self):
        path = self.folder / "lists" / "items.json"
        if path.exists():
            with read_list(path) as (_about, rows):
                yield rows
        else:
            yield iter(())

    def _counted(self, row):
        parts, amount = self.outcomes.setdefault(row["run"], {}), amount_of(row.get("amount"))
        amounts = {row.get("currency"): amount} if amount is not None else {}
        # The hash is that of the key as it was received, which may have given way to another one since.
        one = ControlTotals(1, amounts, int(row["key_hash"]) % 2**64)
        parts[row["outcome"]] = parts.get(row["outcome"], ControlTotals()) + one
        return row

    def _check_payload(self, payload, rows):
        path, items = self.folder / "payloads" / payload["digest"], Items(self, payload["run"], payload)
        if self._is_masked():
            return None
        if payload.get("content") != "included":
            return self.report.note(f"{items.name}: its bytes are not in the pack: {payload.get('content')}")
        self.report.count("payloads")
        found = _sha256(path)
        if found != payload["digest"]:
            self.report.differ("payload", items.name, payload["digest"], found)
        if items.connector is None or found == NOT_THERE:
            return self.report.note(f"{items.name}: it cannot be read without its bytes and its connector's code")
        is_out = self.runs[payload["run"]]["direction"] == "outbound"
        return items.make_again(rows) if is_out else items.read_again(path, rows)

    def _check_loose(self, row):
        """An item in no payload: what was unchanged or rejected before it left."""
        if self.runs[row["run"]].get("trigger") == "rollback":
            return  # what is taken back is its original, turned round: there are no bytes of it
        items = Items(self, row["run"])
        if self._is_masked():
            return
        if items.connector is not None and row.get("content"):
            items.stored(row)
        return

    # Totals

    def _check_totals(self):
        """Received is the sum of its outcomes, and what was reconciled is what was delivered."""
        for name, run in self.runs.items():
            parts = self.outcomes.get(name, {})
            self.report.count("runs")
            if run.get("state") in ("done", "cancelled"):
                self._check_run(name, run, {outcome: totals.count for outcome, totals in parts.items()})
        for row in self._last_measures():
            found = self._measure(self.outcomes.get(row["run"], {}).get("delivered", ControlTotals()), row["measure"])
            self.report.count("control totals")
            if _same_measure(row, found):
                continue
            self.report.differ("total", f"run {row['run']}, delivered {row['measure']}", row["source"], found)

    def _check_run(self, name, run, counts):
        expected = {**dict.fromkeys(OUTCOMES, 0), **counts, "received": sum(counts.values())}
        for outcome, found in expected.items():
            if run.get(outcome, 0) != found:
                self.report.differ("total", f"run {name}, {outcome}", run.get(outcome, 0), found)

    def _last_measures(self):
        """What the last reconciliation of each finished run compared."""
        last = {}
        for row in self._rows("reconciliations"):
            if self.runs.get(row["run"], {}).get("state") == "done":
                kept = last.setdefault(row["run"], [])
                if kept and kept[0]["number"] != row["number"]:
                    kept.clear()
                kept.append(row)
        return (row for rows in last.values() for row in rows)

    def _measure(self, totals, measure):
        if measure == "count":
            return str(totals.count)
        return f"{totals.hash_total:016x}" if measure == "hash" else plain(totals.amount(measure))


def _same_measure(row, found):
    if row["measure"] in ("count", "hash"):
        return row["source"] == found
    return amount_of(row["source"]) == amount_of(found)


class Waiting:
    """Rows of the item list, given out to one payload after the other; each row is counted as it goes."""

    def __init__(self, row, rows, counted):
        self.row, self.rows, self.counted = row, rows, counted

    def of(self, payload):
        """The rows of this payload, if they come next; of None: all that are left."""
        while self.row is not None and (payload is None or self.row.get("payload") == payload):
            row, self.row = self.row, next(self.rows, None)
            yield self.counted(row)


def _json(text):
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _sha256(path):
    if not path.exists():
        return NOT_THERE
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
