"""Canonical objects and their contracts.

A contract is a frozen dataclass with typed members; JSON Schema and the check are derived from it, so there is one
definition. A minor contract version only adds optional members, so old digests stay what they were.
"""

import dataclasses
import datetime as dt
import re
import types
import typing
from decimal import Decimal
from functools import cache
from operator import attrgetter

MAX_DIGITS = 38  # what a `numeric` sum of millions of rows can still hold exactly, and far beyond any ledger


@dataclasses.dataclass(frozen=True)
class Text:
    """A text of at most `limit` characters, matching `pattern` as a whole where one is given."""

    limit: int = 500
    pattern: str | None = None


Name = typing.Annotated[str, Text(140)]
Reference = typing.Annotated[str, Text(140)]
Remittance = typing.Annotated[str, Text(20_000)]
Currency = typing.Annotated[str, Text(3, r"[A-Z]{3}")]
Code = typing.Annotated[str, Text(64)]


@dataclasses.dataclass(frozen=True)
class Breach:
    """One member that breaks the contract; `rule` is one of missing, type, length, pattern, digits, control.

    Where a field map could not make the member, `step` is the transform that failed and `source` what it read.
    """

    member: str
    rule: str
    step: str = ""
    source: str = ""


class Canonical:
    """What every canonical object answers, beside its members.

    `contract`: name and version. `key`: its identity inside its scope. `alt_key`: an identity that holds where the
    first one is not unique in its document (same as `key` where there is none). `parent_key`: the document it belongs
    to. `amount`, `currency`: what it adds to control totals (documents carry no amount of their own). `on`: the date
    that decides its period. `scope`: the business container its key lives in, such as a bank account. Members declared
    with `field(compare=False)` are left out of canonical text and digest: they may differ when a fact is told again.
    `coded`: member -> kind of crosswalk that maps its codes. `trouble`: what a field map could not make of a row, as
    `Breach`es.
    """

    contract = ""
    scope = ""
    coded = {}
    trouble = ()
    parent_key = None
    amount = None
    currency = None
    on = None

    @property
    def key(self):
        raise NotImplementedError

    @property
    def alt_key(self):
        return self.key


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something that a reader noticed about a document and that a person has to decide; a value, not an error.

    `document` is the key of the object concerned, None for the payload as a whole. `code` names the cause. What is
    blocking keeps the document from being delivered until a second person has waived it.
    """

    code: str
    text: str
    document: str | None = None
    facts: dict = dataclasses.field(default_factory=dict)
    blocking: bool = True


def _check_text(rule, value):
    if len(value) > rule.limit:
        return "length"
    if "\x00" in value:
        return "control"
    if rule.pattern and not re.fullmatch(rule.pattern, value):
        return "pattern"
    return None


def _check_decimal(_rule, value):
    if not value.is_finite():
        return "digits"
    _sign, digits, exponent = value.as_tuple()
    return "digits" if len(digits) + abs(exponent) > MAX_DIGITS else None


def _check_instant(_rule, value):
    return None if value.tzinfo else "type"


def _accept(_rule, _value):
    return None


_CHECKS = {str: _check_text, Decimal: _check_decimal, dt.datetime: _check_instant}
_SCHEMA = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string", "format": "decimal"},
    dt.date: {"type": "string", "format": "date"},
    dt.datetime: {"type": "string", "format": "date-time"},
    dict: {"type": "object"},
}


@dataclasses.dataclass(frozen=True)
class Member:
    name: str
    type: type
    optional: bool
    rule: Text
    item: type | None = None


def _unwrap(hint):
    """(base type, optional, rule, item type) of `str`, `Name`, `Name | None` or `tuple[Detail, ...]`."""
    optional = False
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        optional = type(None) in typing.get_args(hint)
        hint = next(arg for arg in typing.get_args(hint) if arg is not type(None))
    if typing.get_origin(hint) is typing.Annotated:
        base, rule, *_rest = typing.get_args(hint)
        return base, optional, rule, None
    if typing.get_origin(hint) is tuple:
        return tuple, True, Text(), typing.get_args(hint)[0]
    return hint, optional, Text(), None


@cache
def members(cls):
    """The contract's members in declaration order: content, not identity (`field(compare=False)`)."""
    hints = typing.get_type_hints(cls, include_extras=True)
    return tuple(
        Member(field.name, base, optional, rule, item)
        for field in dataclasses.fields(cls)
        if field.compare
        for base, optional, rule, item in [_unwrap(hints[field.name])]
    )


@cache
def _checks(cls):
    """(values of an object, its members, for each of them a quick look that only clean texts pass)."""
    told = members(cls)
    names = [m.name for m in told]
    values = attrgetter(*names) if len(names) > 1 else lambda obj: (getattr(obj, names[0]),)
    return values, told, tuple(_looks_right(m) for m in told)


_SHORT = 19  # characters of a plain number; so few digits and decimals keep within MAX_DIGITS together


def _is_short(value):
    return value.__class__ is Decimal and len(text := str(value)) <= _SHORT and "E" not in text and value.is_finite()


def _looks_right(member):
    """A quick look that only values without fault pass; what does not pass is looked at again, with care."""
    kind, limit = member.type, member.rule.limit
    match = member.rule.pattern and re.compile(member.rule.pattern).fullmatch
    if kind is str and match:
        return lambda value: value.__class__ is str and len(value) <= limit and match(value) and "\0" not in value
    if kind is str:
        return lambda value: value.__class__ is str and len(value) <= limit and "\0" not in value
    if kind is Decimal:
        return _is_short
    if member.item:
        return lambda value: value == ()
    return lambda value: value.__class__ is kind and kind not in _CHECKS


def breaches(obj):
    """Where the object breaks its contract: a list of `Breach`, empty when it keeps it."""
    values, told, checks = _checks(obj.__class__)
    found = []
    for value, looks_right, member in zip(values(obj), checks, told, strict=True):
        if (value is not None and not looks_right(value)) or (value is None and not member.optional):
            found += _broken(member, value)
    return found


def may_wait(obj, found):
    """Whether the object may still go on without the value: one breach, of an optional member of its own."""
    optional = {member.name for member in members(obj.__class__) if member.optional and not member.item}
    return len(found) == 1 and found[0].member in optional


def _broken(member, value):
    if value is None:
        return [Breach(member.name, "missing")]
    if type(value) is not member.type:
        return [Breach(member.name, "type")]
    rule = _CHECKS[member.type](member.rule, value) if member.type in _CHECKS else None
    if rule or not member.item:
        return [Breach(member.name, rule)] if rule else []
    return [Breach(f"{member.name}.{b.member}", b.rule) for part in value for b in breaches(part)]


def schema(cls):
    """JSON Schema (draft 2020-12) of the contract."""
    described = {m.name: _member_schema(m) for m in members(cls)}
    required = [m.name for m in members(cls) if not m.optional]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": getattr(cls, "contract", "") or cls.__name__,
        "type": "object",
        "properties": described,
        "required": required,
        "additionalProperties": False,
    }


def _part_schema(cls):
    return {name: value for name, value in schema(cls).items() if name != "$schema"}


def _member_schema(member):
    if member.item:
        return {"type": "array", "items": _part_schema(member.item)}
    if dataclasses.is_dataclass(member.type):
        return _part_schema(member.type)
    described = dict(_SCHEMA[member.type])
    if member.type is str:
        described["maxLength"] = member.rule.limit
        described |= {"pattern": f"^{member.rule.pattern}$"} if member.rule.pattern else {}
    return described
