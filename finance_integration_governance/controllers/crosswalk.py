from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from .download import download

TYPES = {
    "csv": "text/csv;charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class CrosswalkController(http.Controller):
    @http.route(
        "/finance_integration/crosswalk/<string:code>.<any(csv,xlsx):kind>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=False,
    )
    def export(self, code, kind):
        """The lines of the working copy, for who may read them; the export is in the log."""
        crosswalk = request.env["fin.crosswalk"].search([("code", "=", code)], limit=1)
        if not crosswalk:
            raise AccessError(request.env._("This crosswalk is not yours to read."))
        return download(crosswalk._as_file(kind), f"{code}.{kind}", TYPES[kind])
