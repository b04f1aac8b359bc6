from odoo import models
from odoo.exceptions import UserError

from ...core.register import outside_region, unanswered


class FinVersion(models.Model):
    """What a version's register has to say before anybody is asked to approve it."""

    _inherit = "fin.version"

    def _guard_submit(self):
        super()._guard_submit()
        if self.flow_id:
            self._guard_register(self._read_document())

    def _guard_register(self, document):
        register = document.get("register", {})
        missing = unanswered(register)
        if missing:
            raise UserError(
                self.env._("Answer these questions on the flow and propose it again: %s", " ".join(missing))
            )
        if document["flow"]["direction"] == "outbound" and not register.get("scope"):
            raise UserError(self.env._("Say on the flow which fields may leave: nothing is approved yet."))
        refusal = outside_region(register)
        if refusal:
            raise UserError(refusal[0].upper() + refusal[1:] + ".")
