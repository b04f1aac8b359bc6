import tempfile

from odoo import fields, http
from odoo.http import request
from werkzeug.wsgi import wrap_file

from .download import download


class AuditController(http.Controller):
    @http.route("/finance_integration/audit/export", type="http", auth="user", methods=["GET"], readonly=False)
    def export(self):
        """The audit log as JSON Lines (docs/audit-log.md), for an auditor: from one snapshot, never whole in memory."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
        file.writelines(f"{line}\n".encode() for line in request.env["fin.audit.seal"]._export_for(request.env.user))
        size = file.tell()
        file.seek(0)
        name = f"audit-{fields.Date.today()}.jsonl"
        return download(wrap_file(request.httprequest.environ, file), name, "application/x-ndjson; charset=utf-8", size)
