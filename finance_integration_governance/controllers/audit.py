import tempfile

from odoo import fields, http
from odoo.http import content_disposition, request
from werkzeug.wsgi import wrap_file


class AuditController(http.Controller):
    @http.route("/finance_integration/audit/export", type="http", auth="user", methods=["GET"], readonly=False)
    def export(self):
        """The audit log as JSON Lines (docs/audit-log.md), for an auditor: from one snapshot, never whole in memory."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
        file.writelines(f"{line}\n".encode() for line in request.env["fin.audit.seal"]._export_for(request.env.user))
        size = file.tell()
        file.seek(0)
        headers = [
            ("Content-Type", "application/x-ndjson; charset=utf-8"),
            ("Content-Disposition", content_disposition(f"audit-{fields.Date.today()}.jsonl")),
            ("Content-Length", size),
            ("Cache-Control", "no-store"),
        ]
        response = request.make_response(wrap_file(request.httprequest.environ, file), headers)
        response.direct_passthrough = True
        return response
