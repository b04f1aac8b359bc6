"""The authority matrix on the way out: what the rules let no flow carry out of Odoo does not leave."""

from odoo import models
from odoo.exceptions import UserError

from ...core.authority import named, read
from ..run.gates import PROCEED, Answer


class Outgoing:
    question = "May every field that leaves go out of Odoo, by the authority rules?"

    def ask(self, run):
        kept = run.version_id._keeps_in(name for _contract, name in run._leaving_fields())
        return Answer("stop", kept) if kept else PROCEED


class FinRun(models.Model):
    _inherit = "fin.run"

    def _gates(self):
        is_asked = self.direction == "outbound" and self._document().get("authority")
        return (*super()._gates(), Outgoing()) if is_asked else super()._gates()


class FinVersion(models.Model):
    _inherit = "fin.version"

    def _guard_submit(self):
        super()._guard_submit()
        document = self._read_document() if self.flow_id else {}
        if document and document["flow"]["direction"] == "outbound":
            scope = document.get("register", {}).get("scope", {})
            kept = self._keeps_in({name for names in scope.values() for name in names})
            if kept:
                raise UserError(kept[0].upper() + kept[1:] + ".")

    def _keeps_in(self, names):
        """Which of these fields may not leave Odoo by the rules that the version has pinned, in words; else None."""
        document, names = self._read_document(), set(names)
        business = self.env.get(document["object"])
        rules = [read(told) for told in document.get("authority", {}).values()] if business is not None else []
        kept = {
            (entity, name): rule
            for matrix in rules
            for entity in business._entities(document)
            for name, rule in matrix.kept_in(entity, business._kind, names).items()
        }
        if not kept:
            return None
        told = sorted(f"{named(*place)} ({rule.system_name})" for place, rule in kept.items())
        return f"by the authority rules these fields do not leave Odoo (system of record): {', '.join(told)}"
