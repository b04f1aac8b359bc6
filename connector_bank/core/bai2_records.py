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
    for layout.lines, line in enumerate(_lines(stream), 1):
        code = line[:2]
        # Nearly every line is one record; only those that have an end in them are looked at more closely.
        is_one = line[2:3] == "," and code in CODES and "/ " not in line and "/\t" not in line
        if is_one and (held or code != "88"):
            ended = line[-1] == "/"
            text = line[3:-1] if ended else line[3:]
            if code == "88":
                held.segments.append(text)
                held.count += 1
                continue
            if held:
                yield held
            held = Record(code, [text])
            continue
        for piece in _pieces(line, layout):
            code, was_ended, ended = piece[:2], ended, piece[-1:] == "/"
            if code == "88" and held:
                held.segments.append(piece[3:-1] if ended else piece[3:])
                held.count += 1
            elif code in _BEGINNINGS and piece[2:3] == ",":
                if held:
                    yield held
                held = Record(code, [piece[3:-1] if ended else piece[3:]])
            elif held and held.code == "16" and not was_ended:
                held.segments[-1] += f" {piece.removesuffix('/')}"
                layout.broken += 1
            else:
                raise MalformedPayload(f"this is no record: {line[:40]}", code="record")
    if held:
        yield held


def _pieces(line, layout):
    """The records of a line, each with the end that stood behind it."""
    pieces = _NEXT.split(line)
    layout.joined += len(pieces) > 1
    return [f"{piece.rstrip()}/" for piece in pieces[:-1]] + pieces[-1:]


def _lines(stream):
    """Lines that are not empty, without blanks around them."""
    is_first = True
    for line in lines(stream):
        if is_first:
            line, is_first = line.removeprefix(codecs.BOM_UTF8), False
        try:
            text = line.decode()
        except UnicodeDecodeError:
            text = line.decode("latin-1")
        if "\0" in text:
            raise MalformedPayload("the file holds control characters", code="control")
        if text := text.strip(" \t\r\n\x1a"):
            yield text
