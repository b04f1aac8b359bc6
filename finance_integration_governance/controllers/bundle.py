from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request


class BundleController(http.Controller):
    @http.route("/finance_integration/bundle/<string:code>", type="http", auth="user", methods=["GET"], readonly=False)
    def download(self, code):
        """The flow's live version as a signed bundle, for operators who may read the flow; the log tells it."""
        flow = request.env["fin.flow"].search([("code", "=", code)], limit=1)
        if not flow:
            raise AccessError(request.env._("This flow is not yours to read."))
        flow._need("group_operator")
        headers = [
            ("Content-Type", "application/yaml"),
            ("Content-Disposition", content_disposition(f"{code}.yaml")),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(request.env["fin.bundle"]._export(flow), headers)
