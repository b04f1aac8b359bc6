"""Whether the holder of an account may be whom we mean to pay, and whether two documents bear one number."""

import re

from rapidfuzz import fuzz

from .match_learn import plain_name

ALIKE = 80  # of 100; two letters of ten may differ
TELLING = 3  # shorter numbers say nothing


def alike(one, other):
    """Whether two names may be one: without legal forms, signs and order of words.

    >>> alike("Müller Bau GmbH & Co. KG", "Mueller-Bau"), alike("Canary Paper BV", "John Smith")
    (True, False)
    """
    one, other = _spelled(one), _spelled(other)
    return bool(one and other) and max(fuzz.token_sort_ratio(one, other), fuzz.token_set_ratio(one, other)) >= ALIKE


def _spelled(name):
    for letter, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        name = (name or "").lower().replace(letter, written)
    return plain_name(name)


def number(text):
    """A document's number as it counts: letters and digits only, without leading zeros; empty where it is too short.

    >>> number("RE-2026/0041"), number("re 2026 0041"), number("7")
    ('RE20260041', 'RE20260041', '')
    """
    bare = re.sub(r"[^A-Z0-9]", "", (text or "").upper()).lstrip("0")
    return bare if len(bare) >= TELLING else ""
