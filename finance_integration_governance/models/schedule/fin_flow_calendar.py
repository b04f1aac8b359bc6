from odoo import fields, models


class FinFlow(models.Model):
    """A flow may follow other working days than its company, such as those of a payment system."""

    _inherit = "fin.flow"

    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Calendar",
        tracking=True,
        ondelete="restrict",
        help="Empty: those of the company's policy.",
    )

    def _compose(self):
        calendar = self.calendar_id._fin_document()
        return super()._compose() | ({"calendar": calendar} if calendar else {})


class FinPolicy(models.Model):
    """A company's working days: its own working calendar in Odoo, in force as approved."""

    _inherit = "fin.policy"

    calendar_id = fields.Many2one(related="company_id.resource_calendar_id", string="Working Calendar")

    def _compose(self):
        calendar = self.company_id.resource_calendar_id._fin_document()
        return super()._compose() | ({"calendar": calendar} if calendar else {})
