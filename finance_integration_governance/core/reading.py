"""Canonical objects read back from their plain mappings: stored content, or what another system says that it holds."""

import dataclasses
import datetime as dt
from decimal import Decimal, InvalidOperation
from functools import cache

from .contract import breaches, members
from .errors import ContractViolation


def read(cls, told):
    """The object of this class that a mapping in JSON's types tells; members it does not know are left out.

    Raises ContractViolation, which names the member and the rule and never repeats a value.
    """
    if not isinstance(told, dict):
        raise ContractViolation(f"{cls.contract}: not an object", member="", rule="type")
    one = cls(**{member.name: _member(cls, member, told.get(member.name)) for member in members(cls)})
    for breach in breaches(one):
        raise _violation(cls, breach.member, breach.rule)
    return one


def stored(cls, content):
    """The flat object that stored content tells, without the checks that it passed when it was stored.

    There are a hundred thousand of them in a run, so only the members that are no plain JSON are looked at, and what
    a frozen dataclass sets one by one is set at once. Raises TypeError where a member is missing.
    """
    names, blank, others = _stored(cls)
    values = {**blank, **content}
    if values.keys() != names:
        values = {name: values[name] for name in values if name in names}
        if len(values) < len(names):
            cls(**values)  # which says what is missing
    for name, convert in others:
        told = values[name]
        if told is not None:
            values[name] = convert(told)
    one = object.__new__(cls)
    object.__setattr__(one, "__dict__", values)
    return one


@cache
def _stored(cls):
    """(names of the fields, what those are that need not be told, how members become what is no plain JSON)."""
    found, told = dataclasses.fields(cls), members(cls)
    blank = {field.name: field.default for field in found if field.default is not dataclasses.MISSING}
    # What was stored was looked at: a number is text.
    others = [(member.name, {**_READ, Decimal: Decimal}[member.type]) for member in told if member.type in _READ]
    return frozenset(field.name for field in found), blank, others


def member_of(cls, name, told):
    """The value of one member from what JSON tells of it; ContractViolation where it is of another type."""
    member = next((member for member in members(cls) if member.name == name), None)
    if member is None:
        raise _violation(cls, name, "unknown")
    return _member(cls, member, told)


def _member(cls, member, told):
    if member.item:
        return tuple(read(member.item, part) for part in told or ())
    if told is None:
        return None
    try:
        return _READ.get(member.type, _same)(told)
    except (ValueError, TypeError, InvalidOperation):
        raise _violation(cls, member.name, "type") from None


def _violation(cls, member, rule):
    return ContractViolation(f"{cls.contract}: {member} breaks the rule {rule}", member=member, rule=rule)


def _same(told):
    return told


def _decimal(told):
    # A bool is an int to Python, and a float has lost what it was.
    if isinstance(told, (bool, float)):
        raise TypeError
    return Decimal(told)


_READ = {Decimal: _decimal, dt.date: dt.date.fromisoformat, dt.datetime: dt.datetime.fromisoformat}
