from odoo import fields, models


class FinPeriodAcknowledge(models.TransientModel):
    """One reason for several entries that no flow delivered."""

    _name = "fin.period.acknowledge"
    _description = "Acknowledge Entries"

    entry_ids = fields.Many2many("fin.period.entry", required=True)
    reason = fields.Text(required=True)

    def action_acknowledge(self):
        self.ensure_one()
        self.entry_ids._acknowledge(self.reason)
        return {"type": "ir.actions.act_window_close"}
