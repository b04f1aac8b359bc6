from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.finance_integration_governance.models.writer import as_writer

PREPARER = "connector_bank.group_payment_preparer"


class FinPaymentBatch(models.Model):
    """Who has a hand in a batch: everybody who ever edited it counts as its preparer."""

    _inherit = "fin.payment.batch"

    editor_ids = fields.Many2many(
        "res.users", "fin_payment_batch_editor", readonly=True, copy=False, string="Edited by"
    )

    def _edited(self, what):
        """The person at work changes this: AccessError for others than preparers, UserError once it was submitted."""
        self._need_preparer()
        for batch in self:
            if batch.state != "draft":
                raise UserError(
                    self.env._("%s was submitted: withdraw it to change it; every yes to it is void then.", batch.name)
                )
            batch._note_editor()
            batch._audit("edit", what=what)

    def _note_editor(self):
        as_writer(self).write({"editor_ids": [Command.link(self.env.uid)]})

    def _need_preparer(self):
        self.check_access("read")
        if not self.env.user.has_group(PREPARER):
            raise AccessError(self.env._("Only who prepares payments may do this."))
