from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from .download import download_stream, told


class EvidenceController(http.Controller):
    @http.route("/finance_integration/evidence/<string:uid>", type="http", auth="user", methods=["GET"], readonly=False)
    def download(self, uid):
        """The archive, for auditors and for who owns its flows; the audit row is written first."""
        pack = request.env["fin.evidence.pack"].search([("uid", "=", uid)], limit=1)
        if not pack:
            raise AccessError(request.env._("This evidence is not yours to read."))
        with told():
            stream = pack._stream()
        self._log(pack)
        return download_stream(stream)

    def _log(self, pack):
        """In its own transaction: the row stands even if the download itself fails."""
        facts = {"digest": pack.digest, "archive": pack.archive_digest}
        events = request.env["fin.audit.event"]
        events._append_apart("fin.evidence.pack.read", pack._name, pack.name, pack.company_id, facts)
