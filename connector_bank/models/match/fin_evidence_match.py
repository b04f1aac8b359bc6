import json

from odoo import api, models

from odoo.addons.finance_integration_governance.models.schedule.fin_slot import aware

MATCHES = (
    "at", "act", "kind", "day", "amount", "currency", "documents", "reasons", "by", "rule", "rule_digest",
    "run", "digest",
)  # fmt: skip


class FinEvidenceBuilder(models.AbstractModel):
    """What was matched of the lines that the runs of a pack have booked, or by these runs: by whom, by which rule."""

    _inherit = "fin.evidence.builder"

    @api.model
    def _lists(self, scope):
        return [*super()._lists(scope), ("matches", MATCHES, self._matches(scope), None)]

    def _matches(self, scope):
        bound = self.env["fin.binding"].search(
            [("run_id", "in", scope.runs.ids), ("res_model", "=", "account.bank.statement.line")]
        )
        domain = ["|", ("run_id", "in", scope.runs.ids), ("line_id", "in", bound.mapped("res_id"))]
        for match in self.env["fin.match"].search([("act", "!=", "proposed"), *domain], order="id"):
            yield self._match(match)

    def _match(self, match):
        told = json.loads(match.content)
        return {
            "at": aware(match.at),
            "act": match.act,
            "kind": match.kind or "",
            "day": match.on,
            "amount": str(match.amount),
            "currency": match.currency,
            "documents": ", ".join(one["name"] for one in told.get("parts", ())),
            "reasons": ", ".join(code for code, _facts in told.get("reasons", ())),
            "by": match.user_id.login or "",
            "rule": match.rule or "",
            "rule_digest": match.rule_digest or "",
            "run": match.run_id.name or "",
            "digest": match.digest,
        }
