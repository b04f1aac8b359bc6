"""Re-performance: read the payloads of an evidence pack again, without Odoo, and compare with what the pack says.

Inbound: each payload's bytes are read by the connector that its run's version names; every item's identity, content
digest, amount and date, and every control total, is worked out anew. Outbound: each item's content is read back, and
the payload is made of the items anew, byte for byte. Whatever is not equal is named: file, document line, payload and
row, or total.
"""

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, zip_longest
from pathlib import Path

from .canonical import canonical, digest, plain, told
from .connector import Payload
from .contract import Finding
from .document import differences
from .errors import IntegrationError
from .pack import amount_of, changed_files, read_list
from .reading import read
from .stages import OUTCOMES
from .totals import ControlTotals, hash_of, signed

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
    """`classes`: connector classes by code. `folder` holds an unpacked pack."""

    def __init__(self, folder, classes):
        self.folder, self.classes = Path(folder), classes
        self.report = Report()
        self.outcomes = {}  # run -> outcome -> totals, from the items
        self.manifest = json.loads((self.folder / "manifest.json").read_text())
        self.runs = {run["run"]: run for run in self._rows("runs")}
        self.documents = {}

    def perform(self):
        for path, what in changed_files(self.folder):
            self.report.differ("file", path, "it is there, unchanged", what)
        self._check_documents()
        self._check_payloads()
        self._check_totals()
        return self.report

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

    def _connector(self, run):
        """The connector that read or made the run's payloads, with the settings of the approved version."""
        connection = self._document(run).get("connection", {})
        cls = self.classes.get(connection.get("connector"))
        return cls(**connection.get("settings", {})) if cls else None

    # Payloads and their items, in the same order

    def _check_payloads(self):
        """Payloads and items come in the same order, so both are read once, side by side."""
        with self._items() as groups:
            payload_of, rows = next(groups, (None, ()))
            for payload in self._rows("payloads"):
                is_here = payload["payload"] == payload_of
                mine = map(self._counted, rows if is_here else ())
                self._check_payload(payload, mine)
                _drain(mine)
                if is_here:
                    payload_of, rows = next(groups, (None, ()))
            for row in rows:
                self._check_loose(self._counted(row))

    @contextmanager
    def _items(self):
        """The rows of the item list by payload; those in no payload come last."""
        path = self.folder / "lists" / "items.json"
        if path.exists():
            with read_list(path) as (_about, rows):
                yield groupby(rows, key=lambda row: row.get("payload"))
        else:
            yield iter(())

    def _is_out(self, payload):
        return self.runs[payload["run"]]["direction"] == "outbound"

    def _counted(self, row):
        parts, amount = self.outcomes.setdefault(row["run"], {}), amount_of(row.get("amount"))
        amounts = {row.get("currency"): amount} if amount is not None else {}
        # The hash is that of the key as it was received, which may have given way to another one since.
        one = ControlTotals(1, amounts, int(row["key_hash"]) % 2**64)
        parts[row["outcome"]] = parts.get(row["outcome"], ControlTotals()) + one
        return row

    def _check_payload(self, payload, rows):
        path = self.folder / "payloads" / payload["digest"]
        if payload.get("content") != "included":
            self.report.notes.append(f"{_name(payload)}: its bytes are not in the pack: {payload.get('content')}")
            return None
        self.report.count("payloads")
        found = _sha256(path)
        if found != payload["digest"]:
            self.report.differ("payload", _name(payload), payload["digest"], found)
        connector = self._connector(payload["run"])
        if connector is None:
            self.report.notes.append(f"{_name(payload)}: the pack holds no code of its connector")
            return None
        return (self._make_again if self._is_out(payload) else self._read_again)(connector, payload, path, rows)

    # Inbound

    def _read_again(self, connector, payload, path, rows):
        totals = ControlTotals()
        packed = ((row, list(same)) for row, same in groupby(rows, key=lambda row: row["row"]))
        again = self._objects(connector, payload, path, totals)
        for number, (one, same) in enumerate(zip_longest(again, packed), 1):
            if same is None and payload["reading"] != "read":
                continue  # of what turned out unreadable, not everything was kept
            self._compare(payload, number, one, same[1] if same else [])
        if payload["reading"] == "read" and payload.get("totals"):
            self._compare_totals(_name(payload), ControlTotals.from_document(json.loads(payload["totals"])), totals)

    def _objects(self, connector, payload, path, totals):
        """Canonical objects as the connector tells them; that it cannot is told, and expected where it was so then."""
        try:
            for one in connector.parse(Payload(payload["name"], lambda: path.open("rb"), payload.get("content_type"))):
                if not isinstance(one, Finding):
                    amount = one.amount if one.amount is not None and one.amount.is_finite() else None
                    totals.add(one.key, amount, one.currency)
                    yield one
        except IntegrationError as error:
            if payload["reading"] == "read":
                self.report.differ("payload", _name(payload), "readable", f"not: {error.text}")
            return
        if payload["reading"] == "refused":
            self.report.differ("payload", _name(payload), "refused", "readable")

    def _compare(self, payload, number, one, rows):
        where = f"{_name(payload)} row {number}"
        if not rows:
            return self.report.differ("item", where, "not there", one.key)
        if one is None:
            return self.report.differ("item", where, rows[0]["key"], "not there")
        text, found = told(one)
        for row in rows:
            self.report.count("items")
            self._compare_members(where, row, _identity(one, found), text)
        return None

    def _compare_members(self, where, row, found, text):
        """Identity and sums of an item; where its content differs and the pack holds it, which member."""
        known = {row.get("alt_key"), found["key"], f"{found['key']}#{row.get('parent_key')}",
                 f"{row.get('alt_key')}#{row.get('parent_key')}"}  # fmt: skip
        for name, value in found.items():
            packed = row.get(name)
            if packed != value and not (name == "key" and packed in known):
                self.report.differ("item", f"{where}, {name}", packed, value)
        if row["digest"] != found["digest"] and row.get("content"):
            for path, packed, again in differences(json.loads(row["content"]), json.loads(text)):
                self.report.differ("item", f"{where}, content {path}", packed, again)

    # Outbound

    def _make_again(self, connector, payload, _path, rows):
        """The payload made of its items anew has the bytes that were sent."""
        objects = [self._stored(connector, payload, row) for row in rows if row["run"] == payload["run"]]
        if None in objects:
            return
        made = []
        for again in connector.serialize(iter(objects)):
            with again.open() as stream:
                made.append(hashlib.file_digest(stream, "sha256").hexdigest())
        if made != [payload["digest"]]:
            self.report.differ("payload", _name(payload), payload["digest"], " and ".join(made) or "nothing")
        totals = ControlTotals.of((one.key, one.amount, one.currency) for one in objects)
        self._compare_totals(_name(payload), ControlTotals.from_document(json.loads(payload["totals"])), totals)

    def _check_loose(self, row):
        """An item in no payload: what was unchanged or rejected before it left."""
        connector = self._connector(row["run"]) if row["run"] in self.runs else None
        if connector is not None and row.get("content"):
            self._stored(connector, None, row)

    def _stored(self, connector, payload, row):
        """The object that an item's stored content tells, compared with what the item says of it."""
        where = f"{_name(payload) if payload else row['run']} row {row['row']}"
        cls = next((cls for cls in connector.carries if cls.contract == row["contract"]), None)
        if cls is None or not row.get("content"):
            self.report.differ("item", where, row["contract"], "no such contract or no content")
            return None
        self.report.count("items")
        try:
            one = read(cls, json.loads(row["content"]))
        except (IntegrationError, ValueError) as error:
            if row["outcome"] != "rejected":
                self.report.differ("item", where, "keeps its contract", error)
            return None
        text, found = told(one)
        self._compare_members(where, row, _identity(one, found), text)
        return one

    # Totals

    def _compare_totals(self, where, packed, found):
        for measure, one, other in packed.differences(found):
            self.report.differ("total", f"{where}, {measure}", one, other)

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


def _identity(one, found):
    """What the item list tells of an object, as the list tells it."""
    amount = one.amount if one.amount is not None and one.amount.is_finite() else None
    return {
        "contract": one.contract,
        "key": one.key,
        "alt_key": one.alt_key,
        "parent_key": one.parent_key or None,
        "key_hash": str(signed(hash_of(one.key))),
        "digest": found,
        "amount": None if amount is None else plain(amount),
        "currency": one.currency or None,
        "on": one.on.isoformat() if one.on else None,
    }


def _name(payload):
    return f"{payload['payload']} ({payload['name']})"


def _drain(rows):
    for _row in rows:
        pass


def _json(text):
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _sha256(path):
    if not path.exists():
        return "not there"
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
