from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FinFlow(models.Model):
    """Questions of its own that a flow's runs are asked after the fixed gates; its versions keep them in order."""

    _inherit = "fin.flow"

    gate_fresh_days = fields.Integer(
        "No older than",
        tracking=True,
        help="Working days between the newest accounting date that a run brings and today. 0: it is not asked.",
    )
    gate_flow_ids = fields.Many2many(
        "fin.flow",
        "fin_flow_gate_rel",
        "flow_id",
        "gate_id",
        string="Only on fresh data of",
        domain="[('id', '!=', id), ('company_id', '=', company_id)]",
        tracking=True,
        help="A run waits until the last good run of each of these flows is young enough.",
    )
    gate_flow_hours = fields.Integer("Young enough is", default=24, tracking=True)
    limit_ids = fields.One2many("fin.flow.limit", "flow_id", string="Amount Limits")
    gate_second_person = fields.Boolean(
        "A second person sees every run",
        tracking=True,
        help="What a run is about to deliver waits until another person has said yes to exactly that.",
    )

    _gates_positive = models.Constraint(
        "CHECK(gate_fresh_days >= 0 AND gate_flow_hours > 0)", "Ages are numbers of days and hours."
    )

    @api.constrains("gate_flow_ids")
    def _check_gate_flows(self):
        for flow in self:
            if flow in flow.gate_flow_ids:
                raise ValidationError(self.env._("%s would wait for itself.", flow.name))

    def _compose(self):
        return super()._compose() | {"gates": self._gates_told()}

    def _gates_told(self):
        """The gates of a version, in the order in which they are asked; none where nothing is said."""
        told = [{"gate": "fresh", "days": self.gate_fresh_days}] if self.gate_fresh_days else []
        if self.gate_flow_ids:
            flows = sorted(self.gate_flow_ids.mapped("code"))
            told.append({"gate": "flows", "flows": flows, "hours": self.gate_flow_hours})
        if self.limit_ids:
            told.append({"gate": "amount", "limits": self.limit_ids._document()})
        return told + ([{"gate": "second_person"}] if self.gate_second_person else [])
