from odoo import models

from ..fin_item_bank import OBJECT


class FinFlow(models.Model):
    """A flow of statements takes what is usual in its company where it says nothing of its own."""

    _inherit = "fin.flow"

    def _usual_bank_policy(self):
        return self.company_id._fin_policy()["usual"].get("bank", {}) if self.is_usual else super()._usual_bank_policy()

    def _is_unusual(self):
        part = "bank_policy"
        differs = self.object == OBJECT and self._document().get(part) != self._compose().get(part)
        return differs or super()._is_unusual()
