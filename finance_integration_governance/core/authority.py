"""Authority: which system is the system of record for a field, who else may write it, and what happens to the rest.

Rules are kept apart by kind of data: master data, actuals, budgets, forecasts and adjustments. A rule for a field beats
the rule for every field of its entity. Nothing here knows Odoo's records: values come in as plain values.
"""

import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal

from .authority_entities import ENTITIES

ODOO = "odoo"
EVERY = "*"
KINDS = {
    "master": "Master data",
    "actual": "Actuals",
    "budget": "Budgets",
    "forecast": "Forecasts",
    "adjustment": "Adjustments",
}
DIRECTIONS = {"inbound": "Into Odoo", "outbound": "Out of Odoo", "both": "Both ways", "none": "Not at all"}
CONFLICTS = {"reject": "Reject the item", "hold": "Hold until corrected", "ask": "Ask the steward"}
EDITS = {"refuse": "Refuse", "warn": "Warn"}


@dataclass(frozen=True)
class Rule:
    """One line of the authority matrix, as an approved document keeps it.

    `system` is ODOO or the code of a connection. `writers` are `flow:<code>`, `user:<login>`, `group:<xml id>`; none
    of a sort means: whoever the system of record is. `steward` is the login of who answers for the field.
    """

    entity: str
    kind: str
    field: str
    system: str
    direction: str
    conflict: str = "reject"
    edit: str = "refuse"
    writers: tuple = ()
    steward: str = ""

    def document(self):
        """What a document keeps under `entity.kind.field`."""
        names = ("system", "direction", "conflict", "edit", "steward")
        return {**{name: getattr(self, name) for name in names}, "writers": list(self.writers)}

    @property
    def system_name(self):
        return "Odoo" if self.system == ODOO else self.system

    @property
    def lets_out(self):
        """Whether flows may carry it out of Odoo: what another system owns, only where it goes both ways."""
        return self.direction == "both" or (self.direction == "outbound" and self.system == ODOO)

    def admits(self, writer):
        """Whether this writer may set the field, whatever the value."""
        return self._admits_flow(writer) if writer.is_flow else self._admits_person(writer)

    def _admits_flow(self, writer):
        if self.direction not in ("inbound", "both"):
            return False
        flows = [name for name in self.writers if name.startswith("flow:")]
        if flows:
            return any(map(writer.holds, flows))
        # A connection that somebody called `odoo` is not Odoo.
        return self.system not in (ODOO, "") and writer.system == self.system

    def _admits_person(self, writer):
        people = [name for name in self.writers if not name.startswith("flow:")]
        return any(map(writer.holds, people)) if people else self.system == ODOO


@dataclass(frozen=True)
class FlowWriter:
    """A flow in a run: its code, the system it reads from, and who answers for it."""

    code: str
    system: str
    owner: str = ""
    is_flow = True

    def holds(self, name):
        return name == f"flow:{self.code}"


@dataclass(frozen=True)
class Decision:
    """`verdict`: allow, warn, refuse, hold or ask. `sentence` says which system has to be corrected, and by whom."""

    verdict: str
    code: str = ""
    sentence: str = ""
    facts: dict = field(default_factory=dict)


ALLOW = Decision("allow")
# reject is what refuse is called where an item is refused
_VERDICTS = {"reject": "refuse", "hold": "hold", "ask": "ask", "refuse": "refuse", "warn": "warn"}
SENTENCES = {
    "sender_is_wrong": "{system} is the system of record for {what}: {sender} has to be corrected, by {owner}. "
    "If the new value is right, {steward} changes it in {system}.",
    "not_by_this_flow": "{what} comes into Odoo from {system} by {writers}: the flow {flow} has to be corrected, "
    "by {owner}.",
    "change_it_there": "{system} is the system of record for {what}: change it there, by {steward}. "
    "It comes to Odoo from there.",
    "not_by_you": "In Odoo, {what} is changed by {writers} only: ask {steward}.",
}


def decide(rule, writer, old, new, what=None):
    """What becomes of a write of `new` over `old` by this writer, under the rule that holds for the field, or None."""
    if rule is None or rule.admits(writer) or same(old, new):
        return ALLOW
    code = _code(rule, writer)
    facts = _facts(rule, writer, what or named(rule.entity, rule.field))
    verdict = _VERDICTS[rule.conflict if writer.is_flow else rule.edit]
    return Decision(verdict, code, SENTENCES[code].format(**facts), facts)


def _code(rule, writer):
    if not writer.is_flow:
        return "not_by_you" if rule.system == ODOO else "change_it_there"
    return "not_by_this_flow" if rule.system not in (ODOO, "") and writer.system == rule.system else "sender_is_wrong"


def _facts(rule, writer, what):
    sort = "flow:" if writer.is_flow else ("user:", "group:")
    writers = [name.partition(":")[2] for name in rule.writers if name.startswith(sort)]
    return {
        "what": what,
        "system": rule.system_name,
        "steward": rule.steward or "its steward",
        "writers": ", ".join(writers) or "nobody",
        "sender": getattr(writer, "system", "") or "the sender",
        "flow": getattr(writer, "code", ""),
        "owner": getattr(writer, "owner", "") or "the flow's owner",
    }


def named(entity, name):
    """`Contact, vat`, as sentences name a field."""
    label = ENTITIES[entity].label if entity in ENTITIES else entity
    return f"{label}, every field" if name == EVERY else f"{label}, {name}"


def same(old, new):
    """Whether two plain values say the same: nothing is nothing however it is spelled, and 1.0 is 1."""
    return _plain(old) == _plain(new)


def _plain(value):
    if value is None or value is False or value == "" or value == ():
        return None
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, float):
        return Decimal(repr(value))
    return list(value) if isinstance(value, tuple | list) else value


def written(rules):
    """Rules as a document keeps them: entity -> kind -> field -> rule. ValueError where two hold for one field."""
    told = {}
    for rule in Matrix(rules).rules.values():
        told.setdefault(rule.entity, {}).setdefault(rule.kind, {})[rule.field] = rule.document()
    return told


def read(told):
    """The matrix that a document keeps."""
    return Matrix(
        Rule(entity, kind, name, **{**rule, "writers": tuple(rule.get("writers", ()))})
        for entity, kinds in told.items()
        for kind, names in kinds.items()
        for name, rule in names.items()
    )


class Matrix:
    """The rules of one company, found by entity, kind and field: the field's own before the one for every field."""

    def __init__(self, rules):
        self.rules = {}
        for rule in rules:
            if self.rules.setdefault((rule.entity, rule.kind, rule.field), rule) is not rule:
                raise ValueError(f"{named(rule.entity, rule.field)}: two rules for {KINDS[rule.kind].lower()}")

    def find(self, entity, kind, name):
        """The rule that holds for a field, or None; `*` asks for the record as a whole."""
        told = ENTITIES.get(entity)
        name = told.aliases.get(name, name) if told else name
        exact = self.rules.get((entity, kind, name))
        return exact or (self.rules.get((entity, kind, EVERY)) if _is_covered(told, name) else None)

    def of_entity(self, entity, kind):
        return [rule for (of, is_kind, _name), rule in self.rules.items() if (of, is_kind) == (entity, kind)]

    def kept_in(self, entity, kind, names):
        """field -> rule of those among these fields that no flow may carry out of Odoo."""
        whole = self.rules.get((entity, kind, EVERY))
        found = {name: self.find(entity, kind, name) or whole for name in names}
        return {name: rule for name, rule in found.items() if rule and not rule.lets_out}

    def by_field(self, entity, kind):
        """Every field that some rule governs -> its rule; doors to a field, the record's home and `*` included."""
        told, rules = ENTITIES[entity], self.of_entity(entity, kind)
        if not rules:
            return {}
        names = {rule.field for rule in rules}
        names |= set(told.fields) if EVERY in names else set()
        names |= {alias for alias, name in told.aliases.items() if name in names}
        governed = {name: self.find(entity, kind, name) for name in names}
        # Whoever could move a record to another company would take it out of this company's rules.
        governed.setdefault(told.home, next((r for r in rules if r.edit == "refuse"), rules[0]))
        return governed


def _is_covered(entity, name):
    return entity is None or name in entity.fields or name.startswith("x_")


def contradiction(rule):
    """What makes a rule mean nothing, as a code; None where it is sound."""
    entity = ENTITIES.get(rule.entity)
    if entity is None or rule.kind not in entity.kinds:
        return "kind"
    if not rule.system:
        return "system"
    flows = [name for name in rule.writers if name.startswith("flow:")]
    if flows and rule.direction not in ("inbound", "both"):
        return "flow_against_direction"
    if rule.system == ODOO and rule.direction in ("inbound", "both") and not flows:
        return "inbound_without_flow"
    if rule.system != ODOO and rule.direction == "outbound":
        return "outbound_of_another"
    return None


def masked(entity, name, value):
    """How a value is shown beside the other one: account numbers and what reaches a person only in part."""
    if value is None or value is False or value == "":
        return ""
    text = str(value)
    told = ENTITIES.get(entity)
    if told is None or told.aliases.get(name, name) not in told.masked:
        return text[:200]
    return f"{text[:2]}…{text[-2:]}" if len(text) > 7 else "…"
