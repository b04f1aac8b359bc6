from odoo import fields, models


class FinPaymentLeftOut(models.Model):
    """An open item that was due and that a proposal leaves out, and why."""

    _name = "fin.payment.left.out"
    _description = "Left out of a Payment Proposal"
    _inherit = ["fin.evidence.mixin"]
    _order = "batch_id, code, id"
    _rec_name = "words"

    batch_id = fields.Many2one("fin.payment.batch", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="batch_id.company_id", store=True, precompute=True)
    line_id = fields.Many2one("fin.payment.line", readonly=True, ondelete="restrict", index=True)
    line_state = fields.Selection(related="line_id.state", string="State of the payment")
    partner_id = fields.Many2one("res.partner", readonly=True, ondelete="restrict")
    move_line_id = fields.Many2one("account.move.line", readonly=True, ondelete="set null", string="Open item")
    document = fields.Char(readonly=True)
    due_on = fields.Date(readonly=True)
    amount = fields.Monetary(readonly=True, string="Open")
    currency_id = fields.Many2one("res.currency", readonly=True)
    code = fields.Char(required=True, readonly=True)
    words = fields.Char(required=True, readonly=True, string="Why")

    def action_take_in(self):
        """Pay it nevertheless."""
        for line in self.line_id:
            line.action_take_in()
