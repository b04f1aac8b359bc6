from dataclasses import asdict

from odoo import api, fields, models

from .res_company_planning import USUAL


class ResConfigSettings(models.TransientModel):
    """What new flows of planning begin with, and the way to what decides beside them."""

    _inherit = "res.config.settings"

    fin_planning_options = fields.Json(related="company_id.fin_planning_options", readonly=False)
    fin_planning_option_fields = fields.Json(compute="_compute_fin_planning_option_fields")
    fin_planning_connection_id = fields.Many2one(
        related="company_id.fin_planning_connection_id",
        readonly=False,
        domain="[('company_id', '=', company_id), ('direction', '=', 'outbound')]",
    )
    fin_planning_year_ends = fields.Char(compute="_compute_fin_planning_year_ends", string="Fiscal Year Ends")

    @api.depends("company_id")
    def _compute_fin_planning_option_fields(self):
        for settings in self:
            known = self.env["fin.object.cell"]._known_options(settings.company_id)
            settings.fin_planning_option_fields = [asdict(option) for option in known if option.name in USUAL]

    @api.depends("company_id")
    def _compute_fin_planning_year_ends(self):
        for settings in self:
            company = settings.company_id
            months = dict(company._fields["fiscalyear_last_month"]._description_selection(self.env))
            settings.fin_planning_year_ends = f"{company.fiscalyear_last_day} {months[company.fiscalyear_last_month]}"

    def action_fin_fiscal_year(self):
        """Odoo's own dialog of the fiscal year."""
        return self.env["onboarding.onboarding.step"].with_company(self.company_id).action_open_step_fiscal_year()
