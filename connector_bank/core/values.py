"""Texts from outside as amounts, dates and numbers, strictly: what is not one is None, never a guess."""

import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache

# ISO 20022: at most 18 digits, 5 of them decimals; no sign, because the side stands beside the amount.
_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,5}0*)?|\.[0-9]{1,5}0*")
_SIGNED = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{0,17})?")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2}|T[0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?")
_BLANK = " \t\r\n"
_DIGITS = 38
# Digits with at most one point among them, and too few of them for six decimals.
_SHORT = 7


def amount(text):
    """An unsigned amount, or None."""
    if not text:
        return None
    if len(text) <= _SHORT and text[0] != "." != text[-1] and text.replace(".", "", 1).isdigit() and text.isascii():
        return Decimal(text)
    text = text.strip(_BLANK)
    return Decimal(text) if len(text) <= _DIGITS and _AMOUNT.fullmatch(text) else None


def signed(text):
    """A number that may be negative, or None."""
    text = text.strip(_BLANK) if text else ""
    return Decimal(text) if text and _SIGNED.fullmatch(text) else None


def count(text):
    """A number of things, or None."""
    text = text.strip(_BLANK) if text else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


@lru_cache(maxsize=4096)
def day(text):
    """The date as the bank wrote it, without moving it to another time zone, or None."""
    match = _DATE.fullmatch(text.strip(_BLANK)) if text else None
    return _existing(match[1]) if match else None


def _existing(text):
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def flag(text):
    """An XML boolean, or None."""
    return {"true": True, "1": True, "false": False, "0": False}.get(text.strip(_BLANK)) if text else None


def clean(text):
    """The text with single blanks, or None where nothing is in it."""
    if not text:
        return None
    return text if text.isalnum() else " ".join(text.split()) or None


@lru_cache(maxsize=1024)
def is_currency(text):
    return bool(text) and len(text) == 3 and text.isascii() and text.isupper()


@lru_cache(maxsize=1024)
def dashed(*texts):
    """The texts that say something, with dashes between them, or None."""
    return "-".join(filter(None, map(clean, texts))) or None
