from decimal import Decimal

from odoo import models
from odoo.fields import Command


class FinFlow(models.Model):
    """The gates of a flow that comes in a bundle."""

    _inherit = "fin.flow"

    def _take_gates(self, told, _documents):
        by_name = {one["gate"]: one for one in told}
        flows, limits = by_name.get("flows", {}), by_name.get("amount", {}).get("limits", {})
        self.write(
            {
                "gate_fresh_days": by_name.get("fresh", {}).get("days", 0),
                "gate_flow_ids": [Command.set(self._taken_flows(flows.get("flows", ())).ids)],
                "gate_flow_hours": flows.get("hours") or self.gate_flow_hours,
                "gate_second_person": "second_person" in by_name,
                "limit_ids": [Command.clear(), *(self._taken_limit(*one) for one in limits.items())],
            }
        )

    def _taken_limit(self, currency, told):
        amounts = {f"{name}_amount": float(Decimal(told.get(name, "0"))) for name in ("item", "run")}
        found = self._found("res.currency", "currency", currency, name=currency)
        return Command.create({"currency_id": found.id, "approvals": told["approvals"], **amounts})
