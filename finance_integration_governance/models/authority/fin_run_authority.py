import json
from collections import defaultdict
from typing import NamedTuple

from odoo import models

from ...core.authority import ALLOW, EVERY, Decision, Rule, decide, masked, named
from ...core.authority_entities import ENTITIES
from ...core.errors import AuthorityConflict
from ..authority_writer import KEY, RunWriter, in_words, rule_for, told, wanted

# The mildest first: what is refused stands in front of what is held, and that of what is asked.
_ORDER = ("ask", "hold", "refuse")


class _Conflict(NamedTuple):
    """One field of one item that the rules do not let this flow write."""

    item: object
    record: object
    name: str
    old: object
    new: object
    rule: Rule
    decision: Decision


class FinRun(models.Model):
    """The authority matrix in a run: what its pinned version lets this flow write."""

    _inherit = "fin.run"

    def _as_service(self):
        """The writer goes along, so that the guards of business records know the flow by its pinned rules."""
        env = super()._as_service()
        return env(context={**env.context, KEY: self._writer()})

    def _writer(self):
        document = self._document()
        owner = ", ".join(document.people("owner", self._owned_on()))
        # Several connections may lead to one system; where the register names none, a connection stands for itself.
        system = document.get("register", {}).get("system", {}).get("code") or document.connection["code"]
        return RunWriter(document["flow"]["code"], system, owner, self.id, self.version_digest, document)

    def _owned_on(self):
        return (self.started_at or self.create_date).date()

    def _judge(self, business, items, texts):
        """Ask the matrix about what was just mapped; items in conflict are refused, held, or put to the steward."""
        writer = business.env.context[KEY]
        governed = writer.governed(business._entity, business._kind) if business._entity else {}
        if not governed or not texts:
            return
        mapped = [item._replace(mapped=json.loads(texts[item.id])) for item in items if item.id in texts]
        found, waived = defaultdict(list), self.env["fin.conflict"]._waived(self)
        for conflict in self._conflicts(business, mapped, governed, writer):
            if conflict.decision.verdict != "ask" or _place(conflict) not in waived:
                found[conflict.rule].append(conflict)
        for rule in sorted(found, key=lambda rule: _ORDER.index(found[rule][0].decision.verdict)):
            self._meet(business, rule, found[rule])

    def _conflicts(self, business, items, governed, writer):
        """Every field that the object would write and that the rules give to somebody else."""
        by_id, home = {item.id: item for item in items}, self.company_id.fin_code
        for item_id, record, values in business._writes(self, items):
            companies = record._fin_companies() if record else [by_id[item_id].mapped.get("company") or home]
            for name, value in ({EVERY: True} | values if not record else values).items():
                rule = rule_for(name, governed, companies)
                if rule is None or rule.admits(writer):
                    continue
                old, new = self._both(business, record, name, value)
                decision = decide(rule, writer, old, new, self._label(business, name))
                if decision is not ALLOW:
                    yield _Conflict(by_id[item_id], record, name, old, new, rule, decision)

    def _both(self, business, record, name, value):
        """What the record holds and would hold, spelled alike."""
        model = business.env.get(ENTITIES[business._entity].model or "")
        if name == EVERY or model is None or name not in model._fields:
            return None, value
        record = record.sudo() if record else model.sudo()  # sudo: compared, and shown in part only
        return (told(record, name) if record else None), wanted(record, name, value)

    def _label(self, business, name):
        model = business.env.get(ENTITIES[business._entity].model or "")
        if model is None or name not in model._fields:
            return named(business._entity, name)
        return f"{ENTITIES[business._entity].label}, {model._fields[name].string}"

    def _meet(self, business, rule, conflicts):
        """One exception for all items that meet the same rule, with both values of each."""
        decision, ids = conflicts[0].decision, sorted({conflict.item.id for conflict in conflicts})
        error = AuthorityConflict(
            decision.sentence, entity=rule.entity, kind=rule.kind, field=rule.field, system=rule.system_name
        )
        exception = self.env["fin.exception"]._raise(
            self,
            error.code,
            error.text,
            blocking=decision.verdict != "refuse",
            gap=decision.verdict == "hold",
            count=len(ids),
            **error.facts,
        )
        if decision.verdict == "refuse":
            self.env["fin.item"]._set_outcome(self, "rejected", ids, reason=error.code, exception=exception)
        else:
            self.env["fin.item"]._attach(exception, ids)
        self.env["fin.conflict"]._keep([self._told(exception, conflict) for conflict in conflicts])

    def _told(self, exception, conflict):
        rule, record, name = conflict.rule, conflict.record, conflict.name
        ours, theirs = (masked(rule.entity, name, in_words(record, name, v)) for v in (conflict.old, conflict.new))
        return {
            "exception_id": exception.id,
            "run_id": self.id,
            "item_id": conflict.item.id,
            "company_id": self.company_id.id,
            "scope": conflict.item.scope,
            "key": conflict.item.key,
            "entity": rule.entity,
            "field": name,
            "label": record._fields[name].string if name in record._fields else None,
            "res_model": record._name if record else None,
            "res_id": record.id if record else None,
            "ours": ours,
            "theirs": theirs,
            "system": rule.system_name,
            "rule": rule.conflict,
        }


def _place(conflict):
    return conflict.item.scope, conflict.item.key, conflict.name
