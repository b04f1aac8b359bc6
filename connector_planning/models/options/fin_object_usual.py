from odoo import api, models


class FinObjectActual(models.AbstractModel):
    """What new flows of planning begin with, as their company says; from then on it is theirs."""

    _inherit = "fin.object.actual"

    @api.model
    def _usual_options(self, company):
        return company._fin_planning_usual(self)

    @api.model
    def _usual_connection(self, company):
        return company.fin_planning_connection_id


class FinObjectDataset(models.AbstractModel):
    _inherit = "fin.object.dataset"

    @api.model
    def _usual_options(self, company):
        return company._fin_planning_usual(self)


class FinObjectDimension(models.AbstractModel):
    _inherit = "fin.object.dimension"

    @api.model
    def _usual_connection(self, company):
        return company.fin_planning_connection_id
