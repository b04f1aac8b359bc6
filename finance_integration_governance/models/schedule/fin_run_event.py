from odoo import models


class FinRun(models.Model):
    """The end of a run is an event for the flows that come after it."""

    _inherit = "fin.run"

    def _after_finish(self):
        super()._after_finish()
        if not self.is_draft:
            self.env["fin.event"]._happened(f"run:{self.flow_id.code}", self)
