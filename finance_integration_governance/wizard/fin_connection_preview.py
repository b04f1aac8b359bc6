from odoo import fields, models


class FinConnectionPreview(models.TransientModel):
    """What waits at a source, shown and forgotten."""

    _name = "fin.connection.preview"
    _description = "Preview of a Connection"

    connection_id = fields.Many2one("fin.connection", required=True, ondelete="cascade")
    text = fields.Text(readonly=True)
