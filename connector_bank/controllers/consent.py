from odoo import http
from odoo.exceptions import UserError
from odoo.http import Response, request

from odoo.addons.finance_integration_governance.core.errors import IntegrationError


class ConsentController(http.Controller):
    @http.route("/finance_integration/consent", type="http", auth="user", methods=["GET"], readonly=False)
    def back(self, state="", code=None, **_told):
        """Whoever comes back from the bank. What the address says is not believed: the bank is asked how it stands."""
        try:
            consent = request.env["fin.consent"]._by_mark(state[:200])
        except IntegrationError:
            return Response(status=404)
        consent.connection_id._need_consenter()
        try:
            consent.connection_id._with_connector("consent", lambda one: consent._look(one, code and code[:2000]))
        except UserError:
            # The record shows how it stands; it can be looked after by hand.
            return request.redirect(f"/odoo/finance-consents/{consent.id}")
        return request.redirect(f"/odoo/finance-consents/{consent.id}")
