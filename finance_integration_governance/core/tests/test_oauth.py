import base64
import json
from urllib.parse import parse_qs

import pytest
from local_server import LocalServer, answering

from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    IntegrationError,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.http import HttpClient
from odoo.addons.finance_integration_governance.core.oauth import OAuth2

SECRET = "canary-client-secret"
LOOPBACK = ("127.0.0.1",)


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class Issuer:
    """An authorization server and an interface that accepts its newest token."""

    def __init__(self, life=600, rotates=False, status=None, answer=None):
        self.life, self.rotates, self.given = life, rotates, 0
        self.status, self.answer = status, answer
        self.server = LocalServer(self.handle)

    def handle(self, server, stream):
        head, _blank, body = server.requests[-1].partition(b"\r\n\r\n")
        if not head.startswith(b"POST /oauth/token"):
            known = f"Authorization: Bearer canary-token-{self.given}".encode()
            return answering(200 if known in head else 401, b"{}")(server, stream)
        if self.status or self.answer is not None:
            return answering(self.status or 200, self.answer or b"{}")(server, stream)
        asked = parse_qs(body.decode())
        self.given += 1
        told = {"access_token": f"canary-token-{self.given}", "token_type": "Bearer", "expires_in": self.life}
        if asked["grant_type"] == ["refresh_token"]:
            if asked["refresh_token"] != [f"refresh-{self.given}"]:
                return answering(400, b'{"error": "invalid_grant"}')(server, stream)
            told["refresh_token"] = f"refresh-{self.given + 1 if self.rotates else self.given}"
        return answering(200, json.dumps(told).encode())(server, stream)

    @property
    def logins(self):
        return [request for request in self.server.requests if request.startswith(b"POST /oauth/token")]


@pytest.fixture
def issue():
    issuers = []

    def start(**options):
        issuers.append(Issuer(**options))
        return issuers[-1]

    yield start
    for issuer in issuers:
        issuer.server.close()


def connect(issuer, **options):
    tokens = HttpClient(issuer.server.url, allowed_hosts=LOOPBACK)
    authorization = OAuth2(tokens, "/oauth/token", "client", SECRET, **options)
    return HttpClient(issuer.server.url, allowed_hosts=LOOPBACK, authorization=authorization, calls=tokens.calls)


def test_client_credentials_give_a_token_that_serves_until_shortly_before_its_end(issue):
    issuer, clock = issue(life=600), Clock()
    http = connect(issuer, clock=clock, scope="actuals.write")
    http.get("/v1/a")
    clock.now += 500
    http.get("/v1/b")
    assert len(issuer.logins) == 1
    clock.now += 60
    http.get("/v1/c")
    assert len(issuer.logins) == 2 and len(http.calls) == 5
    assert parse_qs(issuer.logins[0].partition(b"\r\n\r\n")[2].decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["actuals.write"],
    }
    assert base64.b64encode(f"client:{SECRET}".encode()) in issuer.logins[0]


def test_a_token_that_ended_early_is_renewed_once_and_the_call_made_again(issue):
    issuer = issue()
    http = connect(issuer)
    http.get("/v1/a")
    issuer.given = 7  # somebody else has a newer token; ours is not good any more
    assert http.get("/v1/b").status == 200
    assert [call.status for call in http.calls] == [200, 200, 401, 200, 200]


def test_a_token_that_is_refused_at_once_is_not_tried_for_ever(issue):
    issuer = issue(answer=b'{"access_token": "canary-of-another", "token_type": "bearer"}')
    http = connect(issuer)
    with pytest.raises(ConfigurationError) as raised:
        http.get("/v1/a")
    assert raised.value.facts["status"] == 401 and len(issuer.server.requests) == 4


def test_a_refresh_token_that_changes_is_kept_before_anything_uses_the_new_one(issue):
    issuer, kept, clock = issue(rotates=True, life=100), [], Clock()
    http = connect(issuer, refresh_token="refresh-1", keep=kept.append, clock=clock)
    http.get("/v1/a")
    clock.now += 100
    http.get("/v1/b")
    assert kept == ["refresh-2", "refresh-3"]


def test_a_refresh_token_that_changes_and_cannot_be_kept_is_an_error(issue):
    issuer = issue(rotates=True)
    with pytest.raises(ConfigurationError, match="stored:name"):
        connect(issuer, refresh_token="refresh-1").get("/v1/a")


def test_a_refresh_token_that_stays_needs_nobody_to_keep_it(issue):
    assert connect(issue(), refresh_token="refresh-1").get("/v1/a").status == 200


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (401, b'{"error": "invalid_client", "error_description": "canary"}', ConfigurationError),
        (400, b'{"error": "invalid_grant"}', ConfigurationError),
        (400, b"not json", MalformedPayload),
        (503, b"{}", TransientError),
        (429, b"{}", TransientError),
        (200, b"[1]", MalformedPayload),
        (200, b'{"token_type": "bearer"}', MalformedPayload),
        (200, b'{"access_token": "x", "token_type": "mac"}', MalformedPayload),
        (200, b'{"access_token": 5, "token_type": "bearer"}', MalformedPayload),
    ],
)
def test_r18_what_is_no_token_says_who_has_to_act(issue, status, answer, error):
    http = connect(issue(status=status, answer=answer))
    with pytest.raises(IntegrationError) as raised:
        http.get("/v1/a")
    assert type(raised.value) is error
    assert "canary" not in str(raised.value)


def test_s08_neither_secret_nor_token_reaches_a_record(issue):
    http = connect(issue(), method="client_secret_post")
    http.get("/v1/a")
    assert SECRET not in f"{http.calls}" and "canary-token" not in f"{http.calls}"
