"""JSON as money needs it: Decimal, no doubled keys, no NaN, capped in size and depth; what breaks that is malformed.

Python's reader takes the last of two equal keys, floats for amounts and `NaN` as a number. A bank would not.
"""

import json
import re
from decimal import Decimal

from .errors import MalformedPayload

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 100  # of one number, written out; a short text such as 1e999999 must not become a long one later
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def loads(data, *, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH):
    """The value of UTF-8 bytes. Raises MalformedPayload, whose text says where and why but never repeats content."""
    if len(data) > max_bytes:
        raise MalformedPayload(f"JSON of more than {max_bytes} bytes", code="too_large")
    _check_depth(data, max_depth)
    try:
        value = _DECODER.decode(data.decode("utf-8-sig"))
        if b"\\ud" in data.lower():
            _check_surrogates(value)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedPayload(f"this is not JSON: {error.msg} at {where}") from None
    except UnicodeError:
        # UnicodeError carries the bytes it stumbled over, so it is not chained.
        raise MalformedPayload("the JSON is not valid UTF-8") from None
    except ValueError as error:
        raise MalformedPayload(f"the JSON was refused: {error}") from None
    return value


def _check_depth(data, limit):
    depth = 0
    # Only brackets outside strings count; removing the rest first keeps this loop short.
    for bracket in _STRING.sub(b"", data).translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > limit:
            raise MalformedPayload(f"JSON nested deeper than {limit} levels", code="too_deep")


def _check_surrogates(value):
    # Half a surrogate pair is a Python text, but no UTF-8, so it would break later, in a digest or in the database.
    json.dumps(value, ensure_ascii=False, default=str).encode()


def _pairs(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key comes twice in one object")
    return members


def _decimal(text):
    number = Decimal(text)
    if abs(number.adjusted()) + len(text) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return number


def _integer(text):
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of more than {MAX_DIGITS} digits")
    return int(text)


def _refuse(_text):
    raise ValueError("NaN and Infinity are not numbers here")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_decimal, parse_int=_integer, parse_constant=_refuse, strict=True
)
