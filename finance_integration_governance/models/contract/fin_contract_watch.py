from odoo import models


class FinFlow(models.Model):
    """The daily watch also sees contracts that end, of flows that do not run."""

    _inherit = "fin.flow"

    def _watch(self):
        super()._watch()
        for flow in self:
            self.env["fin.exception"]._warn_of_contracts(flow, flow._document_contracts())
