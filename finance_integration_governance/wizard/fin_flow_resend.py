from odoo import fields, models


class FinFlowResend(models.TransientModel):
    """What a target that has lost it is sent again."""

    _name = "fin.flow.resend"
    _description = "Send Everything Again"

    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text(required=True)
    date_from = fields.Date("From", help="Periods that end on this day or later; all of them where it is empty.")
    date_to = fields.Date("To", help="Periods that end on this day or before; all of them where it is empty.")

    def action_send(self):
        self.ensure_one()
        return self.flow_id._request_resend(self.reason, self.date_from, self.date_to)._open()
