from odoo import api, models
from odoo.exceptions import ValidationError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.constrains("public", "res_model")
    def _check_fin_public(self):
        """What hangs on a flow, a run or an exception is for those who may see the record."""
        if any(attachment.public and (attachment.res_model or "").startswith("fin.") for attachment in self):
            raise ValidationError(self.env._("Attachments of finance integrations are not made public."))
