import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..core.bundle import MAX_BYTES


class FinBundleImport(models.TransientModel):
    """A bundle from another database, to become a change request here."""

    _name = "fin.bundle.import"
    _description = "Import a Flow"

    file = fields.Binary(required=True, attachment=False)
    file_name = fields.Char()

    def action_import(self):
        """Make the change request and open it."""
        self.ensure_one()
        if len(self.file) > MAX_BYTES * 4 // 3 + 4:
            raise UserError(self.env._("This file is too large for a bundle."))
        return self.env["fin.bundle"]._import(base64.b64decode(self.file))._open()
