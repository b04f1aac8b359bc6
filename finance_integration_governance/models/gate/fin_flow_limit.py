from odoo import fields, models


class FinFlowLimit(models.Model):
    """Above which amount of a currency a run asks for a yes of its own: for one item, or for all of them together."""

    _name = "fin.flow.limit"
    _description = "Amount Limit of a Flow"
    _inherit = ["fin.working.part"]
    _order = "currency_id"
    _rec_name = "currency_id"

    flow_id = fields.Many2one("fin.flow", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="flow_id.company_id", store=True)
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict")
    item_amount = fields.Monetary("One item up to", help="0: an item alone asks for nothing.")
    run_amount = fields.Monetary(
        "A run up to", help="Debits and credits are added up without their sign. 0: the sum asks for nothing."
    )
    approvals = fields.Integer("Who says yes", default=1, required=True, help="How many other people have to.")

    _amounts_positive = models.Constraint(
        "CHECK(item_amount >= 0 AND run_amount >= 0 AND item_amount + run_amount > 0)", "Say at least one limit."
    )
    _approvals_positive = models.Constraint("CHECK(approvals BETWEEN 1 AND 3)", "One to three other people say yes.")
    _currency_uniq = models.Constraint("UNIQUE(flow_id, currency_id)", "One limit per currency.")

    def _working_copies(self):
        return [self.flow_id]

    def _document(self):
        """currency -> what its limit says."""
        return {row.currency_id.name: row._told() for row in self}

    def _told(self):
        places = self.currency_id.decimal_places
        amounts = {"item": self.item_amount, "run": self.run_amount}
        told = {name: format(amount, f".{places}f") for name, amount in amounts.items() if amount}
        return {**told, "approvals": self.approvals}
