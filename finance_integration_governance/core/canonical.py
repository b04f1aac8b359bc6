"""Canonical text: one value, one spelling, so that equal things have equal digests.

UTF-8, Unicode NFC, keys in code-point order, absent values left out, Decimal in plain notation, instants in UTC.
Floats are refused, because what they print depends on who prints them. Members of a dataclass that do not take part in
its comparison (`field(compare=False)`: keys, places in a file) say which object it is, not what it is; they are left out.
"""

import dataclasses
import datetime as dt
import hashlib
import json
import unicodedata
from decimal import Decimal
from functools import cache
from operator import attrgetter

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def plain(number):
    """Decimal as text: no exponent, trailing zeros or minus zero; never rounded. ValueError for NaN and infinity."""
    if not number.is_finite():
        raise ValueError(f"{number} is not an amount")
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _text(value):
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def _instant(value):
    if value.tzinfo is None:
        raise ValueError("a time without a zone has no canonical text")
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _mapping(value):
    spelled = {_text(key): simple(item) for key, item in value.items() if item is not None}
    return {key: spelled[key] for key in sorted(spelled)}


def _sequence(value):
    return [simple(item) for item in value]


_SPELLING = {
    str: _text,
    bool: bool,
    int: int,
    Decimal: plain,
    dt.datetime: _instant,
    dt.date: dt.date.isoformat,
    dict: _mapping,
    list: _sequence,
    tuple: _sequence,
    type(None): lambda value: None,
}


def simple(value):
    """The value in JSON's own types, spelled canonically. TypeError for a float or a type without a spelling."""
    spell = _SPELLING.get(type(value))
    if spell:
        return spell(value)
    if dataclasses.is_dataclass(value):
        return _members(type(value))(value)
    raise TypeError(f"{type(value).__name__} has no canonical text")


@cache
def _members(cls):
    # Members that are left out of comparison say which object this is, not what it says.
    names = tuple(sorted(field.name for field in dataclasses.fields(cls) if field.compare))
    values = attrgetter(*names) if len(names) > 1 else lambda obj: (getattr(obj, names[0]),)

    def members(obj):
        """Members that have a value, in code-point order; empty sequences count as absent."""
        return {
            name: value if type(value) is str and value.isascii() else simple(value)
            for name, value in zip(names, values(obj), strict=True)
            if value is not None and value != ()
        }

    return members


def canonical(value):
    """The canonical text of a dataclass, mapping, sequence or plain value."""
    return _dumps(simple(value))


def digest(text):
    """SHA-256 over the UTF-8 bytes of the text, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def told(obj):
    """(canonical text, its digest) of a canonical object."""
    text = canonical(obj)
    return text, digest(text)
