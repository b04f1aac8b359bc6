from odoo import models
from odoo.fields import Command

from ...core.register import QUESTIONS


class FinFlow(models.Model):
    """The register entry of a flow that comes in a bundle."""

    _inherit = "fin.flow"

    def _take_register(self, told, _documents):
        kept, questions = told.get("retention", {}), told.get("questions", {})
        self.write(
            {
                "process": told.get("process"),
                "criticality": told["criticality"],
                "data_class_id": self._taken_data_class(told.get("data_class")).id,
                "payload_days": kept.get("payload_days"),
                "evidence_years": kept.get("evidence_years"),
                "legal_hold": kept.get("legal_hold", False),
                "runbook": told.get("runbook"),
                "recertify_months": told.get("recertify_months"),
                **{f"answer_{name}": questions.get(name) for name in QUESTIONS},
            }
        )
        self._take_scope(told.get("scope", {}))

    def _taken_data_class(self, told):
        classes = self.env["fin.data.class"]
        if not told:
            return classes
        found = classes.search([("code", "=", told["code"]), ("company_id", "in", [False, self.company_id.id])])
        return found.sorted("company_id")[:1] or self._found("fin.data.class", "data class", told["code"], id=0)

    def _take_scope(self, scope):
        """What may leave, and nothing else; a field that the connector has beside it may not."""
        rows = [
            Command.create({"entity": entity, "field_name": name, "is_allowed": True})
            for entity, names in scope.items()
            for name in names
        ]
        self.scope_ids = [Command.clear(), *rows]
        if scope:
            self.action_list_fields()
