from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from odoo.addons.finance_integration_governance.controllers.download import download

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BudgetController(http.Controller):
    @http.route(
        "/finance_integration/budget/<int:version_id>.xlsx", type="http", auth="user", methods=["GET"], readonly=False
    )
    def template(self, version_id):
        """The version as a workbook, for who may read it; the download is in the log."""
        version = request.env["fin.budget.version"].search([("id", "=", version_id)])
        if not version:
            raise AccessError(request.env._("This version is not yours to read."))
        return download(version._as_sheet(), f"{version.code}.xlsx", XLSX)
