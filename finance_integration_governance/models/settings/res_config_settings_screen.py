from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How the release of this database stands."""

    _inherit = "res.config.settings"

    fin_release_state = fields.Selection(
        lambda self: self.env["fin.database"]._release_states(), compute="_compute_fin_release_state"
    )

    def _compute_fin_release_state(self):
        self.fin_release_state = self.env["fin.database"]._release_state()

    def action_fin_request_release(self):
        return self.env["fin.database"].action_request_release()

    def action_fin_approve_release(self):
        return self.env["fin.database"].action_approve_release()
