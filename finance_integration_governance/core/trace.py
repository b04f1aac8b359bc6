"""Where a thing is: the words by which an item is found, and what somebody types to find it.

An index of millions of items has to be small and quick to write, so it holds numbers: 32 bits for each word. What they
lead to is read again and compared word by word, with the eyes of whoever asks: what is hidden from them finds nothing.
"""

import re
import unicodedata
import zlib
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from .contract import members
from .masking import classes

AMOUNT, NAME, TEXT = "amount", "name", "text"
BEGINNING = 4  # letters of a name by which it is found
_LEAST = 2  # a word of one letter finds everything
_REFERENCE = 140  # how long a member is at least that holds a reference
_DIGEST = 64
_APART = re.compile(r"[\W_]+")
_DIGIT = re.compile(r"\d").search
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,' ]*")
_FORMS = frozenset(
    "ab ag as bv co corp gmbh inc kg limited llc llp ltd mbh nv ohg oy plc sa sarl sas se spa srl".split()  # noqa: SIM905
)
_EXACT = ("iban", "email", "phone", "vat")


class Word(NamedTuple):
    """One word of an item: its field class where it has one, the word, and the member that it stands in."""

    kind: str
    word: str
    member: str


class Asked(NamedTuple):
    """What somebody looks for: as amounts, as one reference, and as words that all have to be there."""

    amounts: frozenset
    whole: str
    words: tuple

    def __bool__(self):
        return bool(self.amounts or self.whole or self.words)


def plain(text):
    """Letters and digits in small letters without accents: `INV/2026-7` and `inv 2026 7` are one reference."""
    return _APART.sub("", _folded(text))


def _folded(text):
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def words(cls, key, amount, content):
    """The words of an item: `cls` is its contract, None where it is not known; `content` is its stored content."""
    told = [Word("", word, "key") for word in _of_key(key)]
    if amount is not None:
        told.append(Word(AMOUNT, _figure(amount), "amount"))
    known = classes(cls) if cls else {}
    for name in _members(cls) if cls else ():
        if isinstance(value := content.get(name), str) and value:
            told += [Word(known.get(name, ""), word, name) for word in _of_value(known.get(name), value)]
    return told


_told = {}


def _members(cls):
    """Members that are worth finding: those that say who somebody is, and references; codes and dates are not."""
    if cls not in _told:
        known = classes(cls)
        _told[cls] = tuple(
            member.name
            for member in members(cls)
            if member.type is str and not member.rule.pattern
            and (known.get(member.name) in (NAME, TEXT, *_EXACT) or member.rule.limit >= _REFERENCE)
        )  # fmt: skip
    return _told[cls]


def _of_key(key):
    """The parts of a key, without the rule that leads it and without fingerprints."""
    parts = re.split(r"[|:]", key)
    told = {plain(part) for part in (parts[1:] or parts)}
    return {word for word in told if _LEAST <= len(word) < _DIGEST}


def _of_value(kind, value):
    if kind in _EXACT:
        return _long(plain(value))
    if kind == NAME:
        return {word for word in _APART.split(_folded(value)) if len(word) >= _LEAST and word not in _FORMS}
    # Of long text what looks like a reference: an invoice number, not every word of every sentence.
    is_long, found = kind == TEXT or len(value) > _REFERENCE, set()
    for part in _folded(value).split():
        if not is_long or _DIGIT(part):
            found |= _long(whole := _APART.sub("", part))
            if whole != part:
                found |= {one for one in _APART.split(part) if len(one) > BEGINNING}
    return found if is_long else found | _long(plain(value))


def _long(word):
    return {word} if len(word) >= _LEAST else set()


def _figure(amount):
    """An amount without sign, as one text."""
    return format(abs(amount).normalize(), "f")


# What stands in the index


def terms(told):
    """The numbers of an item's words."""
    return {_term(word) for word in told}


def _term(word):
    return _number("n", word.word[:BEGINNING]) if word.kind == NAME else _number(_letter(word.kind), word.word)


def _letter(kind):
    return "a" if kind == AMOUNT else "r"


def _number(letter, word):
    """32 bits with sign, as PostgreSQL's integer holds them."""
    number = zlib.crc32(f"{letter}{word}".encode())
    return number - (1 << 32) if number >> 31 else number


def asked_terms(asked, hidden=frozenset()):
    """What to look for in the index: groups of which one has to fit; of its sets each has to have one number there."""
    groups = [[{_number("a", figure)}] for figure in asked.amounts if AMOUNT not in hidden]
    if asked.whole:
        groups.append([{_number("r", asked.whole)}])
    if asked.words and asked.words != (asked.whole,):
        groups.append([_word_terms(word) for word in asked.words])
    elif asked.words:
        groups.append([_word_terms(asked.whole)])
    return groups


def _word_terms(word):
    return {_number("r", word), _number("n", word[:BEGINNING])}


# What somebody types


def asked(text):
    """An `Asked` of what was typed; nothing that can be found is false."""
    text = (text or "").strip()[:200]
    found = tuple(word for word in dict.fromkeys(_APART.split(_folded(text))) if len(word) >= _LEAST)
    found = tuple(word for word in found if word not in _FORMS) or found
    whole = plain(text)
    return Asked(frozenset(_amounts(text)), whole if len(whole) >= _LEAST else "", found)


def _amounts(text):
    """The figures that a text may mean: 1.234 may be a thousand or one."""
    number = re.sub(r"^[A-Za-z]{3} ?| ?[A-Za-z]{3}$|[€$£]", "", text).strip()
    if not _NUMBER.fullmatch(number):
        return set()
    number = re.sub(r"[ '+-]", "", number)
    readings = {number.replace(",", ""), number.replace(".", "").replace(",", ".")}
    return {_figure(value) for one in readings if (value := _decimal(one)) is not None}


def _decimal(text):
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


# Comparing


def match(asked_for, told, hidden=frozenset()):
    """The members by which an item was found, by somebody to whom these field classes are hidden; empty for none."""
    seen = [word for word in told if word.kind not in hidden]
    exact = {
        word.member
        for word in seen
        if (word.kind == AMOUNT and word.word in asked_for.amounts)
        or (word.kind not in (AMOUNT, NAME) and word.word == asked_for.whole)
    }
    if exact or not asked_for.words:
        return exact
    found = [{word.member for word in seen if _fits(word, one)} for one in asked_for.words]
    return set().union(*found) if all(found) else set()


def _fits(word, one):
    if word.kind == NAME:
        return word.word.startswith(one)
    return word.kind != AMOUNT and word.word == one
