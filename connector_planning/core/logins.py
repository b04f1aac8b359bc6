"""How a connection logs in: what stands in `Authorization`, and the settings that say which way it is done."""

import base64
import re

from odoo.addons.finance_integration_governance.core.connector import Setting
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.oauth import METHODS, OAuth2
from odoo.addons.finance_integration_governance.core.redaction import register

TOKEN, PASSWORD, CLIENT = LOGINS = ("token", "password", "client_credentials")
LOGIN = (
    Setting(
        "login",
        "Login",
        kind="choice",
        required=False,
        choices=LOGINS,
        help="Without one: a password where there is a user, else a token",
    ),
    Setting("user", "User, or id of the client", required=False),
    Setting("secret", "Password, token or secret of the client", secret=True),
    Setting("auth_url", "Address for tokens", required=False, help="Of the authorization server (OAuth 2.0)"),
    Setting("scope", "Scope", required=False, help="What is asked for there, where it wants to be told"),
    Setting("client_login", "The client tells its secret by", kind="choice", default=METHODS[0], choices=METHODS),
)
_LAST = re.compile(r"[A-Za-z0-9._~-]+")


def logged_in(connector, limits):
    """The `HttpClient` of a connector with the settings `LOGIN` and `base_url`.

    Raises ConfigurationError where the chosen way lacks its user or its address for tokens.
    """
    way = connector.login or (PASSWORD if connector.user else TOKEN)
    if way == TOKEN:
        return connector.http(connector.base_url, token=connector.secret, limits=limits)
    if not connector.user:
        raise ConfigurationError(f"{connector.label}: who logs in is not named", setting="user")
    login = FixedLogin("Basic", connector.user, connector.secret) if way == PASSWORD else _client(connector)
    return connector.http(connector.base_url, authorization=login, limits=limits)


def _client(connector):
    """Client credentials (RFC 6749, 4.4): the token is asked for on the connection's own way, and on its record."""
    server, _slash, last = (connector.auth_url or "").rpartition("/")
    if "//" not in server or not _LAST.fullmatch(last):
        text = f"{connector.label}: the address for tokens is none, such as https://login.example.com/oauth/token"
        raise ConfigurationError(text, setting="auth_url")
    told = {"scope": connector.scope, "method": connector.client_login}
    return OAuth2(connector.http(server), f"/{last}", connector.user, connector.secret, **told)


class FixedLogin:
    """`scheme` and base64 of the parts with colons between them: Basic (RFC 7617), and what is built like it."""

    def __init__(self, scheme, *parts):
        self._header = f"{scheme} {register(base64.b64encode(':'.join(parts).encode()).decode())}"

    def header(self):
        return self._header

    def renew(self):
        """False: what was refused is refused again."""
        return False
