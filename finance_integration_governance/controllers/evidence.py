from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request


class EvidenceController(http.Controller):
    @http.route("/finance_integration/evidence/<string:uid>", type="http", auth="user", methods=["GET"], readonly=False)
    def download(self, uid):
        """The archive, for auditors and for who owns its flows; the audit row is written first."""
        pack = request.env["fin.evidence.pack"].search([("uid", "=", uid)], limit=1)
        if not pack:
            raise AccessError(request.env._("This evidence is not yours to read."))
        stream = pack._stream()
        self._log(pack)
        return stream.get_response(as_attachment=True, immutable=False)

    def _log(self, pack):
        """In its own transaction: the row stands even if the download itself fails."""
        with request.env.registry.cursor() as cr:
            events = request.env(cr=cr)["fin.audit.event"]
            facts = {"digest": pack.digest, "archive": pack.archive_digest}
            events._append("fin.evidence.pack.read", pack._name, pack.name, pack.company_id, facts)
