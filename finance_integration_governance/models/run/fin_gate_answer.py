from odoo import fields, models

from ..triggers import refuse_changes


class FinGateAnswer(models.Model):
    """What a gate answered, when, and about which content."""

    _name = "fin.gate.answer"
    _description = "Gate Answer"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id"
    _rec_name = "gate"

    run_id = fields.Many2one("fin.run", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    gate = fields.Char(required=True, readonly=True)
    question = fields.Char(required=True, readonly=True)
    answer = fields.Selection(
        [("proceed", "Proceed"), ("hold", "Hold"), ("stop", "Stop")], required=True, readonly=True
    )
    reason = fields.Char(readonly=True)
    count = fields.Integer(readonly=True, string="Items")
    digest = fields.Char(required=True, readonly=True, size=64)
    at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)

    def init(self):
        refuse_changes(self.env.cr, self._table)
