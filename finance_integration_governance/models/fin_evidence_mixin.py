from odoo import api, models

from .writer import refuse_strangers


class FinEvidenceMixin(models.AbstractModel):
    """Rows that only the suite's own methods write: whatever door somebody else comes through, it is shut."""

    _name = "fin.evidence.mixin"
    _description = "Evidence"

    @api.model_create_multi
    def create(self, vals_list):
        refuse_strangers(self.browse(), "create")
        return super().create(vals_list)

    def write(self, vals):
        refuse_strangers(self)
        return super().write(vals)

    def unlink(self):
        refuse_strangers(self, "unlink")
        return super().unlink()

    def copy(self, default=None):
        refuse_strangers(self, "copy")
        return super().copy(default)
