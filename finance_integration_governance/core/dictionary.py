"""What each member of a contract means, said beside the member, and how outside systems call it.

    number: Code = means("The account's number in the chart.", sap="RACCT", saft="AccountID")

Aliases name a field of the outside system's own documentation; who looks for that name finds ours.
"""

import dataclasses
import inspect

from .contract import members

_NONE = {"means": "", "aliases": {}}
# How the keyword arguments of `means` are read aloud.
SYSTEMS = {"sap": "SAP", "saft": "SAF-T", "iso": "ISO 20022", "odoo": "Odoo"}


def means(text, default=dataclasses.MISSING, *, is_identity=False, **aliases):
    """A member of a dataclass with its definition; `is_identity`: it says which object this is, and is in no digest."""
    told = {"means": text, "aliases": aliases}
    return dataclasses.field(default=default, compare=not is_identity, metadata=told)


@dataclasses.dataclass(frozen=True)
class Field:
    """One member as the dictionary has it; `kind` in words."""

    name: str
    kind: str
    is_required: bool
    means: str
    aliases: dict


@dataclasses.dataclass(frozen=True)
class Entity:
    """One canonical object as the dictionary has it; `contract` is empty for a part of others."""

    name: str
    contract: str
    means: str
    fields: tuple


def entities(classes):
    """The dictionary of these contracts and of the parts that they are made of, each once, in the order of names."""
    found = {}
    for cls in classes:
        for one in (cls, *_parts(cls)):
            found.setdefault(_name(one), _entity(one))
    return [found[name] for name in sorted(found)]


def _parts(cls):
    for member in members(cls):
        part = member.item or member.type
        if dataclasses.is_dataclass(part):
            yield part


def _name(cls):
    contract = getattr(cls, "contract", "")
    return contract.partition("/")[0] or f"part.{cls.__name__.lower()}"


def _entity(cls):
    told = {one.name: one.metadata or _NONE for one in dataclasses.fields(cls)}
    return Entity(
        _name(cls),
        getattr(cls, "contract", ""),
        " ".join(inspect.getdoc(cls).split()),
        tuple(_field(member, told[member.name]) for member in members(cls)),
    )


def _field(member, told):
    return Field(member.name, kind(member), not member.optional, told["means"], dict(told["aliases"]))


_KINDS = {"str": "text", "Decimal": "number", "int": "whole number", "bool": "yes or no", "datetime": "time"}


def kind(member):
    """The member's type in words.

    >>> from .canon import Account
    >>> [kind(member) for member in members(Account)][:2]
    ['text of at most 64', 'text of at most 64']
    """
    if member.item:
        return f"list of {member.item.__name__.lower()}"
    name = _KINDS.get(member.type.__name__, member.type.__name__.lower())
    return f"{name} of at most {member.rule.limit}" if member.type is str else name
