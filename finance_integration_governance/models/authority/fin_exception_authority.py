from odoo import fields, models


class FinException(models.Model):
    """An exception over what the authority matrix refuses: both values of each field."""

    _inherit = "fin.exception"

    conflict_ids = fields.One2many(
        "fin.conflict",
        "exception_id",
        string="Both Values",
        groups="finance_integration_governance.group_viewer",
    )
