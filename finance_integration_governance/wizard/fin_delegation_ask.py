from odoo import fields, models


class FinDelegationAsk(models.TransientModel):
    """An approver names who decides in their place, and from when to when."""

    _name = "fin.delegation.ask"
    _description = "Name a Deputy"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    deputy_id = fields.Many2one("res.users", required=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("To", required=True)
    reason = fields.Text(required=True)

    def action_ask(self):
        self.ensure_one()
        self.env["fin.delegation"]._ask(self.company_id, self.deputy_id, self.date_from, self.date_to, self.reason)
        return {"type": "ir.actions.act_window_close"}
