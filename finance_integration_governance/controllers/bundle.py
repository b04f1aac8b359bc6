from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from .download import download


class BundleController(http.Controller):
    @http.route("/finance_integration/bundle/<string:code>", type="http", auth="user", methods=["GET"], readonly=False)
    def export(self, code):
        """The flow's live version as a signed bundle, for operators who may read the flow; the log tells it."""
        flow = request.env["fin.flow"].search([("code", "=", code)], limit=1)
        if not flow:
            raise AccessError(request.env._("This flow is not yours to read."))
        flow._need("group_operator")
        return download(request.env["fin.bundle"]._export(flow), f"{code}.yaml", "application/yaml")
