from odoo import api, fields, models

# Where what is usual stands in a flow's document, and in its connection's part.
PARTS, OF_CONNECTION = ("levels", "retry", "escalation"), ("breaker", "weekly")


class FinFlow(models.Model):
    """A flow takes what is usual in its company where it, or its policy set, says nothing of its own."""

    _inherit = "fin.flow"

    is_usual = fields.Boolean(
        "As usual in the company", default=True, tracking=True, help="Promises and tries that it does not name itself."
    )
    escalation = fields.Char("Goes up to", tracking=True, help="Such as steward, owner, controller. Empty: as usual.")

    @api.constrains("escalation")
    def _check_escalation(self):
        for flow in self:
            self._read_escalation(flow.escalation)

    def _compose(self):
        told = super()._compose()
        usual = self.company_id._fin_policy()["usual"] if self.is_usual else {}
        parts = {
            "levels": self._but(usual, "levels", self._set_levels(told)) | told.get("levels", {}),
            "retry": self._but(usual, "retry", self._set_tries(told)) | told.get("retry", {}),
            "escalation": self._read_escalation(self.escalation) or usual.get("escalation"),
        }
        return told | {name: part for name, part in parts.items() if part}

    def _but(self, usual, part, said):
        return {name: value for name, value in usual.get(part, {}).items() if name not in said}

    def _set_levels(self, told):
        """What the policy set promises, so that what is usual does not count."""
        minutes = (told.get("policy") or {}).get("service_level", {}).get("minutes")
        return ("on_time",) if minutes else ()

    def _set_tries(self, told):
        """What the flow's limits say of tries: its own, or those of its policy set."""
        names = {"attempts": "retries", "minutes": "retry_minutes"}
        return [name for name, limit in names.items() if limit in told["limits"]]

    def _is_unusual(self):
        """Whether its live version says something else than a new one would of what is usual."""
        live, new = self._document().content, self._compose()
        pairs = [(live, new, PARTS), (live["connection"], new["connection"], OF_CONNECTION)]
        return any(old.get(name) != now.get(name) for old, now, names in pairs for name in names)

    @api.model
    def _taken_flow(self, content):
        """A flow that comes in a bundle says everything itself."""
        flow = super()._taken_flow(content)
        flow.is_usual = False
        return flow

    def _take_escalation(self, told, _documents):
        self.escalation = ", ".join(told)
