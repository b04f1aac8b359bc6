from odoo import fields, models


class FinHoldSet(models.TransientModel):
    """Put a legal hold on what was received."""

    _name = "fin.hold.set"
    _description = "Set a Legal Hold"

    reason = fields.Text(required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    flow_id = fields.Many2one("fin.flow", domain="[('company_id', '=', company_id)]")
    date_from = fields.Date("From")
    date_to = fields.Date("To")
    partner_id = fields.Many2one("res.partner")
    terms = fields.Text(help="Names, e-mail addresses or account numbers, one in each line.")

    def action_set(self):
        """Set the hold and open it."""
        self.ensure_one()
        hold = self.env["fin.hold"]._set(
            self.reason, self.company_id, self.flow_id, self.date_from, self.date_to, self._words()
        )
        return {"type": "ir.actions.act_window", "res_model": "fin.hold", "res_id": hold.id, "view_mode": "form"}

    def _words(self):
        accounts = self.partner_id.bank_ids.mapped("sanitized_acc_number")
        return [
            *(self.terms or "").splitlines(),
            *filter(None, [self.partner_id.name, self.partner_id.email, *accounts]),
        ]
