"""A block list as a file: CSV in UTF-8 with the columns `what` (account, name or VAT number) and `why`."""

import csv
import io

MOST = 10 * 2**20  # bytes: some hundred thousand rows


def read(text):
    """[(what is blocked, why)] of a list. ValueError, in words, where a row names nothing or gives no reason.

    Columns are separated by semicolon, comma or tab; those besides `what` and `why` are left alone.

    >>> read("what;why\\nDE89 3704 0044 0532 0130 00;fraud\\n")
    [('DE89 3704 0044 0532 0130 00', 'fraud')]
    """
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=max(";,\t", key=head.count), restval="")
    rows.fieldnames = [name.strip().casefold() for name in rows.fieldnames or ()]
    if not {"what", "why"} <= set(rows.fieldnames):
        raise ValueError("line 1: names the columns, what and why among them")
    return [_entry(row, rows.line_num) for row in rows if any(value for value in row.values())]


def _entry(row, number):
    what, why = row["what"].strip(), row["why"].strip()
    if len(what) < 3 or not why:
        raise ValueError(f"line {number}: an account, name or VAT number, and why it is blocked")
    return what, why


def decoded(content):
    """The text of an uploaded list. ValueError where it is too large, or in another encoding than UTF-8."""
    if len(content) > MOST:
        raise ValueError(f"larger than {MOST // 2**20} MiB")
    return content.decode("utf-8-sig")
