"""Amounts and days as tables of banks spell them, by what was declared; what does not fit is None, never a guess."""

import datetime as dt
import re
from decimal import Decimal
from functools import cache

MARKS = {"comma": ",", "point": "."}
# What stands between thousands beside the other decimal mark: blanks of all kinds, apostrophes.
_BETWEEN = " '’\u00a0\u2009\u202f"
_SYMBOL = re.compile(r"[£€$¥]|\b(?:EUR|CHF|USD|GBP)\b")
_TIME = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:Z|[AP]M|[+-]\d{2}:?\d{2}))?)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS = {
    "YYYY": r"(?P<year>\d{4})",
    "YY": r"(?P<short>\d{2})",
    "MMM": r"(?P<name>[A-Za-z]{3})",
    "MM": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
}
_PART = re.compile("|".join(_PARTS))


@cache
def _amount_shape(mark):
    other = re.escape("." if mark == "," else ",")
    grouped = rf"\d{{1,3}}(?:[{_BETWEEN}{other}]\d{{3}})+|\d+"
    return re.compile(rf"(?P<whole>{grouped})?(?:{re.escape(mark)}(?P<part>\d{{0,5}}))?")


def amount(text, mark):
    """A signed Decimal, or None. The sign may stand before or behind, or be told by brackets."""
    text = _SYMBOL.sub("", text.replace("\u2212", "-")).strip(_BETWEEN)
    is_negative = text.startswith("(") and text.endswith(")")
    text = text[1:-1] if is_negative else text
    if text[:1] in ("+", "-"):
        is_negative, text = is_negative or text[0] == "-", text[1:]
    elif text[-1:] == "-":
        is_negative, text = True, text[:-1]
    found = _amount_shape(mark).fullmatch(text.strip(_BETWEEN))
    if not found or not (found["whole"] or found["part"]):
        return None
    whole = re.sub(r"\D", "", found["whole"] or "0")
    if len(whole) > 18:
        return None
    number = Decimal(f"{whole}.{found['part']}" if found["part"] else whole)
    return number.copy_negate() if is_negative else number


@cache
def _day_shape(pattern):
    """The pattern as a regular expression, or None where it does not say day, month and year once each."""
    parts = _PART.findall(pattern)
    if sorted(part[0] for part in parts) != ["D", "M", "Y"]:
        return None
    between = map(re.escape, _PART.split(pattern))
    shape = next(between) + "".join(_PARTS[part] + text for part, text in zip(parts, between, strict=True))
    return re.compile(shape + _TIME)


def is_pattern(pattern):
    return _day_shape(pattern) is not None


def day(text, pattern):
    """A date written as the pattern says (DD.MM.YYYY, DD MMM YYYY ...), with or without a time behind it; or None."""
    found = _day_shape(pattern).fullmatch(text.strip())
    if not found:
        return None
    told = found.groupdict()
    year = int(told["year"]) if told.get("year") else 2000 + int(told["short"])
    try:
        month = _MONTHS.index(told["name"].lower()) + 1 if told.get("name") else int(told["month"])
        return dt.date(year, month, int(told["day"]))
    except ValueError:
        return None
