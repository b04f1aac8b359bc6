"""Exchange rates as they are published: the ECB's XML, its CSV with a column for each currency, or a row for each rate.

    XML    <Cube><Cube time="2026-03-02"><Cube currency="USD" rate="1.0837"/>...</Cube>...</Cube>
    wide   Date,USD,JPY,...          with the base that the connection names; N/A or nothing: no rate that day
    long   date,base,currency,rate   in any order of columns

Half a file is none, and a figure that is no positive number refuses the file with the place where it stands.
"""

import datetime as dt
import io
import re
from decimal import Decimal

from odoo.addons.finance_integration_governance.core import xml
from odoo.addons.finance_integration_governance.core.csv_rows import rows_in
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload, printable

from .rate import Rate
from .whole import Watched

ENVELOPE = "http://www.gesmes.org/xml/2002-08-01"
EUROFXREF = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref"
_DAY = xml.Groups("days", {"Cube": xml.Groups("rates", {}, ("currency", "rate"))}, ("time",))
_TABLE = xml.bound({"Cube": xml.Parts({"Cube": _DAY}, "Cube")}, EUROFXREF)
_LONG = ("date", "base", "currency", "rate")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_CODE = re.compile(r"[A-Z]{3}")
_NOTHING = ("", "N/A", "-")


def from_xml(stream, base="EUR"):
    """`Rate`s of the ECB's daily, 90-day or historical file, day by day as they stand there.

    Raises MalformedPayload for other XML, for a file without any day and for a figure that is none.
    """
    count = 0
    for kind, told in xml.read(stream, _table_of):
        if kind == "part":
            day = _day(told.get("time"), "Cube")
            for one in told.get("rates", ()):
                yield _rate(base, one.get("currency"), day, one.get("rate"), f"{day}")
                count += 1
    if not count:
        raise MalformedPayload("the file holds no rates", code="no_rates")


def _table_of(namespace, name):
    if (namespace, name) != (ENVELOPE, "Envelope"):
        raise MalformedPayload("this is no file of reference rates of the ECB", code="other_document")
    return _TABLE


def from_csv(stream, delimiter, base):
    """`Rate`s of a table in UTF-8, its first row naming the columns; see the module for both layouts."""
    rows = rows_in(stream, "utf-8-sig", delimiter)
    heads = [head.strip() for head in next(rows, (1, []))[1]]
    read = _long if sorted(head.lower() for head in heads if head) == sorted(_LONG) else _wide
    count = 0
    for number, cells in rows:
        for one in read(heads, [cell.strip() for cell in cells], number, base) if any(cells) else ():
            yield one
            count += 1
    if not count:
        raise MalformedPayload("the file holds no rates", code="no_rates")


def _long(heads, cells, number, _base):
    told = dict(zip((head.lower() for head in heads), cells, strict=False))
    if len(cells) < len(_LONG):
        raise MalformedPayload(f"row {number} has fewer cells than columns")
    place = f"row {number}"
    yield _rate(told["base"], told["currency"], _day(told["date"], place), told["rate"], place)


def _wide(heads, cells, number, base):
    if not heads or heads[0].lower() != "date":
        raise MalformedPayload("the first row names neither date, base, currency, rate nor a date and currencies")
    day = _day(cells[0], f"row {number}")
    for head, cell in zip(heads[1:], cells[1:], strict=False):
        if head and cell not in _NOTHING:
            yield _rate(base, head, day, cell, f"row {number}")


def _day(text, place):
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        raise MalformedPayload(f"{place}: there is no day such as 2026-03-02", code="no_day") from None


def _rate(base, currency, day, text, place):
    if not (_CODE.fullmatch(base or "") and _CODE.fullmatch(currency or "")):
        raise MalformedPayload(f"{place}: a currency has three capital letters", code="no_currency")
    if not _NUMBER.fullmatch(text or "") or not Decimal(text):
        raise MalformedPayload(f"{place}: the rate of {printable(currency, 3)} is no positive number", code="no_rate")
    return Rate(base=base, currency=currency, dated_on=day, rate=Decimal(text))


def read(stream, delimiter=",", base="EUR"):
    """`Rate`s of a binary stream, whichever of the layouts it has."""
    watched = Watched(stream)
    stream = io.BufferedReader(watched)
    head = stream.peek(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return (yield from from_xml(stream, base))
    yield from from_csv(stream, delimiter, base)
    return watched.must_end()
