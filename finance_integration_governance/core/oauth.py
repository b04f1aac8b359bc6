"""OAuth 2.0 for machines (RFC 6749): client credentials (4.4) and refresh tokens (6), spoken by Authlib.

Authlib writes and reads the messages; they travel by our HttpClient, so the same checks and the same record hold.
"""

import time
from urllib.parse import urlencode

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from .errors import ConfigurationError, MalformedPayload
from .redaction import register

METHODS = ("client_secret_basic", "client_secret_post")
_EARLY = 60  # seconds before its end in which a token is not used any more
_SHORTEST = 300  # seconds for which a token without a stated life is used


class OAuth2:
    """What stands in `Authorization`, for `HttpClient(authorization=...)`. The token stays in memory.

    `http`: a client of the authorization server; `path`: its token endpoint. `keep`: called with a refresh token that
    was given in the place of the old one, before anything uses it; a refresh token may be good for one use only.
    """

    def __init__(
        self,
        http,
        path,
        client_id,
        client_secret,
        *,
        scope=None,
        refresh_token=None,
        keep=None,
        method=METHODS[0],
        clock=time.monotonic,
    ):
        self._path, self._refresh_token, self._keep, self._clock = path, refresh_token, keep, clock
        self._client = OAuth2Client(
            _Session(http), client_id, client_secret, token_endpoint_auth_method=method, scope=scope
        )
        self._token, self._ends_at = None, 0

    def header(self):
        if not self._token or self._clock() >= self._ends_at:
            self._fetch()
        return f"Bearer {self._token}"

    def renew(self):
        """A token that was accepted before and is refused now has ended early: another one may be tried, once."""
        was_used, self._token = self._token is not None, None
        return was_used

    def _fetch(self):
        try:
            answer = self._client.fetch_token(self._path, **self._grant())
        except OAuth2Error as error:
            raise ConfigurationError(f"the authorization server refused: {error.error}", status=401) from None
        token = answer.get("access_token")
        if not isinstance(token, str) or str(answer.get("token_type", "bearer")).lower() != "bearer":
            raise MalformedPayload("the authorization server's answer holds no bearer token")
        self._turn(answer.get("refresh_token"))
        self._token = register(token)
        self._ends_at = self._clock() + max(0, _seconds(answer.get("expires_in")) - _EARLY)

    def _grant(self):
        if self._refresh_token:
            return {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        return {"grant_type": "client_credentials"}

    def _turn(self, refresh_token):
        """Keep the refresh token that comes in the place of the one that was used."""
        if not refresh_token or refresh_token == self._refresh_token or not self._refresh_token:
            return
        if not self._keep:
            raise ConfigurationError("the refresh token changes with its use: give it as stored:name, to be kept")
        self._keep(register(refresh_token))
        self._refresh_token = refresh_token


class _Session:
    """What Authlib takes for a session of `requests`."""

    def __init__(self, http):
        self._http = http

    def post(self, path, data=None, headers=None, auth=None, **_options):
        headers = dict(headers or {})
        path, headers, body = auth.prepare("POST", path, headers, urlencode(data or {}))
        if auth.client_secret:
            register(auth.client_secret)
        answer = self._http.post(path, body=body.encode(), headers=headers, expect=(400, 401))
        return _Answer(answer)


class _Answer:
    def __init__(self, answer):
        self.status_code, self.json = answer.status, answer.json

    def raise_for_status(self):
        raise MalformedPayload(f"the authorization server answered {self.status_code} and no JSON object")


def _seconds(expires_in):
    text = str(expires_in).strip() if isinstance(expires_in, (int, str)) else ""
    return int(text) if text.isdigit() and len(text) < 9 else _SHORTEST
