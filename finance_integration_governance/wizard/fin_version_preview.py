from odoo import fields, models
from odoo.exceptions import UserError


class FinVersionPreview(models.TransientModel):
    """Which runs' payloads a candidate version reads again, without any effect."""

    _name = "fin.version.preview"
    _description = "Impact Preview"

    version_id = fields.Many2one("fin.version", required=True, readonly=True, ondelete="cascade")
    flow_id = fields.Many2one(related="version_id.flow_id")
    direction = fields.Selection(related="flow_id.direction")
    run_ids = fields.Many2many("fin.run", string="Runs")

    def action_run(self):
        self.ensure_one()
        self.run_ids.check_access("read")
        if self.run_ids.flow_id - self.flow_id:
            raise UserError(self.env._("These are runs of another flow."))
        self.version_id._preview(self.run_ids)
        return self.version_id._open()
