from odoo import api, fields, models
from odoo.exceptions import ValidationError

# What a company may call usual: of the options of actuals by dimensions, those that are no matter of one flow.
USUAL = ("period", "dimensions", "plans", "checkpoint", "only_signed", "only_closed")


class ResCompany(models.Model):
    """What new flows of planning begin with. They get a copy: no flow in use and no run ever reads it here."""

    _inherit = "res.company"

    fin_planning_options = fields.Json("Options of New Planning Flows", copy=False)
    fin_planning_connection_id = fields.Many2one(
        "fin.connection", string="Target of New Planning Flows", ondelete="set null", copy=False
    )

    @api.constrains("fin_planning_options")
    def _check_fin_planning_options(self):
        for company in self.filtered("fin_planning_options"):
            told = company.fin_planning_options
            self.env["fin.object.cell"]._check_options(told, company)
            other = sorted(set(told) - set(USUAL))
            if other:
                raise ValidationError(
                    self.env._(
                        "%(names)s is a matter of each flow, and no default of the company.", names=", ".join(other)
                    )
                )

    @api.constrains("fin_planning_connection_id")
    def _check_fin_planning_connection_id(self):
        for company in self:
            # sudo: whoever may save Odoo's settings need not be able to read connections
            target = company.sudo().fin_planning_connection_id
            if target and (target.company_id != company or target.direction != "outbound"):
                raise ValidationError(
                    self.env._(
                        "%(connection)s does not lead out of %(company)s.",
                        connection=target.name,
                        company=company.name,
                    )
                )

    def _fin_planning_usual(self, business):
        """Of what is usual, what this object knows."""
        told, known = self.fin_planning_options or {}, {one.name for one in business._known_options(self)}
        return {name: value for name, value in told.items() if name in known}
