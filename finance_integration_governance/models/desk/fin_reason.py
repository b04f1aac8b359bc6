from odoo import fields, models


class FinReason(models.Model):
    """Why something is done about items, in a word that can be counted; what exactly, a person writes beside it."""

    _name = "fin.reason"
    _description = "Reason Code"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True, help="How the evidence names it.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("UNIQUE(code)", "There is already a reason with this code.")
