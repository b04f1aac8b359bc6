"""SWIFT customer statement messages (MT940, MT942) as fields, out of files that banks make of them.

Files hold messages with or without blocks `{1:}{2:}{4:`, with or without a line `-` at the end, with lines before,
between and after them, in UTF-8 or in the bank's own characters. A message begins with its field :20:, and one is held
at a time.
Source: SWIFT Standards Category 9, Cash Management and Customer Status, MT 940 and MT 942.
"""

import codecs
import re

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

from .lines import lines

MAX_HELD = 64 << 20
_FIELD = re.compile(r"^:([0-9]{2}[A-Z]?|NS):", re.M)
_PART_OF_ONE = re.compile(rb"^:(?:25P?|28C?|6[0-9][A-Z]?|90[CD]):", re.M)
_BLOCK, _END_OF_BLOCK = b"{4:\n", b"-}"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def messages(stream):
    """Yield the fields of each message: a list of (tag, text); a text may have several lines."""
    held, size, in_block = [], 0, False
    for line in _lines(stream):
        if line.startswith(b":20:"):
            yield from _message(held)
            held, size = [], 0
        elif line.startswith(_END_OF_BLOCK):
            in_block = line.endswith(_BLOCK)
        elif line.endswith(_BLOCK):
            _refuse_open(in_block)
            in_block = True
        held.append(line)
        size += len(line)
        if size > MAX_HELD:
            raise MalformedPayload("one message is too large to be read", code="too_large")
    _refuse_open(in_block)
    yield from _message(held)


def _refuse_open(in_block):
    if in_block:
        raise MalformedPayload("a message ends before its block does: the file is cut off", code="truncated")


def _lines(stream):
    """Lines with `\\n` at their end, whatever ended them; a block that opens a line is a line of its own."""
    first = True
    for line in lines(stream):
        if first:
            first = False
            if line.startswith(_UTF_16):
                raise MalformedPayload("encoding UTF-16 is not read", code="encoding")
            line = line.removeprefix(codecs.BOM_UTF8)
        # The end-of-file mark of old systems is the end; anywhere else, files were joined carelessly.
        line = line.rstrip(b"\r\x1a")
        if b"\0" in line or b"\x1a" in line:
            raise MalformedPayload("the file holds control characters", code="control")
        if b"\r" in line or b"{4:" in line:
            for part in line.replace(b"{4:", b"{4:\n").replace(b"\r", b"\n").split(b"\n"):
                yield part + b"\n"
        else:
            yield line + b"\n"


def _message(held):
    """The fields of what was held, if it is a message; what stands before the first one belongs to none."""
    raw = b"".join(held)
    if not raw.startswith(b":20:"):
        if _PART_OF_ONE.search(raw):
            raise MalformedPayload("fields stand before the beginning of a message (:20:)", code="no_statement")
        return
    tags = _FIELD.split(_text(raw))
    yield list(zip(tags[1::2], tags[2::2], strict=True))


def _text(raw):
    try:
        return raw.decode()
    except UnicodeDecodeError:
        # Every byte is a character there, so nothing is lost; amounts and dates are ASCII in all of them.
        return raw.decode("latin-1")
