"""Canonical text: one value, one spelling, so that equal things have equal digests.

UTF-8, Unicode NFC, keys in code-point order, absent values left out, Decimal in plain notation, instants in UTC.
Floats are refused, because what they print depends on who prints them. Members of a dataclass that do not take part in
its comparison (`field(compare=False)`: keys, places in a file) say which object it is and not what it says; they are
left out.
"""

import dataclasses
import datetime as dt
import hashlib
import json
import unicodedata
from decimal import Decimal
from functools import cache
from json.encoder import encode_basestring
from operator import attrgetter


def plain(number):
    """Decimal as text: no exponent, trailing zeros or minus zero; never rounded. ValueError for NaN and infinity."""
    if not number.is_finite():
        raise ValueError(f"{number} is not an amount")
    text = str(number)
    if "E" in text:
        text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def nfc(value):
    """The text as canonical text spells it."""
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def _instant(value):
    if value.tzinfo is None:
        raise ValueError("a time without a zone has no canonical text")
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def simple(value):
    """The value in JSON's own types, spelled canonically. TypeError for a float or a type without a spelling."""
    return json.loads(canonical(value))


def canonical(value):
    """The canonical text of a dataclass, mapping, sequence or plain value. TypeError for what has no spelling."""
    kind = type(value)
    write = _WRITE.get(kind) or _writer(kind)
    return write(value)


@cache
def _writer(cls):
    # A kind of text, number or time is spelled as that.
    known = next((base for base in _WRITE if issubclass(cls, base)), None)
    if known:
        return _WRITE[known]
    if not dataclasses.is_dataclass(cls):
        raise TypeError(f"{cls.__name__} has no canonical text")
    # Members that are left out of comparison say which object this is, not what it says.
    names = sorted(field.name for field in dataclasses.fields(cls) if field.compare)
    values = attrgetter(*names) if len(names) > 1 else lambda obj: (getattr(obj, names[0]),)
    labels = [f"{encode_basestring(name)}:" for name in names]

    def write(obj):
        """Members that have a value, in code-point order; empty sequences count as absent."""
        parts = [
            # Most members are plain texts; calling for each of them would cost more than writing it.
            label + encode_basestring(value)
            if value.__class__ is str and value.isascii()
            else label + (_WRITE.get(value.__class__) or canonical)(value)
            for label, value in zip(labels, values(obj), strict=True)
            if value is not None and (value or value != ())
        ]
        return "{" + ",".join(parts) + "}"

    return write


def _write_text(value):
    return encode_basestring(value if value.isascii() else unicodedata.normalize("NFC", value))


def _write_mapping(value):
    spelled = {nfc(key): canonical(item) for key, item in value.items() if item is not None}
    return "{" + ",".join(f"{encode_basestring(key)}:{spelled[key]}" for key in sorted(spelled)) + "}"


def _write_sequence(value):
    return "[" + ",".join(map(canonical, value)) + "]"


_WRITE = {
    str: _write_text,
    bool: lambda value: "true" if value else "false",
    int: int.__repr__,
    Decimal: lambda value: f'"{plain(value)}"',
    dt.datetime: lambda value: f'"{_instant(value)}"',
    dt.date: lambda value: f'"{value.isoformat()}"',
    dict: _write_mapping,
    list: _write_sequence,
    tuple: _write_sequence,
    type(None): lambda value: "null",
}


def digest(text):
    """SHA-256 over the UTF-8 bytes of the text, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def told(obj):
    """(canonical text, its digest) of a canonical object."""
    text = canonical(obj)
    return text, digest(text)
