import gzip
import socket
import ssl
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest
from local_server import answering

from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    DuplicateConflict,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.http import HttpClient
from odoo.addons.finance_integration_governance.core.http_wire import Limits

SECRET = "canary-7f3a9c"
LOOPBACK = ("127.0.0.1",)
QUICK = Limits(connect=1, read=1, total=0.4, max_bytes=200_000)


def client(server, **options):
    return HttpClient(server.url, token=SECRET, allowed_hosts=LOOPBACK, **options)


def tls(pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_an_answer_is_read_with_decimals(serve):
    server = serve(answering(200, b'{"amount": 12.10, "count": 3}'))
    assert client(server).get("/v1/totals").json() == {"amount": Decimal("12.10"), "count": 3}


def test_a_request_carries_token_key_and_canonical_json(serve):
    server = serve(answering(201))
    client(server).post("/v1/imports", json={"b": Decimal("1.50"), "a": "é"}, idempotency_key="k-1")
    head, _blank, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/imports HTTP/1.1\r\n")
    assert b"Idempotency-Key: k-1" in head and b"Authorization: Bearer canary-7f3a9c" in head
    assert body == '{"a": "é", "b": "1.5"}'.encode()


def test_the_base_path_stands_before_the_path_and_the_query_is_encoded(serve):
    server = serve(answering(200))
    HttpClient(server.url + "/api/", allowed_hosts=LOOPBACK).get("/v1/imports", query={"key": "a&b"})
    assert server.requests[0].startswith(b"GET /api/v1/imports?key=a%26b HTTP/1.1\r\n")


@pytest.mark.parametrize("path", ["v1", "/a b", "/a?b=c", "/a#b", "/a\r\nHost: x", "/a\\b", "/ü"])
def test_a_path_with_unquoted_parts_is_a_mistake_of_the_author(path):
    with pytest.raises(ValueError):
        HttpClient("https://api.example.com").get(path)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, DataError),
        (401, ConfigurationError),
        (403, ConfigurationError),
        (404, ConfigurationError),
        (408, TransientError),
        (409, DuplicateConflict),
        (413, DataError),
        (418, DataError),
        (422, DataError),
        (425, TransientError),
        (429, TransientError),
        (500, TransientError),
        (503, TransientError),
        (599, TransientError),
    ],
)
def test_r18_each_status_says_who_has_to_act(serve, status, error):
    http = client(serve(answering(status, b"payload-canary")))
    with pytest.raises(error) as raised:
        http.get("/v1/totals")
    assert type(raised.value) is error
    assert raised.value.facts["status"] == status and raised.value.facts["sent"]
    assert "payload-canary" not in str(raised.value)


def test_an_expected_status_is_an_answer(serve):
    assert client(serve(answering(404))).get("/v1/imports/x", expect=(404,)).status == 404


def test_r18_the_seconds_that_a_server_asks_for_are_kept(serve):
    with pytest.raises(TransientError) as raised:
        client(serve(answering(429, Retry_After="17"))).get("/")
    assert raised.value.retry_after == 17


def test_r18_the_moment_that_a_server_asks_for_becomes_seconds(serve):
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    with pytest.raises(TransientError) as raised:
        client(serve(answering(503, Retry_After=moment))).get("/")
    assert 85 <= raised.value.retry_after <= 91


@pytest.mark.parametrize(("text", "seconds"), [("soon", None), ("-5", None), ("1e9", None), ("999999999", 86400)])
def test_r18_a_senseless_wait_is_not_waited(serve, text, seconds):
    with pytest.raises(TransientError) as raised:
        client(serve(answering(503, Retry_After=text))).get("/")
    assert raised.value.retry_after == seconds


def test_s06_a_redirect_is_an_error_that_names_it(serve):
    elsewhere = serve(answering(200))
    server = serve(answering(302, Location=f"{elsewhere.url}/x?token=1"))
    with pytest.raises(ConfigurationError, match=r"redirect to 127\.0\.0\.1; redirects are not followed"):
        client(server).get("/v1/totals")
    assert not elsewhere.requests


def test_s06_plain_http_needs_the_administrators_list(serve):
    with pytest.raises(ConfigurationError, match="only https"):
        HttpClient(serve(answering(200)).url)


def test_s06_the_connection_goes_to_the_address_that_was_checked(serve):
    server, answers = serve(answering(200, b"{}")), iter(["127.0.0.1", "10.0.0.1"])

    def resolver(_host, port, **_options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    url = f"http://planning.test:{server.port}"
    HttpClient(url, allowed_hosts=["planning.test"], resolver=resolver).get("/v1/totals")
    assert f"Host: planning.test:{server.port}".encode() in server.requests[0]
    assert next(answers) == "10.0.0.1", "the name was looked up twice"


def test_s06_an_internal_address_behind_a_public_name_is_never_called(serve):
    server = serve(answering(200))

    def resolver(_host, _port, **_options):
        return [(2, 1, 6, "", (ip, server.port)) for ip in ("8.8.8.8", "127.0.0.1")]

    http = HttpClient("https://planning.test", resolver=resolver)
    with pytest.raises(ConfigurationError, match="internal network"):
        http.get("/")
    assert not server.requests and not http.calls[0].sent


def test_environment_proxies_are_ignored(serve, monkeypatch):
    proxy, server = serve(answering(200, b'"proxy"')), serve(answering(200, b'"server"'))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    assert client(server).get("/").json() == "server"


def test_s19_a_certificate_for_the_host_is_accepted(serve, authority):
    server = serve(answering(200, b"1"), tls(authority.issue("127.0.0.1")))
    assert client(server, ca_file=authority.file).get("/").json() == 1


@pytest.mark.parametrize(
    ("host", "days", "reason"),
    [("127.0.0.1", (-3, -1), "expired"), ("other.test", (-1, 1), "mismatch"), ("127.0.0.1", (-1, 1), "issuer|self")],
)
def test_s19_a_certificate_that_is_expired_foreign_or_unknown_is_refused(serve, authority, host, days, reason):
    server = serve(answering(200), tls(authority.issue(host, days)))
    known = {} if reason.startswith("issuer") else {"ca_file": authority.file}
    with pytest.raises(ConfigurationError, match=f"certificate was not accepted.*({reason})") as raised:
        client(server, **known).get("/")
    assert not server.requests and raised.value.facts["sent"] is False


def test_r17_a_server_that_drips_is_cut_off(serve):
    def drip(server, stream):
        stream.sendall(b"HTTP/1.1 200 OK\r\n")
        while not server.closing.wait(0.05):
            stream.sendall(b"X")

    http = client(serve(drip), limits=QUICK)
    with pytest.raises(TransientError, match=r"longer than 0\.4 s"):
        http.get("/")
    assert http.calls[0].duration_ms < 1500 and http.calls[0].error == "transient"


def test_r17_a_dripping_body_without_length_is_cut_off_too(serve, authority):
    def drip(server, stream):
        stream.sendall(b"HTTP/1.0 200 OK\r\n\r\n[1")
        while not server.closing.wait(0.05):
            stream.sendall(b" ")

    http = client(serve(drip, tls(authority.issue("127.0.0.1"))), limits=QUICK, ca_file=authority.file)
    with pytest.raises(TransientError, match=r"longer than 0\.4 s"):
        http.get("/")


def test_r17_a_server_that_never_answers_leaves_the_outcome_open(serve):
    http = client(serve(lambda server, _stream: server.closing.wait()), limits=Limits(read=0.2))
    with pytest.raises(TransientError) as raised:
        http.post("/v1/imports", body=b"x")
    assert raised.value.facts == {"sent": True, "status": None}


def test_r17_half_a_body_is_not_an_answer(serve):
    http = client(serve(answering(200, b'{"a": 1', Content_Length=700)))
    with pytest.raises(TransientError, match="IncompleteRead"):
        http.get("/")
    assert http.calls[0].status == 200 and http.calls[0].response_size == 7


@pytest.mark.parametrize(
    "noise", [b"", b"\x00\x01\n\n", b"HTTP/1.1 xx\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200]
)
def test_r17_what_is_no_http_breaks_off(serve, noise):
    with pytest.raises(TransientError, match="broke off"):
        client(serve(lambda _server, stream: stream.sendall(noise))).get("/")


def test_r17_a_closed_port_says_that_nothing_was_sent(serve):
    server = serve(answering(200))
    server.close()
    with pytest.raises(TransientError) as raised:
        client(server).post("/", body=b"x")
    assert raised.value.facts["sent"] is False


def test_a_name_without_address_is_transient():
    def resolver(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(TransientError, match="could not be looked up"):
        HttpClient("https://nowhere.test", resolver=resolver).get("/")


def test_a_packed_answer_is_unpacked(serve):
    assert client(serve(answering(200, gzip.compress(b"[1, 2]"), Content_Encoding="gzip"))).get("/").json() == [1, 2]


def test_s04_a_packed_bomb_is_stopped_at_the_cap(serve):
    bomb = gzip.compress(bytes(50_000_000))
    http = client(serve(answering(200, bomb, Content_Encoding="gzip")), limits=QUICK)
    with pytest.raises(MalformedPayload, match="more than 200000 bytes"):
        http.get("/")
    assert http.calls[0].response_size <= QUICK.max_bytes + 65_536 and http.calls[0].error == "too_large"


def test_s04_a_plain_answer_is_capped_as_well(serve):
    with pytest.raises(MalformedPayload, match="more than 200000 bytes"):
        client(serve(answering(200, b" " * 300_000)), limits=QUICK).get("/")


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "compress"])
def test_s04_packings_that_were_not_asked_for_are_refused(serve, packing):
    with pytest.raises(MalformedPayload, match="not asked for"):
        client(serve(answering(200, b"x", Content_Encoding=packing))).get("/")


@pytest.mark.parametrize("body", [b"not packed", gzip.compress(b"{}") + b"more"])
def test_a_broken_packing_is_malformed(serve, body):
    with pytest.raises(MalformedPayload):
        client(serve(answering(200, body, Content_Encoding="gzip"))).get("/")


def test_each_call_is_on_record_also_when_it_failed(serve):
    http = client(serve(answering(503, b"busy")))
    with pytest.raises(TransientError):
        http.get("/v1/imports", query={"key": "secret-key"})
    facts = http.calls[0].facts()
    assert facts["path"] == "/v1/imports?key" and facts["status"] == 503 and facts["response_size"] == 4
    assert facts["error"] == "transient" and facts["sent"] is True and len(facts["response_digest"]) == 64


def test_s08_no_secret_reaches_a_record_or_an_error(serve):
    http = client(serve(answering(401, SECRET.encode())))
    with pytest.raises(ConfigurationError) as raised:
        http.get("/v1/totals")
    assert SECRET not in f"{raised.value} {raised.value.facts} {http.calls} {http!r}"


@pytest.mark.parametrize("token", [f"{SECRET}\n", f"{SECRET}\r\nX: y", f"{SECRET}é"])
def test_s08_a_token_that_no_header_may_have_is_refused_without_repeating_it(token):
    with pytest.raises(ConfigurationError) as raised:
        HttpClient("https://api.example.com", token=token)
    assert SECRET not in str(raised.value)
