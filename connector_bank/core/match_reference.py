"""References in the words of a payment: those with check digits, and numbers of documents as whole words."""

import re

_PARTS = re.compile(r"[\s,;:()\[\]&|\"'<>=]+")
_EDGE = ".,/-_#*+"
_BARE = re.compile(r"[^A-Z0-9]")
_RF = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}")
_BELGIAN = re.compile(r"(\+{3}|\*{3})\s*(\d{3})\s*/\s*(\d{4})\s*/\s*(\d{5})\s*(\+{3}|\*{3})")
_MOD10 = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)
_LONGEST = 8  # words that a number may be torn into
SHORTEST = 5  # characters of a number that says something by itself
_DIGITS = 4


def bare(text):
    """Letters and digits only, in capitals: the form in which numbers are compared."""
    return _BARE.sub("", (text or "").upper())


def words(text):
    """The words of a text as written, without punctuation at their edges."""
    return [word for part in _PARTS.split(text or "") if (word := part.strip(_EDGE))]


def is_structured(number):
    """Whether the bare number carries a check digit that is right: ISO 11649, Belgian, Swiss QR.

    Shorter ones with one digit of check (Finnish, Norwegian) a tenth of all numbers has by chance.
    """
    if _RF.fullmatch(number):
        return _mod97(number[4:] + number[:4]) == 1
    if not number.isdigit():
        return False
    return _belgian(number) or _swiss(number)


def is_kid(number):
    """A Norwegian customer identification: up to 25 digits, the last by modulus 10 or 11."""
    if not (number.isdigit() and SHORTEST <= len(number) <= 25):
        return False
    return _luhn(number) or _mod11(number)


def structured(text):
    """Bare structured references in a text, also those that are written in groups."""
    found = ["".join(match.group(2, 3, 4)) for match in _BELGIAN.finditer(text or "")]
    cut = [bare(word) for word in words(text)]
    for begin in range(len(cut)):
        number = ""
        for part in cut[begin : begin + _LONGEST]:
            number += part
            is_long = number.startswith("RF") or len(number) == 27
            if number and is_long and is_structured(number):
                found.append(number)
    return [number for number in dict.fromkeys(found) if is_structured(number)]


def whole(text):
    """The numbers that stand in a text as whole words, bare, in their order."""
    return list(dict.fromkeys(number for word in words(text) if is_telling(number := bare(word))))


def torn(text):
    """Numbers as they read when some neighbouring words are drawn together: proposals only come of them."""
    cut = [bare(word) for word in words(text)]
    found = {}
    for begin in range(len(cut)):
        for end in range(begin + 2, min(begin + _LONGEST, len(cut)) + 1):
            number = "".join(cut[begin:end])
            if len(number) > 30:
                break
            found[number] = None
    return list(found)


def is_telling(number):
    """Whether a bare number is long enough to be no coincidence."""
    return len(number) >= SHORTEST and sum(char.isdigit() for char in number) >= _DIGITS


def is_date(number):
    """Whether digits read as a day: 20260312, 12032026, 120326."""
    if not number.isdigit() or len(number) not in (6, 8):
        return False
    if len(number) == 6:
        return _is_day(number[4:], number[2:4], number[:2]) or _is_day(number[:2], number[2:4], number[4:])
    year, end = number[:4], number[4:]
    as_iso = 1990 <= int(year) <= 2100 and _is_day(end[2:], end[:2])
    return as_iso or (1990 <= int(end) <= 2100 and _is_day(number[:2], number[2:4]))


def _is_day(day, month, _year=None):
    return 1 <= int(day) <= 31 and 1 <= int(month) <= 12


def _mod97(text):
    return int("".join(str(int(char, 36)) for char in text)) % 97


def _belgian(number):
    return len(number) == 12 and (int(number[:10]) % 97 or 97) == int(number[10:])


def _swiss(number):
    if len(number) != 27 or not int(number):
        return False
    carry = 0
    for digit in number[:-1]:
        carry = _MOD10[(carry + int(digit)) % 10]
    return (10 - carry) % 10 == int(number[-1])


def _luhn(number):
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0


def _mod11(number):
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(number[:-1])))
    return (11 - total % 11) % 11 == int(number[-1])
