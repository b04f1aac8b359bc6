"""Records of cash management files BAI2 and BTRS 3, out of the lines that banks make of them.

A record may go on in records 88, lines may be padded, hold several records, or break a text. One record is held at a
time. Source: BAI, Cash Management Balance Reporting Specifications, version 2; ANSI X9.121, BTRS version 3.
"""

import codecs
import re
from dataclasses import dataclass

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

from .lines import lines

_BEGINNINGS = frozenset(("01", "02", "03", "16", "49", "98", "99"))
CODES = _BEGINNINGS | {"88"}
# One line with several records: the end of one, blanks, the beginning of another.
_NEXT = re.compile(r"/\s+(?=(?:02|03|16|49|88|98|99),)")


@dataclass(slots=True)
class Record:
    """A record with its continuations: `segments` are the texts behind the codes, without the ends; `count` of them."""

    code: str
    segments: list
    count: int = 1

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
    held, ended = None, True
    for line in _lines(stream):
        layout.lines += 1
        # Nearly every line is one record; only those that have an end in them are looked at more closely.
        is_one = line[2:3] == "," and line[:2] in CODES and "/ " not in line and "/\t" not in line
        for piece in (line,) if is_one else _pieces(line, layout):
            code = piece[:2]
            if code == "88" and held:
                held.segments.append(piece[3:].removesuffix("/"))
                held.count += 1
            elif code in _BEGINNINGS and piece[2:3] == ",":
                if held:
                    yield held
                held = Record(code, [piece[3:].removesuffix("/")])
            elif held and held.code == "16" and not ended:
                held.segments[-1] += f" {piece.removesuffix('/')}"
                layout.broken += 1
            else:
                raise MalformedPayload(f"this is no record: {line[:40]}", code="record")
            ended = piece[-1:] == "/"
    if held:
        yield held


def _pieces(line, layout):
    """The records of a line, each with the end that stood behind it."""
    pieces = _NEXT.split(line)
    layout.joined += len(pieces) > 1
    return [f"{piece.rstrip()}/" for piece in pieces[:-1]] + pieces[-1:]


def _lines(stream):
    """Lines that are not empty, without blanks around them."""
    for number, line in enumerate(lines(stream)):
        if not number:
            line = line.removeprefix(codecs.BOM_UTF8)
        if b"\0" in line:
            raise MalformedPayload("the file holds control characters", code="control")
        if text := _decoded(line).strip(" \t\r\n\x1a"):
            yield text


def _decoded(line):
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
