from odoo import http
from odoo.exceptions import AccessError
from odoo.http import request

from .download import download


class SubjectController(http.Controller):
    @http.route("/finance_integration/subject/<string:name>", type="http", auth="user", methods=["GET"], readonly=False)
    def export(self, name):
        """What is kept of the person, for the administrator who answers them."""
        found = request.env["fin.subject.request"].search([("name", "=", name)], limit=1)
        if not found:
            raise AccessError(request.env._("This request is not yours to read."))
        return download(found._copy_of_data(), f"{name}.json", "application/json")
