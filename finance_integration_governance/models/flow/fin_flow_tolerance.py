from odoo import fields, models


class FinFlowTolerance(models.Model):
    """How far control totals of a currency may be apart and still count; approved with the version that holds it."""

    _name = "fin.flow.tolerance"
    _inherit = ["fin.working.part"]
    _description = "Flow Tolerance"

    flow_id = fields.Many2one("fin.flow", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="flow_id.company_id", store=True)
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(required=True)

    _amount_positive = models.Constraint("CHECK(amount >= 0)", "A tolerance is not negative.")
    _currency_uniq = models.Constraint("UNIQUE(flow_id, currency_id)", "One tolerance per currency.")

    def _working_copies(self):
        return [self.flow_id]

    def _document(self):
        return {row.currency_id.name: format(row.amount, f".{row.currency_id.decimal_places}f") for row in self}
