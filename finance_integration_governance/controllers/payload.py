from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from .download import download_stream, told


class PayloadController(http.Controller):
    @http.route("/finance_integration/payload/<string:uid>", type="http", auth="user", methods=["GET"], readonly=False)
    def download(self, uid):
        """The stored bytes, for who may read the payload; the audit row is written before the first byte leaves."""
        payload = request.env["fin.payload"].search([("uid", "=", uid)], limit=1)
        if not payload or not request.env.user.has_group("finance_integration_governance.group_operator"):
            raise AccessError(request.env._("This payload is not yours to read."))
        if payload._hidden():
            raise AccessError(request.env._("What was received is shown to others than you in clear."))
        self._log(payload)
        with told():
            return download_stream(payload._stream())

    def _log(self, payload):
        """In its own transaction: the row stands even if the download itself fails."""
        request.env["fin.audit.event"]._append_apart(
            "fin.payload.read", "fin.payload", payload.uid, payload.company_id, {"digest": payload.digest}
        )
