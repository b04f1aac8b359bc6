"""Field classes: which members of canonical objects say who somebody is, and how they are shown and sent without it.

A member is declared with an alias of this module, such as `PersonName`. A mask keeps what helps to recognise a value
one knows already. A token stands for one value of one class, always the same under one key, and says nothing else.
"""

import dataclasses
import hashlib
import hmac
import re
import typing
from decimal import Decimal
from functools import cache

from .canonical import canonical, digest
from .contract import Text, members
from .errors import ConfigurationError

CLASSES = {
    "name": "Names of persons and companies",
    "iban": "Account numbers",
    "email": "E-mail addresses",
    "phone": "Telephone numbers",
    "address": "Streets, postal codes and towns",
    "vat": "VAT and tax numbers",
    "text": "Free text, such as remittance information",
    "amount": "Amounts",
}
HOW = ("mask", "token")
_TOKEN = 32  # hexadecimal digits: 128 bits
# What can be told apart in a sentence; a name cannot, so sentences about a person never hold one.
_IN_WORDS = {
    "iban": re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}\b"),
    "email": re.compile(r"[^\s@,;:()<>\"']+@[^\s@,;:()<>\"']+\.[^\W\d_]{2,}"),
    "amount": re.compile(r"(?<![\w.,:/-])-?[0-9][0-9.,']*[.,][0-9]+(?![\w.:/-]*\w)|(?<=[A-Z]{3} )-?[0-9][0-9.,']*"),
}

# A part of a key that is an amount with its currency, or has a decimal point.
_IN_KEYS = re.compile(
    r"(?<=[:|#/])-?[0-9]+(?:\.[0-9]+)?(?=[A-Z]{3}(?:[:|#/]|$))|(?<=[:|#/])-?[0-9]+\.[0-9]+(?=[:|#/]|$)"
)


@dataclasses.dataclass(frozen=True)
class FieldClass:
    """Marks a member of a contract: `Annotated[str, Text(140), FieldClass("name")]`."""

    name: str


PersonName = typing.Annotated[str, Text(140), FieldClass("name")]
AccountNumber = typing.Annotated[str, Text(140), FieldClass("iban")]
Email = typing.Annotated[str, Text(140), FieldClass("email")]
Phone = typing.Annotated[str, Text(64), FieldClass("phone")]
Street = typing.Annotated[str, Text(140), FieldClass("address")]
FreeText = typing.Annotated[str, Text(20_000), FieldClass("text")]


@cache
def classes(cls):
    """member -> field class, of a canonical object's class; amounts are known by their type."""
    found = {}
    for name, hint in typing.get_type_hints(cls, include_extras=True).items():
        told = [part for part in _parts(hint) if isinstance(part, FieldClass) or part is Decimal]
        if told:
            found[name] = told[0].name if isinstance(told[0], FieldClass) else "amount"
    return found


def _parts(hint):
    """The types and marks of which a type hint is made."""
    yield hint
    yield from getattr(hint, "__metadata__", ())
    if typing.get_origin(hint) is typing.Annotated:
        return
    for part in typing.get_args(hint):
        yield from _parts(part)


def mask(kind, value):
    """The value as somebody may see it who need not know it."""
    if not value or kind == "amount":
        return "…" if value is not None else None
    if kind == "iban":
        return f"…{value[-4:]}" if len(value) > 8 else "…"
    if kind == "email" and "@" in value:
        return f"{value[0]}…@{value.rpartition('@')[2]}"
    return f"{value[0]}…" if kind == "name" else "…"


def token(kind, value, key):
    """A stand-in for the value, the same each time under the same key (text, kept outside the database)."""
    if not key:
        raise ConfigurationError("there is no token_key on this installation", code="no_token_key")
    mac = hmac.new(key.encode(), f"{kind}\x1f{value}".encode(), hashlib.sha256)
    return f"tok_{mac.hexdigest()[:_TOKEN]}"


def shown(cls, content, hidden, hide=mask):
    """A stored content as somebody may see it to whom these classes are hidden; `hide(class, text)`: a stand-in."""
    known, parts = classes(cls), _parts_of(cls)
    return {name: _seen(value, known.get(name), parts.get(name), hidden, hide) for name, value in content.items()}


def _seen(value, kind, part, hidden, hide):
    if isinstance(value, list):
        return [_seen(one, kind, part, hidden, hide) for one in value]
    if isinstance(value, dict) and part:
        return shown(part, value, hidden, hide)
    if isinstance(value, dict):  # a row as it came: which column names somebody is not known
        return dict.fromkeys(value, "…")
    return hide(kind, value) if kind in hidden and isinstance(value, str) else value


@cache
def _parts_of(cls):
    """member -> the dataclass of the part or parts that it holds."""
    told = {member.name: member.item or member.type for member in members(cls)}
    return {name: part for name, part in told.items() if dataclasses.is_dataclass(part)}


def shown_words(text, hidden, known=()):
    """A sentence without the `known` values (pairs of class and text) and without what can be told apart in it."""
    for kind, value in sorted(known, key=lambda one: -len(one[1])):
        text = text and text.replace(value, mask(kind, value))
    for kind, pattern in _IN_WORDS.items():
        if text and kind in hidden:
            text = pattern.sub(lambda found, kind=kind: mask(kind, found[0]), text)
    return text


def shown_key(key):
    """A key without the amounts in it, such as the closing balance in that of a statement."""
    return key and _IN_KEYS.sub("…", key)


def hidden_values(cls, content, hidden):
    """(class, text) of everything in a stored content that is hidden; amounts are written in too many ways."""
    found = set()
    shown(cls, content, hidden - {"amount"}, lambda kind, value: found.add((kind, value)))
    return {(kind, value) for kind, value in found if len(value) > 1}


class StandIns:
    """Makes what stands for hidden values: tokens where there is a key, else masks. `counts`: class -> how many."""

    def __init__(self, hidden, key=None):
        self.hidden, self.key, self.counts = frozenset(hidden), key, {}

    @property
    def how(self):
        return "token" if self.key else "mask"

    def of(self, cls, content):
        """The content with stand-ins; of a contract that is not known here, nothing but the names of its members."""
        if cls is None:
            self._count("unknown", len(content))
            return dict.fromkeys(content, "…")
        return shown(cls, content, self.hidden, self._hide)

    def proof(self):
        """What was hidden, how and how often; not what it was."""
        told = {"hidden": sorted(self.hidden), "how": self.how, "values": dict(self.counts)}
        return told | {"rule": digest(canonical([told["hidden"], told["how"]]))}

    def _hide(self, kind, value):
        self._count(kind, 1)
        return token(kind, value, self.key) if self.key and value else mask(kind, value)

    def _count(self, kind, number):
        self.counts[kind] = self.counts.get(kind, 0) + number


class Outgoing:
    """Masks and tokenises what leaves. `rules`: member -> mask or token. `counts`: member -> how many values."""

    def __init__(self, rules, key):
        self.rules, self.key, self.counts = rules, key, {}

    @property
    def digest(self):
        """Of the rule, not of the key: the proof says what was done, not how to undo it."""
        return digest(canonical(self.rules))

    def of(self, one):
        """The object as it leaves; ConfigurationError where that would change which object it is, or its amount."""
        known = classes(type(one))
        values = {name: getattr(one, name) for name in self.rules if getattr(one, name, None) not in (None, "")}
        changed = {name: self._value(known.get(name, "text"), name, value) for name, value in values.items()}
        if not changed:
            return one
        made = dataclasses.replace(one, **changed)
        if (made.key, made.scope, made.amount, made.currency, made.on) != (
            one.key, one.scope, one.amount, one.currency, one.on
        ):  # fmt: skip
            told = ", ".join(sorted(changed))
            raise ConfigurationError(f"{told} says which object this is, or its amount, and cannot be masked")
        for name in changed:
            self.counts[name] = self.counts.get(name, 0) + 1
        return made

    def _value(self, kind, name, value):
        if not isinstance(value, str):
            raise ConfigurationError(f"{name} is no text and cannot be masked")
        return mask(kind, value) if self.rules[name] == "mask" else token(kind, value, self.key)
