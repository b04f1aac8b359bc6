from odoo import http
from odoo.http import request

from ..core.sheets import as_csv
from .download import download


class DriftController(http.Controller):
    @http.route(
        "/finance_integration/drift/<int:drift>.csv",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=False,
    )
    def export(self, drift):
        """The differences, for who has asked for them and may see the flow; the export is in the log."""
        drift = request.env["fin.drift"].browse(drift).exists()
        drift.check_access("read")
        drift.ensure_one()
        drift.flow_id._need("group_viewer")
        content = as_csv(drift._rows())
        facts = {"lines": drift.line_count, "kind": "csv"}
        events = request.env["fin.audit.event"]
        events._append("fin.drift.export", "fin.flow", drift.flow_id.code, drift.flow_id.company_id, facts)
        return download(content, f"drift-{drift.flow_id.code}.csv", "text/csv;charset=utf-8")
