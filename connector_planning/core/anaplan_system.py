"""One model of Anaplan as a connection names it: settings, login and calls that both directions have in common."""

from functools import cached_property
from urllib.parse import quote, urlsplit

from odoo.addons.finance_integration_governance.core.connector import Connector, Setting
from odoo.addons.finance_integration_governance.core.http_wire import Limits

from .anaplan_api import AnaplanApi
from .anaplan_login import AnaplanLogin
from .answers import mapping

BASE_URL = "https://api.anaplan.com"
MEGABYTE = 1024 * 1024
MODEL = (
    Setting("base_url", "API address", default=BASE_URL, help="Of your region"),
    Setting("auth_url", "Authentication address", default="https://auth.anaplan.com"),
    Setting("login", "Login", kind="choice", default="certificate", choices=("certificate", "password")),
    Setting("user", "User", required=False),
    Setting("secret", "Password, or certificate with key", secret=True),
    Setting(
        "signed_data",
        "What a certificate signs",
        kind="choice",
        default="v2",
        choices=("v2", "v1"),
        help="v1, without the moment, only where the service does not take v2 yet",
    ),
    Setting("workspace", "Workspace"),
    Setting("model", "Model"),
)


class AnaplanSystem(Connector):
    """A connector with the settings `MODEL`."""

    # 600 a minute for all of a tenant; as many at once would leave nothing for its other integrations.
    rate = (10, 1)

    @classmethod
    def counted_with(cls, settings):
        """The tenant is named nowhere: whoever calls the same address counts as one."""
        return f"anaplan/{urlsplit(settings.get('base_url') or BASE_URL).netloc.lower()}"

    @cached_property
    def _api(self):
        # Logins have no chunks to wait for; an answer of a view, or a chunk of an export, may be long.
        by = {"is_certificate": self.login == "certificate", "signed": self.signed_data}
        login = AnaplanLogin(self.http(self.auth_url), self.user, self.secret, **by)
        limits = Limits(max_bytes=64 * MEGABYTE)
        http = self.http(f"{self.base_url.rstrip('/')}/2/0", authorization=login, limits=limits)
        return AnaplanApi(http, self.workspace, self.model)

    def _model_state(self):
        """In what state the model is, in Anaplan's word."""
        told = mapping(self._api.http.get(f"/models/{quote(self.model, safe='')}/status", expect=(404,)))
        return (told.get("requestStatus") or told).get("currentStep", "not there, or without access")
