import math

from odoo import SUPERUSER_ID, http
from odoo.http import Response, request

from ..core.errors import IntegrationError
from ..core.webhook import LARGEST

_TYPES = ("application/json", "application/cloudevents+json")


class WebhookController(http.Controller):
    @http.route(
        "/finance_integration/webhook/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        readonly=False,
        save_session=False,
    )
    def receive(self, token):
        """A signed call. It is read as bytes and never understood: all it can do is to have a flow look."""
        length = request.httprequest.content_length
        if length is None or length > LARGEST:
            return Response(status=413)
        if request.httprequest.mimetype not in _TYPES:
            return Response(status=400)
        body = request.httprequest.get_data()
        headers = {name.lower(): value for name, value in request.httprequest.headers.items()}
        # The signature stands for the system that calls, not for a person.
        webhook = request.env(user=SUPERUSER_ID, su=True)["fin.webhook"]
        try:
            status, wait = webhook._receive(token[:100], headers, body)
        except IntegrationError:
            # A secret that cannot be resolved: the sender tries again, and the log has it.
            return Response(status=503)
        return Response(status=status, headers={"Retry-After": str(math.ceil(wait))} if wait else None)
