from odoo import fields, models


class FinSubjectOpen(models.TransientModel):
    """Search what is kept of a person."""

    _name = "fin.subject.open"
    _description = "Search a Person's Data"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one("res.partner")
    terms = fields.Text(help="Names, e-mail addresses or account numbers, one in each line.")

    def action_search(self):
        """Search, and open what was found."""
        self.ensure_one()
        accounts = self.partner_id.bank_ids.mapped("sanitized_acc_number")
        words = [*(self.terms or "").splitlines(), self.partner_id.name, self.partner_id.email, *accounts]
        request = self.env["fin.subject.request"]._open_for(filter(None, words), self.company_id)
        return {"type": "ir.actions.act_window", "res_model": request._name, "res_id": request.id, "view_mode": "form"}
