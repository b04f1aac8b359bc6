from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from ..core.crosswalk_file import table
from ..core.sheets import as_csv, as_xlsx
from .download import download

TYPES = {
    "csv": (as_csv, "text/csv;charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
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
        write, content_type = TYPES[kind]
        content = write(table(crosswalk.line_ids._lines()))
        facts = {"digest": crosswalk.digest, "lines": len(crosswalk.line_ids), "kind": kind}
        events = request.env["fin.audit.event"]
        events._append("fin.crosswalk.export", "fin.crosswalk", code, crosswalk.company_id, facts)
        return download(content, f"{code}.{kind}", content_type)
