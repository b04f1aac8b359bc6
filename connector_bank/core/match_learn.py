"""What people did with a counterparty and its words, as proposals; never more than that without an approved rule."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from .match import Learned
from .match_reference import bare

ENOUGH = 3  # times that people agreed before it is worth a rule
_LEGAL = "GMBH AG KG OHG UG MBH CO LTD LIMITED LLC INC CORP SA SAS SARL SRL SPA BV NV OY AB AS APS PLC SE EK EV UND AND"
_FORMS = frozenset(_LEGAL.split())


@dataclass(frozen=True, slots=True)
class Deed:
    """One line that a person has matched: with a partner's items, or by booking it to an account."""

    key: tuple
    partner: int | None = None
    account: str = ""
    amount: Decimal = Decimal()


def plain_name(name):
    """A name without legal forms, signs and order of words."""
    spelled = (name or "").upper().replace("Ä", "AE").replace("Ö", "OE").replace("Ü", "UE").replace("ß", "SS")
    parts = "".join(char if char.isalnum() else " " for char in spelled).split()
    return " ".join(sorted({part for part in parts if part not in _FORMS}))


def plain_words(text):
    """What of a remittance comes again next time: words of letters only, in their order."""
    spelled = "".join(char if char.isalpha() else " " if not char.isdigit() else "0" for char in (text or "").upper())
    return " ".join(dict.fromkeys(word for word in spelled.split() if len(word) > 2 and "0" not in word))[:80]


def key_of(line):
    """(direction, who, words): lines with one key are of one kind."""
    who = bare(line.account) or plain_name(line.name)
    return ("in" if line.amount > 0 else "out", who, plain_words(line.text))


def payer_of(line):
    """(direction, who) whatever the words: who pays for whom."""
    direction, who, _words = key_of(line)
    return (direction, who, "*")


def learn(deeds):
    """(key -> Learned, disputed keys): what people did alike, and with what they did now this, now that."""
    seen = defaultdict(lambda: defaultdict(list))
    for deed in deeds:
        if deed.key[1] or deed.key[2]:
            seen[deed.key][deed.partner, deed.account].append(abs(deed.amount))
    found = {}
    for key, told in seen.items():
        if len(told) == 1:
            [((partner, account), amounts)] = told.items()
            found[key] = Learned(partner, account, len(amounts), "", min(amounts), max(amounts))
    return found, {key for key, told in seen.items() if len(told) > 1}


def worth_a_rule(learned):
    """What was learned often enough to be proposed as a rule, the most usual first; of nobody no rule is made."""
    often = {key: one for key, one in learned.items() if one.seen >= ENOUGH and not one.name and key[1]}
    return dict(sorted(often.items(), key=lambda item: (-item[1].seen, item[0])))
