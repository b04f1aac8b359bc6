"""The fields of records of BAI2, and what they mean."""

import re
from functools import lru_cache

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

from . import values

_AMOUNT = re.compile(r"([+-]?)0*([0-9]{1,18})")
_LABELLED = re.compile(r"(EREF|REMI|DBNM|CRNM|DACT|CACT): ?(.*)")
_NO_EXTRA = frozenset(("", "Z", "0", "1", "2"))
_LABELS = {
    "EREF": "end_to_end",
    "DBNM": "debtor",
    "CRNM": "creditor",
    "DACT": "debtor_account",
    "CACT": "creditor_account",
}


@lru_cache(maxsize=1024)
def is_credit(code):
    """The side that a type of detail is on: 100 to 399 credits, 400 to 699 debits, 920 to 999 as the bank agreed."""
    if not (len(code) == 3 and code.isascii() and code.isdigit()):
        raise MalformedPayload(f"type {code[:20]} is none", code="unknown_type")
    number = int(code)
    if 100 <= number < 400 or 920 <= number < 960:
        return True
    if 400 <= number < 700 or number >= 960:
        return False
    raise MalformedPayload(f"type {code} names no side of the account", code="unknown_type")


def summaries(fields):
    """(type, amount, count) of the groups of four that a record 03 goes on with; funds types bring more fields."""
    rest = list(fields)
    while rest:
        code, amount, count, funds = (rest + [""] * 4)[:4]
        del rest[:4]
        del rest[: _width(funds, rest)]
        if code:
            yield code, amount, count


def _width(funds, rest):
    """How many fields belong to a funds type: date and time (V), three amounts (S), a list of its own length (D)."""
    if funds == "D":
        return 1 + 2 * (int(rest[0]) if rest and rest[0].isdigit() else 0)
    return {"V": 2, "S": 3}.get(funds, 0)


def detail_fields(segments):
    """(type, amount, funds type, value date, the bank's reference, the customer's, lines of text) of a record 16."""
    parts = segments[0].split(",", 5)
    if len(parts) > 4 and parts[2] in _NO_EXTRA:
        code, amount, funds, bank, customer = parts[:5]
        if " " in segments[0] or not segments[0].isprintable():
            code, amount, funds, bank, customer = map(str.strip, parts[:5])
        return code, amount, funds, "", bank, customer, [*parts[5:], *segments[1:]]
    (code, amount, funds), rest = padded(*split(segments, 3), 3)
    day, rest = _extra(funds, rest)
    (bank, customer), lines = padded(*split(rest, 2), 2)
    return code, amount, funds, day, bank, customer, lines


def _extra(funds, rest):
    """(value date, the segments behind what belongs to the funds type)."""
    if funds == "D":
        (count,), rest = padded(*split(rest, 1), 1)
        return "", split(rest, 2 * (int(count) if count.isdigit() else 0))[1]
    found, rest = split(rest, {"V": 2, "S": 3}.get(funds, 0))
    return (found[0] if funds == "V" and found else ""), rest


def split(segments, number):
    """The first `number` fields of the segments, and the segments behind them."""
    found, rest = [], list(segments)
    while rest and len(found) < number:
        parts = rest.pop(0).split(",", number - len(found))
        if len(parts) > number - len(found):
            rest.insert(0, parts.pop())
        found += parts
    return [text.strip() for text in found], rest


def padded(found, rest, number):
    return (found + [""] * number)[:number], rest


def text_of(lines):
    """The text of an entry, and what some banks name in it line by line."""
    told, texts = {}, []
    for line in lines:
        found = _LABELLED.match(line) if line[4:5] == ":" else None
        if found and found[1] in _LABELS:
            told.setdefault(_LABELS[found[1]], found[2])
        elif line and not line.isspace():
            texts.append(found[2] if found else line)
    if texts:
        told["remittance"] = texts
    return told


def whole(text, code):
    """The number as written; nothing is zero."""
    number = int(text) if text.isdigit() and text.isascii() and len(text) <= 18 else number_in(text.strip() or "0")
    if number is None:
        raise MalformedPayload(f"an amount of type {code[:20]} cannot be read", code="amount")
    return number


def number_in(text):
    found = _AMOUNT.fullmatch(text)
    return (-int(found[2]) if found[1] == "-" else int(found[2])) if found else None


@lru_cache(maxsize=1024)
def day_of(text):
    """`YYMMDD` or `YYYYMMDD` as a day."""
    full = text if len(text) == 8 else f"20{text}"
    day = f"{full[:4]}-{full[4:6]}-{full[6:]}"
    if values.day(day) is None:
        raise MalformedPayload(f"{text[:20] or 'nothing'} is not a date", code="date")
    return day
