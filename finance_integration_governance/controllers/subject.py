from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request


class SubjectController(http.Controller):
    @http.route("/finance_integration/subject/<string:name>", type="http", auth="user", methods=["GET"], readonly=False)
    def download(self, name):
        """What is kept of the person, for the administrator who answers them."""
        found = request.env["fin.subject.request"].search([("name", "=", name)], limit=1)
        if not found:
            raise AccessError(request.env._("This request is not yours to read."))
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Disposition", content_disposition(f"{name}.json")),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]
        return request.make_response(found._copy_of_data(), headers)
