from odoo import api, fields, models

from ..installation import listed


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    fin_code = fields.Char(related="company_id.fin_code", readonly=False)
    fin_owner_id = fields.Many2one(related="company_id.fin_owner_id", readonly=False)
    fin_deputy_id = fields.Many2one(related="company_id.fin_deputy_id", readonly=False)
    fin_steward_id = fields.Many2one(related="company_id.fin_steward_id", readonly=False)
    fin_controller_id = fields.Many2one(related="company_id.fin_controller_id", readonly=False)
    fin_environment = fields.Selection(related="company_id.fin_environment", readonly=False, required=True)
    fin_mail_sender = fields.Char(related="company_id.fin_mail_sender", readonly=False)
    fin_file_roots = fields.Char(compute="_compute_fin_installation", string="Allowed Folders")
    fin_allowed_hosts = fields.Char(compute="_compute_fin_installation", string="Allowed Internal Hosts")
    fin_is_released = fields.Boolean(compute="_compute_fin_installation", string="Released for Sending")

    @api.depends("company_id")
    def _compute_fin_installation(self):
        for settings in self:
            settings.fin_file_roots = ", ".join(listed("file_roots"))
            settings.fin_allowed_hosts = ", ".join(listed("allowed_hosts"))
            settings.fin_is_released = self.env["fin.database"]._is_released()
