from odoo import api, fields, models


class FinFlow(models.Model):
    """Where a flow replaces something that posted without one."""

    _inherit = "fin.flow"

    adopts = fields.Char("Replaces", readonly=True, copy=False, help="What posted the same without a flow.")

    @api.model
    def _cron_watch(self):
        self.env["fin.feed"]._discover()
        return super()._cron_watch()
