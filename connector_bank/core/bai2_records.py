"""Records of cash management files BAI2 and BTRS 3, out of the lines that banks make of them.

A record may go on in records 88, lines may be padded, hold several records, or break a text. One record is held at a
time. Source: BAI, Cash Management Balance Reporting Specifications, version 2; ANSI X9.121, BTRS version 3.
"""

import codecs
import re
from dataclasses import dataclass, field

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

from .lines import lines

CODES = frozenset(("01", "02", "03", "16", "49", "88", "98", "99"))
# One line with several records: the end of one, blanks, the beginning of another.
_NEXT = re.compile(r"/\s+(?=(?:02|03|16|49|88|98|99),)")


@dataclass(slots=True)
class Record:
    """A record with its continuations: `segments` are the texts behind the codes, without the ends; `count` of them."""

    code: str
    segments: list = field(default_factory=list)
    count: int = 1
    ended: bool = False

    def fields(self):
        """Every field of a record that has no text."""
        return [text.strip() for segment in self.segments for text in segment.split(",")]


@dataclass(slots=True)
class Layout:
    """How a file puts its records into lines: a few lines with several of them are no way that anybody agreed on."""

    lines: int = 0
    joined: int = 0
    broken: int = 0

    @property
    def is_odd(self):
        return bool(self.broken or 0 < self.joined < self.lines - 1)


def records(stream, layout):
    """Yield each record of a binary stream; MalformedPayload says what is none."""
    held = None
    for code, text, ended in _pieces(stream, layout):
        if code == "88":
            if held is None:
                raise MalformedPayload("a continuation stands before every record", code="record")
            held.segments.append(text)
            held.count += 1
            held.ended = ended
        elif code is None:
            if held is None or held.ended or held.code != "16":
                raise MalformedPayload(f"this is no record: {text[:40]}", code="record")
            held.segments[-1] += f" {text}"
            layout.broken += 1
            held.ended = ended
        else:
            if held:
                yield held
            held = Record(code, [text], ended=ended)
    if held:
        yield held


def _pieces(stream, layout):
    """(code or None, text without its end, whether the end was there) of each physical record."""
    for line in _lines(stream):
        pieces = _NEXT.split(line)
        layout.lines += 1
        layout.joined += len(pieces) > 1
        for piece in pieces:
            code, comma, text = piece.partition(",")
            is_known = comma and code.strip() in CODES
            text = (text if is_known else piece).rstrip()
            # Between the records of one line the split has taken the end away.
            ended = text.endswith("/") or piece is not line
            yield code.strip() if is_known else None, text.removesuffix("/"), ended


def _lines(stream):
    first = True
    for line in lines(stream):
        if first:
            first, line = False, line.removeprefix(codecs.BOM_UTF8)
        if b"\0" in line:
            raise MalformedPayload("the file holds control characters", code="control")
        if text := _decoded(line).replace("\x1a", "").strip():
            yield text


def _decoded(line):
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
