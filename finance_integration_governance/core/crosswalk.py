"""Crosswalks: dated maps of codes between two systems, compiled for look-up.

A line is of one kind, and the first kind that knows a value decides:

    exact      this value
    range      values as long as both ends, between them in code-point order
    wildcard   one `*` stands for any characters, also none; the pattern with most characters beside it wins
    default    whatever nothing else knows; what it gives is flagged

Lines hold from their first to their last day, both included. Two wildcards that are equally long may both know a value:
such a value is ambiguous and maps to nothing. Everything else that would be ambiguous is refused beforehand
(`problems`): the same source twice on one day, ranges that overlap on one day.
"""

import datetime as dt
import json
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from .canonical import digest
from .document import differences, written
from .errors import MappingError

KINDS = ("exact", "range", "wildcard", "default")
MAX_LINES = 100_000
MAX_RANGES = 5_000  # ranges are compared with each other
MAX_TEXT = 140
_REMEMBERED = 50_000
_SEGMENTS = 64  # compiled at one time, for crosswalks with more changes than that
_EVER, _ALWAYS = dt.date.min, dt.date.max


@dataclass(frozen=True, slots=True)
class Line:
    """`until`: the last value of a range. `label`: how the target's system calls the target. `number`: its place."""

    target: str
    source: str = ""
    kind: str = "exact"
    until: str | None = None
    label: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    number: int = field(default=0, compare=False)

    @property
    def days(self):
        """(first, last) day on which it holds."""
        return self.valid_from or _EVER, self.valid_to or _ALWAYS

    @property
    def order(self):
        return KINDS.index(self.kind), self.source, self.until or "", self.days, self.target


@dataclass(frozen=True)
class Problem:
    """Why a line cannot stand; `number` is how the caller counts."""

    number: int
    reason: str


# What may stand


def problems(numbered):
    """What is wrong with these (number, line) pairs: a list of `Problem` in their order, empty where nothing is."""
    numbered = list(numbered)
    if len(numbered) > MAX_LINES:
        return [Problem(numbered[MAX_LINES][0], f"more than {MAX_LINES} lines")]
    wrong = {number: reason for number, line in numbered if (reason := _wrong(line))}
    found = [Problem(number, reason) for number, reason in wrong.items()]
    found += _clashes([(number, line) for number, line in numbered if number not in wrong])
    return sorted(found, key=lambda problem: problem.number)


def _wrong(line):
    """What is wrong with a line by itself, or None."""
    texts = [text for text in (line.source, line.until, line.target, line.label) if text]
    if line.kind not in KINDS:
        return f"the kind is none of {', '.join(KINDS)}"
    if not line.target:
        return "there is no target"
    if any(len(text) > MAX_TEXT for text in texts):
        return f"a text is longer than {MAX_TEXT} characters"
    if any(not text.isprintable() for text in texts):
        return "a text holds a character that cannot be seen"
    if any(text != text.strip() for text in texts):
        return "a text begins or ends with a blank"
    if line.days[0] > line.days[1]:
        return "it ends before it begins"
    return _wrong_source(line)


def _wrong_source(line):
    if line.kind == "default":
        return "a default has no source" if line.source or line.until else None
    if not line.source:
        return "there is no source"
    if line.kind == "range":
        return _wrong_range(line)
    if line.until:
        return "only a range has a last value"
    if line.kind == "wildcard" and (line.source.count("*") != 1 or line.source == "*"):
        return "a wildcard has one *, beside other characters"
    return None


def _wrong_range(line):
    if not line.until:
        return "a range has a first and a last value"
    if len(line.until) != len(line.source):
        return "both ends of a range are of the same length"
    return "the range ends before it begins" if line.until < line.source else None


def _clashes(numbered):
    ranges = sorted(
        ((number, line) for number, line in numbered if line.kind == "range"),
        key=lambda pair: (len(pair[1].source), pair[1].source, pair[0]),
    )
    if len(ranges) > MAX_RANGES:
        return [Problem(ranges[MAX_RANGES][0], f"more than {MAX_RANGES} ranges")]
    return _same_source(numbered) + _overlapping(ranges)


def _same_source(numbered):
    """The same source twice on one day."""
    sources, found = {}, []
    for number, line in numbered:
        if line.kind != "range":
            sources.setdefault((line.kind, line.source), []).append((*line.days, number))
    for (kind, source), held in sources.items():
        held.sort()
        for earlier, later in pairwise(held):
            if later[0] <= earlier[1]:
                what = source or f"a {kind}"
                found.append(Problem(later[2], f"{what} stands in line {earlier[2]} already for the same days"))
    return found


def _overlapping(ranges):
    """Ranges that share a value on one day; given in the order of their first values."""
    found, reaching = [], []
    for number, line in ranges:
        reaching = [
            (n, other) for n, other in reaching if len(other.source) == len(line.source) and other.until >= line.source
        ]
        clash = next((n for n, other in reaching if _meet(other.days, line.days)), None)
        if clash is not None:
            found.append(Problem(max(number, clash), f"the range overlaps the one in line {min(number, clash)}"))
        reaching.append((number, line))
    return found


def _meet(one, other):
    return one[0] <= other[1] and other[0] <= one[1]


# The document


def compose(head, lines):
    """(text, digest) of a crosswalk's document: the head's mapping, and the lines in the order of precedence."""
    return written({**head, "lines": sorted(lines, key=lambda line: line.order)})


@lru_cache(maxsize=32)
def read(text):
    """The compiled crosswalk of a document's text; its lines are numbered in the document's order, from 1."""
    content = json.loads(text)
    lines = [_line(number, told) for number, told in enumerate(content["lines"], 1)]
    return Crosswalk({name: value for name, value in content.items() if name != "lines"}, lines, digest(text))


def _line(number, told):
    days = {name: dt.date.fromisoformat(told[name]) for name in ("valid_from", "valid_to") if name in told}
    return Line(**{**told, **days}, number=number)


def changes(old, new):
    """What a person has to know between two crosswalks (either may be None): (source in words, before, after)."""
    before, after = ({_place(line): _given(line) for line in one.lines} if one else {} for one in (old, new))
    return [(place, *pair) for place, *pair in differences(before, after)]


def _place(line):
    ends = f"{line.source}..{line.until}" if line.until else line.source or "default"
    first, last = line.valid_from, line.valid_to
    days = f" ({first or ''}..{last or ''})" if first or last else ""
    return f"{line.kind} {ends}{days}"


def _given(line):
    return f"{line.target} {line.label}" if line.label else line.target


# Looking up


class Crosswalk:
    """Compiled lines. `head` says what it maps; `cuts` are the days on which anything begins or has ended."""

    def __init__(self, head, lines, told_digest=""):
        self.head, self.lines, self.digest = head, tuple(lines), told_digest
        self._exact = {}
        for line in self.lines:
            if line.kind == "exact":
                self._exact.setdefault(line.source, []).append((*line.days, (line,)))
        self._other = [line for line in self.lines if line.kind != "exact"]
        self._other_cuts, self.cuts = _cuts(self._other), _cuts(self.lines)
        self._segments = {}
        self._always = None if self._other_cuts else _Segment(self._other)

    def match(self, value, on):
        """The lines that know the value on that day: none is a gap, more than one is ambiguous."""
        for first, last, lines in self._exact.get(value, ()):
            if first <= on <= last:
                return lines
        if not self._other:
            return ()
        segment = self._segment(on) if self._other_cuts else self._always
        found = segment.known.get(value)
        return segment.match(value) if found is None else found

    def line(self, value, on):
        """The one line that maps the value on that day; MappingError where there is none or more than one."""
        found = self.match(value, on)
        if len(found) == 1:
            return found[0]
        kind = self.head.get("kind", "value")
        text = f"the crosswalk {self.head.get('code', '')} " + ("is ambiguous for" if found else "does not know")
        code = "mapping_ambiguous" if found else "mapping_gap"
        raise MappingError(f"{text} this {kind}", code=code, crosswalk=self.head.get("code"), value=value)

    def _segment(self, on):
        """Ranges, wildcards and default as they hold on that day; compiled when first asked for."""
        place = bisect_right(self._other_cuts, on)
        found = self._segments.get(place)
        if found is None:
            if len(self._segments) >= _SEGMENTS:
                self._segments.clear()
            holding = [line for line in self._other if line.days[0] <= on <= line.days[1]]
            found = self._segments[place] = _Segment(holding)
        return found


def _cuts(lines):
    firsts = {line.valid_from for line in lines if line.valid_from}
    ends = {line.valid_to + dt.timedelta(days=1) for line in lines if line.valid_to and line.valid_to < _ALWAYS}
    return sorted(firsts | ends)


class _Segment:
    def __init__(self, lines):
        self.ranges, shapes, self.known = {}, {}, {}
        for line in sorted((one for one in lines if one.kind == "range"), key=lambda one: one.source):
            starts, ranges = self.ranges.setdefault(len(line.source), ([], []))
            starts.append(line.source)
            ranges.append((line.until, (line,)))
        for line in (one for one in lines if one.kind == "wildcard"):
            head, tail = line.source.split("*")
            table = shapes.setdefault((len(head) + len(tail), len(head), len(tail)), {})
            table[head, tail] = line
        # The longest first; shapes of one length stand together.
        self.shapes = sorted(((*shape, table) for shape, table in shapes.items()), key=lambda s: s[:3], reverse=True)
        self.default = tuple(line for line in lines if line.kind == "default")

    def match(self, value):
        """Codes come again and again, so what was found is remembered (`known`), up to a bound."""
        found = self._in_range(value) or self._like(value) or self.default
        if len(self.known) < _REMEMBERED:
            self.known[value] = found
        return found

    def _in_range(self, value):
        starts, ranges = self.ranges.get(len(value), ((), ()))
        place = bisect_right(starts, value) - 1
        return ranges[place][1] if place >= 0 and value <= ranges[place][0] else ()

    def _like(self, value):
        """The longest wildcard; several where they are equally long."""
        found, length = (), 0
        for size, head, tail, table in self.shapes:
            if found and size < length:
                return found
            if size <= len(value) and (line := table.get((value[:head], value[len(value) - tail :]))):
                found, length = (*found, line), size
        return found


def trace(crosswalk, line):
    """What is kept beside a value: which line of which crosswalk gave it. Bounded, and the same for equal lines."""
    kept = {"crosswalk": crosswalk.head.get("code"), "digest": crosswalk.digest, "line": line.number}
    return {**kept, "flagged": True} if line.kind == "default" else kept
