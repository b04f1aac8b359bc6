from odoo import api, fields, models
from odoo.exceptions import UserError


class FinPolicy(models.Model):
    """The bounds of retention that a company sets all of its flows: contents not longer, evidence not shorter."""

    _inherit = "fin.policy"

    longest_payload_days = fields.Integer(
        "Payloads at most (days)", tracking=True, help="No flow keeps what it received longer. 0: as the flow says."
    )
    least_evidence_years = fields.Integer(
        "Evidence at least (years)", tracking=True, help="No flow keeps its evidence shorter. 0: as the flow says."
    )

    _retention_positive = models.Constraint(
        "CHECK(longest_payload_days >= 0 AND least_evidence_years >= 0)", "Days and years are not negative."
    )

    def _compose(self):
        bounds = {"payload_days": self.longest_payload_days, "evidence_years": self.least_evidence_years}
        told = {name: value for name, value in bounds.items() if value}
        return super()._compose() | ({"retention": told} if told else {})


class FinVersion(models.Model):
    _inherit = "fin.version"

    def _guard_submit(self):
        super()._guard_submit()
        if self.flow_id:
            self._guard_retention(self.company_id._fin_policy().get("retention", {}))

    def _guard_retention(self, bounds):
        kept = self._read_document().content.get("register", {}).get("retention", {})
        longest, least = bounds.get("payload_days"), bounds.get("evidence_years")
        if longest and kept.get("payload_days", 0) > longest:
            raise UserError(self.env._("The company's policy keeps payloads for %s days at most.", longest))
        if least and kept.get("evidence_years", least) < least:
            raise UserError(self.env._("The company's policy keeps evidence for %s years at least.", least))


class FinFlow(models.Model):
    """New flows begin within the bounds."""

    _inherit = "fin.flow"

    @api.model
    def default_get(self, names):
        found = super().default_get(names)
        bounds = self.env.company._fin_policy().get("retention", {})
        if "payload_days" in found:
            found["payload_days"] = min(found["payload_days"], bounds.get("payload_days") or found["payload_days"])
        if "evidence_years" in found:
            found["evidence_years"] = max(found["evidence_years"], bounds.get("evidence_years") or 0)
        return found
