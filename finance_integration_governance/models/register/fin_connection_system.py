from odoo import fields, models


class FinConnection(models.Model):
    _inherit = "fin.connection"

    system_id = fields.Many2one(
        "fin.system", string="Outside system", ondelete="restrict", check_company=True, tracking=True
    )
