"""What a payment says, in the characters and lengths that its scheme allows, and what was changed for it.

SEPA's banks have to take a small Latin set only (EPC217-08): letters without accents, digits, / - ? : ( ) . , ' + and
the blank. What stands outside is written with what comes nearest. References and accounts are never changed: what does
not fit there is refused by the rules of the scheme.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

CHARACTERS = ("sepa", "latin")
_ALLOWED = {
    "sepa": re.compile(r"[A-Za-z0-9/?:().,'+ -]*"),
    # Western European letters, as Swiss, Nordic and most cross-border banks take them.
    "latin": re.compile(r"[ -~\xa1-\xac\xae-\xff]*"),
}
_BLANKS = re.compile(r"\s+")
# Members that people write, and how long each may be; of a foreign payment a name may have twice as many.
LENGTHS = {
    "own_name": 70,
    "own_street": 70,
    "own_building": 16,
    "own_postcode": 16,
    "own_town": 35,
    "own_name_before": 70,
    "other_name": 70,
    "other_street": 70,
    "other_building": 16,
    "other_postcode": 16,
    "other_town": 35,
    "text": 140,
}
_LONG_NAME = 140
_NAMES = ("own_name", "own_name_before", "other_name")
# Where an umlaut is spelled with an e; elsewhere the same letter loses its dots.
_WITH_E = frozenset({"DE", "AT", "CH", "LI"})

_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ẞ": "SS",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "ø": "o",
        "Ø": "O",
        "å": "a",
        "Å": "A",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "þ": "th",
        "Þ": "TH",
        "ł": "l",
        "Ł": "L",
        "ħ": "h",
        "Ħ": "H",
        "ı": "i",
        "ŋ": "n",
        "Ŋ": "N",
        "ŧ": "t",
        "Ŧ": "T",
        "&": "+",
        "@": "(at)",
        "_": "-",
        "~": "-",
        '"': "'",
        "`": "'",
        "´": "'",
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201c": "'",
        "\u201d": "'",
        "\u201e": "'",
        "«": "'",
        "»": "'",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "…": "...",
        "€": "EUR",
        "£": "GBP",
        ";": ",",
        "<": "(",
        ">": ")",
        "[": "(",
        "]": ")",
        "{": "(",
        "}": ")",
        "|": "/",
        "\\": "/",
        # Greek and Cyrillic, as ELOT 743 and the streamlined systems of Bulgaria, Ukraine and Serbia write them.
        **dict(zip("ΑΒΓΔΕΖΗΙΚΛΜΝΞΟΠΡΣΤΥΦ", "AVGDEZIIKLMNXOPRSTYF", strict=True)),
        **dict(zip("αβγδεζηικλμνξοπρσςτυφ", "avgdeziiklmnxoprsstyf", strict=True)),
        "Θ": "TH",
        "θ": "th",
        "Χ": "CH",
        "χ": "ch",
        "Ψ": "PS",
        "ψ": "ps",
        "Ω": "O",
        "ω": "o",
        **dict(zip("АБВГДЕЗИЙКЛМНОПРСТУФЫЭЈІ", "ABVGDEZIYKLMNOPRSTUFYEJI", strict=True)),
        **dict(zip("абвгдезийклмнопрстуфыэјі", "abvgdeziyklmnoprstufyeji", strict=True)),
        "Ж": "ZH",
        "ж": "zh",
        "Х": "H",
        "х": "h",
        "Ц": "TS",
        "ц": "ts",
        "Ч": "CH",
        "ч": "ch",
        "Ш": "SH",
        "ш": "sh",
        "Щ": "SHT",
        "щ": "sht",
        "Ъ": "A",
        "ъ": "a",
        "Ь": "Y",
        "ь": "y",
        "Ю": "YU",
        "ю": "yu",
        "Я": "YA",
        "я": "ya",
        "Ђ": "DJ",
        "ђ": "dj",
        "Љ": "LJ",
        "љ": "lj",
        "Њ": "NJ",
        "њ": "nj",
        "Ћ": "C",
        "ћ": "c",
        "Џ": "DZ",
        "џ": "dz",
        "Є": "YE",
        "є": "ye",
        "Ѓ": "GJ",
        "ѓ": "gj",
        "Ќ": "KJ",
        "ќ": "kj",
        "Ѕ": "DZ",
        "ѕ": "dz",
    }
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


@dataclass(frozen=True)
class Change:
    """One member that was not sent as it is kept: `original` stays beside what was `sent`.

    `how`: characters (others stand for them), cut (it was too long), or left out.
    """

    member: str
    original: str
    sent: str | None
    how: str


def as_sent(payment, characters="sepa"):
    """(the payment as it goes into a file, the `Change`s that were made for it)."""
    left_out = list(_left_out(payment))
    changes = [*_changes(payment, characters, {change.member for change in left_out}), *left_out]
    if not changes:
        return payment, ()
    return replace(payment, **{change.member: change.sent for change in changes}), tuple(changes)


def _changes(payment, characters, gone):
    allowed = _ALLOWED[characters].fullmatch
    for member, limit in LENGTHS.items():
        original = getattr(payment, member)
        if original is None or member in gone:
            continue
        limit = _LONG_NAME if payment.scheme == "foreign" and member in _NAMES else limit
        if len(original) <= limit and allowed(original) and "  " not in original and original == original.strip():
            continue
        written = _BLANKS.sub(" ", spelled(original, characters, payment.own_country)).strip()
        sent = written[:limit].strip()
        how = " and ".join(["characters"] * (written != original) + ["cut"] * (sent != written))
        yield Change(member, original, sent or None, how)


def _left_out(payment):
    """SEPA takes a reference or words, not both; with the reference the other side finds its bill."""
    if payment.reference and payment.text and payment.scheme != "foreign":
        yield Change("text", payment.text, None, "left out, beside the reference")


def spelled(text, characters="sepa", country=None):
    """The text in the allowed characters.

    >>> spelled("Müller & Søn “Łódź”", country="DE"), spelled("Mäkelä", country="FI"), spelled("Ελλάς")
    ("Mueller + Son 'Lodz'", 'Makela', 'Ellas')
    """
    text = unicodedata.normalize("NFC", text)
    if _ALLOWED[characters].fullmatch(text):
        return text
    return "".join(_one(sign, characters, country in _WITH_E) for sign in text)


@lru_cache(maxsize=4096)
def _one(sign, characters, with_e):
    """What stands for one character: itself, what comes nearest, or a full stop."""
    allowed = _ALLOWED[characters].fullmatch
    if allowed(sign):
        return sign
    if sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp"):
        return " "
    for written in (sign.translate(_UMLAUTS) if with_e else sign, sign.translate(_LETTERS), _bare(sign)):
        if written != sign and allowed(written):
            return written
    return "."


def _bare(sign):
    """The letter without its accents; also of Greek and Cyrillic ones."""
    parts = unicodedata.normalize("NFKD", sign)
    return "".join(one.translate(_LETTERS) for one in parts if not unicodedata.combining(one))
