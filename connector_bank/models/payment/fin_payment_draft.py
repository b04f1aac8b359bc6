from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Command

from odoo.addons.finance_integration_governance.models.writer import as_writer, is_writer


class FinPaymentDraft(models.AbstractModel):
    """A part of a payment batch: preparers change some of it until somebody was asked for a yes, the suite the rest."""

    _name = "fin.payment.draft"
    _description = "Part of a Payment Batch"
    _inherit = ["fin.evidence.mixin"]
    _by_preparers = frozenset()
    _parts = frozenset()  # what a screen saves together with it

    def _batch(self):
        raise NotImplementedError

    def write(self, vals):
        if is_writer(self) or not set(vals) <= self._by_preparers | self._parts:
            return super().write(vals)
        own = {name: value for name, value in vals.items() if name in self._by_preparers}
        for name in self._parts & set(vals):
            self._write_parts(name, vals[name])
        if own:
            self._batch()._edited(sorted(own))
            as_writer(self).write(own)
        return True

    def _write_parts(self, name, commands):
        """What a screen saves with this record goes through the door of each part itself."""
        for command in commands:
            part = self[name].filtered(lambda one, wanted=command[1]: one.id == wanted)
            if command[0] != Command.UPDATE or not part:
                raise AccessError(self.env._("Parts of a payment batch are proposed, not made by hand."))
            part.write(command[2])
