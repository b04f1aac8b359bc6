"""Lists as CSV that a spreadsheet opens without running anything that stands in them.

A cell that begins like a formula (OWASP ASVS 5.0, 1.2.10; CWE-1236) gets an apostrophe in front. Numbers stay numbers:
Decimal, integers and texts that are nothing but a number are written as they are.
"""

import csv
import datetime as dt
import re
from decimal import Decimal

from .canonical import canonical, plain

# What a spreadsheet takes for the beginning of a formula, and the full-width forms that some turn into it. Behind
# apostrophes too: a text that looks guarded already gets another one, so that taking it off is exact.
_FORMULA = re.compile(r"'*[\s\ufeff]*[=+\-@\t\r\n\0＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def guarded(value):
    """The cell's text: numbers plain, absent empty, texts with their guard, anything else as canonical text."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return plain(value)
    text = value if isinstance(value, str) else canonical(value)
    if isinstance(value, dt.date):
        text = text.strip('"')
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text):
    """The text as it was before `guarded` put its apostrophe there."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def write(stream, rows):
    """Write rows of cells to a text stream (RFC 4180: commas, CRLF)."""
    csv.writer(stream, lineterminator="\r\n").writerows([guarded(cell) for cell in row] for row in rows)
