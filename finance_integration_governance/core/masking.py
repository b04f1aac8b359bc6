"""Field classes: which members of canonical objects say who somebody is, and how they are shown and sent without it.

A member is declared with an alias of this module, such as `PersonName`. A mask keeps what helps to recognise a value
one knows already. A token stands for one value of one class, always the same under one key, and says nothing else.
"""

import dataclasses
import hashlib
import hmac
import typing
from decimal import Decimal
from functools import cache

from .canonical import canonical, digest
from .contract import Text
from .errors import ConfigurationError

CLASSES = {
    "name": "Names of persons and companies",
    "iban": "Account numbers",
    "email": "E-mail addresses",
    "text": "Free text, such as remittance information",
    "amount": "Amounts",
}
HOW = ("mask", "token")
_TOKEN = 32  # hexadecimal digits: 128 bits


@dataclasses.dataclass(frozen=True)
class FieldClass:
    """Marks a member of a contract: `Annotated[str, Text(140), FieldClass("name")]`."""

    name: str


PersonName = typing.Annotated[str, Text(140), FieldClass("name")]
AccountNumber = typing.Annotated[str, Text(140), FieldClass("iban")]
Email = typing.Annotated[str, Text(140), FieldClass("email")]
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


def shown(cls, content, hidden):
    """A stored content as a person may see it to whom these classes are hidden."""
    known = classes(cls)
    return {
        name: mask(known[name], value) if known.get(name) in hidden and isinstance(value, str) else value
        for name, value in content.items()
    }


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
