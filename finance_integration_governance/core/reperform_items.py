"""Re-performance of one payload: what it says is read again, or what was sent is made again, item by item."""

import datetime as dt
import hashlib
import json

from .canonical import plain, told
from .connector import Payload
from .contract import Finding
from .document import differences
from .errors import IntegrationError
from .reading import read
from .totals import ControlTotals, hash_of, signed


class Items:
    """`pack` is the re-performance that this belongs to; `payload` the row of its list, None for items in none."""

    def __init__(self, pack, run, payload=None):
        self.pack, self.report, self.payload = pack, pack.report, payload
        self.name = f"{payload['payload']} ({payload['name']})" if payload else run
        self.run, self.connector = run, pack.connector(run)

    # Inbound: the bytes are read again

    def read_again(self, path, rows):
        """Each object that the connector tells stands in the pack, and nothing else does."""
        if self.payload["reading"] == "corrected":
            return self._corrected(rows)
        totals, number, row = ControlTotals(), 0, next(rows, None)
        for number, one in enumerate(self._objects(path, totals), 1):
            while row and row["row"] < number:
                row = self._unexpected(row, rows)
            if row is None or row["row"] > number:
                self._missing(number, one)
            text, digest = told(one)
            while row and row["row"] == number:  # with the same item where it was held and went on elsewhere
                self._compare(row, _identity(one, digest), text)
                row = next(rows, None)
        while row:
            row = self._unexpected(row, rows)
        if self.payload["reading"] == "read":
            self.compare_totals(totals)
        return None

    def _corrected(self, rows):
        """What two persons have agreed on stands in no bytes."""
        for row in rows:
            self.report.note(f"{self.name} row {row['row']}: corrected by hand, under an approval")

    def _objects(self, path, totals):
        """Canonical objects as the connector tells them; that it cannot is told, and expected where it was so then."""
        payload, is_read = self.payload, self.payload["reading"] == "read"
        try:
            for one in self.connector.parse(
                Payload(payload["name"], lambda: path.open("rb"), payload.get("content_type"))
            ):
                if not isinstance(one, Finding):
                    totals.add(one.key, _exact(one), one.currency)
                    yield one
        except IntegrationError as error:
            if is_read:
                self.report.differ("payload", self.name, "readable", f"not: {error.text}")
            return
        if payload["reading"] == "refused":
            self.report.differ("payload", self.name, "refused", "readable")

    def _missing(self, number, one):
        # Of what turned out unreadable, not everything was kept.
        if self.payload["reading"] == "read":
            self.report.differ("item", f"{self.name} row {number}", "not there", one.key)

    def _unexpected(self, row, rows):
        self.report.differ("item", f"{self.name} row {row['row']}", row["key"], "not there")
        return next(rows, None)

    # Outbound: the bytes are made again

    def make_again(self, rows):
        """The payload made of its items anew has the bytes that were sent."""
        objects = [self.stored(row) for row in rows if row["run"] == self.run]
        if None in objects:
            return
        made = []
        for again in self.connector.serialize(iter(objects)):
            with again.open() as stream:
                made.append(hashlib.file_digest(stream, "sha256").hexdigest())
        if made != [self.payload["digest"]]:
            self.report.differ("payload", self.name, self.payload["digest"], " and ".join(made) or "nothing")
        self.compare_totals(ControlTotals.of((one.key, one.amount, one.currency) for one in objects))

    def stored(self, row):
        """What was sent of an item: its stored content, compared with what the pack says of it, with mapped codes."""
        cls = next((cls for cls in self.connector.carries if cls.contract == row["contract"]), None)
        if row.get("purge") or not row.get("content"):
            self.report.note(f"{self.name}: the content of its items is not in the pack")
            return None
        content = json.loads(row["content"])
        one = self._read(cls, row, content)
        if one is None:
            return None
        text, digest = told(one)
        self._compare(row, _identity(one, digest), text)
        codes = {member: trace["value"] for member, trace in _traces(row).items() if "value" in trace}
        return self._read(cls, row, content | codes) if codes else one

    def _read(self, cls, row, content):
        try:
            return read(cls, content)
        except (IntegrationError, ValueError, AttributeError) as error:
            if row["outcome"] != "rejected":
                self.report.differ("item", f"{self.name} row {row['row']}", "readable", f"not: {error}")
            return None

    # Both ways

    def compare_totals(self, found):
        packed = (
            ControlTotals.from_document(json.loads(self.payload["totals"])) if self.payload.get("totals") else found
        )
        for measure, one, other in packed.differences(found):
            self.report.differ("total", f"{self.name}, {measure}", one, other)

    def _compare(self, row, found, text):
        """Identity and sums of an item; where its content differs and the pack holds it, which member."""
        self.report.count("items")
        where = f"{self.name} row {row['row']}"
        for name, value in found.items():
            packed = row.get(name)
            if packed != value and not (name == "key" and packed in _known(row, value)):
                self.report.differ("item", f"{where}, {name}", packed, value)
        content = row.get("content")
        if content and not row.get("purge") and content != text:
            for path, packed, again in differences(json.loads(content), json.loads(text)):
                self.report.differ("item", f"{where}, content {path}", packed, again)
        for member, trace in _traces(row).items():
            self._look_up(f"{where}, {member}", row, json.loads(text).get(member), trace)

    # Crosswalks

    def _look_up(self, where, row, value, trace):
        """The lines that gave a code are in the crosswalk, and give this code."""
        crosswalk = self.pack.crosswalk(trace["digest"])
        if crosswalk is None:
            return self.report.differ("item", where, f"crosswalk {trace['digest'][:12]}", "not in the pack")
        self.report.count("look-ups")
        if "lines" in trace:  # a figure that was added up by what the crosswalk made of its parts
            for number in trace["lines"]:
                self._same_target(f"{where}, {trace['crosswalk']} line {number}", value, crosswalk, number)
            return None
        on = row.get("on") or self.pack.runs[row["run"]]["started_at"][:10]
        lines = crosswalk.match(trace.get("from", value), dt.date.fromisoformat(on))
        found = f"line {lines[0].number}: {lines[0].target}" if len(lines) == 1 else f"{len(lines)} lines"
        packed = f"line {trace['line']}: {trace['value']}"
        if packed != found:
            self.report.differ("item", f"{where}, crosswalk {trace['crosswalk']}", packed, found)
        return None

    def _same_target(self, where, value, crosswalk, number):
        line = crosswalk.lines[number - 1] if 0 < number <= len(crosswalk.lines) else None
        if line is None or line.target != value:
            self.report.differ("item", where, value, line.target if line else "no such line")


def _traces(row):
    """member -> what gave its code, where a crosswalk did."""
    return json.loads(row["mapped_values"]).get("crosswalk", {}) if row.get("mapped_values") else {}


def _known(row, key):
    """An item may go by its other identity, or by one that a person's decision has set apart."""
    alt_key, parent_key = row.get("alt_key"), row.get("parent_key")
    return {alt_key, f"{key}#{parent_key}", f"{alt_key}#{parent_key}"}


def _exact(one):
    return one.amount if one.amount is not None and one.amount.is_finite() else None


def _identity(one, digest):
    """What the item list tells of an object, as the list tells it."""
    amount = _exact(one)
    return {
        "contract": one.contract,
        "key": one.key,
        "alt_key": one.alt_key,
        "parent_key": one.parent_key or None,
        "key_hash": str(signed(hash_of(one.key))),
        "digest": digest,
        "amount": None if amount is None else plain(amount),
        "currency": one.currency or None,
        "on": one.on.isoformat() if one.on else None,
    }
