"""The way of a connection: its own authority, its own certificate, its gateway, and the hook before each call."""

import base64
import contextlib
import socket
import ssl
import threading

import pytest
from local_server import answering

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, TransientError
from odoo.addons.finance_integration_governance.core.http import HttpClient
from odoo.addons.finance_integration_governance.core.http_wire import Limits
from odoo.addons.finance_integration_governance.core.network import Network

LOOPBACK = ("127.0.0.1",)
LOGIN = "odoo:canary-gateway"


def tls(authority, wants_certificate=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue("127.0.0.1"))
    if wants_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority.file)
    return context


def tunnel(status=200):
    """A proxy that opens the tunnel it is asked for, or answers with another status."""

    def handler(server, stream):
        if status != 200:
            stream.sendall(f"HTTP/1.1 {status} No\r\n\r\n".encode())
            return
        target = server.requests[-1].split()[1].decode()
        host, _colon, port = target.rpartition(":")
        with socket.create_connection(("127.0.0.1" if host.endswith(".test") else host, int(port))) as far:
            stream.sendall(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
            threading.Thread(target=pump, args=(far, stream), daemon=True).start()
            pump(stream, far)

    return handler


def pump(source, sink):
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)


def network(authority, **options):
    return Network(authority=authority.file.read_text(), **options)


def test_s19_a_private_authority_holds_for_its_connection_only(serve, authority):
    server = serve(answering(200, b"1"), tls(authority))
    ours = HttpClient(server.url, allowed_hosts=LOOPBACK, network=network(authority))
    assert ours.get("/").json() == 1
    with pytest.raises(ConfigurationError, match="certificate was not accepted"):
        HttpClient(server.url, allowed_hosts=LOOPBACK).get("/")


def test_s19_a_private_authority_takes_the_place_of_all_others(authority):
    known = HttpClient("https://api.example.com", network=network(authority))._context.get_ca_certs()
    assert [dict(part[0] for part in one["subject"])["commonName"] for one in known] == ["Test Authority"]


@pytest.mark.parametrize("text", ["no certificate", "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----"])
def test_s19_an_authority_that_is_none_is_refused_and_not_ignored(text):
    with pytest.raises(ConfigurationError, match="authority of the connection cannot be read"):
        HttpClient("https://api.example.com", network=Network(authority=text))


def test_s19_there_is_no_switch_that_turns_verification_off():
    context = HttpClient("https://api.example.com")._context
    assert context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_client_certificate_is_shown(serve, authority):
    server = serve(answering(200, b"2"), tls(authority, wants_certificate=True))
    mine = authority.issue("odoo.test").read_text()
    ours = HttpClient(server.url, allowed_hosts=LOOPBACK, network=network(authority, certificate=mine))
    assert ours.get("/").json() == 2


def test_without_a_client_certificate_such_a_server_does_not_answer(serve, authority):
    server = serve(answering(200, b"2"), tls(authority, wants_certificate=True))
    with pytest.raises(TransientError):
        HttpClient(server.url, allowed_hosts=LOOPBACK, network=network(authority)).get("/")


def test_s08_a_client_certificate_that_cannot_be_read_tells_nothing_of_its_key():
    broken = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----"
    with pytest.raises(ConfigurationError) as raised:
        HttpClient("https://api.example.com", network=Network(certificate=broken))
    assert "canary" not in f"{raised.value} {raised.value.__cause__} {Network(certificate=broken)}"


def test_a_call_goes_through_the_gateway_of_the_connection(serve, authority):
    server, proxy = serve(answering(200, b"3"), tls(authority)), serve(tunnel())
    way = network(authority, gateway=proxy.url, gateway_login=LOGIN)
    ours = HttpClient(server.url, allowed_hosts=LOOPBACK, network=way, token="canary-token")
    assert ours.get("/v1/totals").json() == 3
    (asked,) = proxy.requests
    assert asked.startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode())
    assert base64.b64encode(LOGIN.encode()) in asked and b"canary-token" not in asked
    assert b"Proxy-Authorization" not in server.requests[0]


def test_s19_behind_a_gateway_the_certificate_is_checked_all_the_same(serve, authority):
    server, proxy = serve(answering(200)), serve(tunnel())
    server.context = tls(authority)
    with pytest.raises(ConfigurationError, match="certificate was not accepted"):
        HttpClient(f"https://127.0.0.1:{server.port}", allowed_hosts=LOOPBACK, network=Network(gateway=proxy.url)).get(
            "/"
        )
    assert not server.requests


@pytest.mark.parametrize(
    ("status", "error"), [(407, ConfigurationError), (403, ConfigurationError), (503, TransientError)]
)
def test_what_a_gateway_refuses_has_not_left(serve, status, error):
    proxy = serve(tunnel(status))
    http = HttpClient("https://127.0.0.1:9", allowed_hosts=LOOPBACK, network=Network(gateway=proxy.url))
    with pytest.raises(error, match=f"answered {status}") as raised:
        http.post("/v1/imports", body=b"x")
    assert raised.value.facts["sent"] is False and not http.calls[0].sent


@pytest.mark.parametrize("noise", [b"", b"SSH-2.0\r\n\r\n", b"x" * 40_000])
def test_r17_a_gateway_that_speaks_no_http_is_given_up(serve, noise):
    proxy = serve(lambda _server, stream: stream.sendall(noise))
    http = HttpClient("https://127.0.0.1:9", allowed_hosts=LOOPBACK, network=Network(gateway=proxy.url))
    with pytest.raises(TransientError) as raised:
        http.get("/")
    assert raised.value.facts["sent"] is False


def test_r17_a_gateway_that_hangs_is_cut_off(serve):
    proxy = serve(lambda server, _stream: server.closing.wait())
    http = HttpClient(
        "https://127.0.0.1:9", allowed_hosts=LOOPBACK, network=Network(gateway=proxy.url), limits=Limits(total=0.3)
    )
    with pytest.raises(TransientError, match=r"longer than 0\.3 s"):
        http.get("/")


def test_s06_a_gateway_is_no_way_around_the_check_of_addresses(serve):
    proxy = serve(tunnel())

    def resolver(_host, port, **_options):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", port))]

    way = Network(gateway=proxy.url)
    with pytest.raises(ConfigurationError, match="internal network"):
        HttpClient("https://planning.test", network=way, resolver=resolver).get("/")
    assert not proxy.requests


def test_a_gateway_looks_up_names_that_are_unknown_inside(serve, authority):
    server, proxy = serve(answering(200)), serve(tunnel())
    server.context = tls(authority)

    def resolver(host, port, **_options):
        if host.endswith(".test"):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return socket.getaddrinfo(host, port)

    http = HttpClient(
        f"https://planning.test:{server.port}",
        allowed_hosts=["planning.test"],
        network=network(authority, gateway=proxy.url),
        resolver=resolver,
    )
    with pytest.raises(ConfigurationError, match="mismatch"):
        http.get("/")
    assert proxy.requests[0].startswith(b"CONNECT planning.test:")


@pytest.mark.parametrize("url", ["https://proxy:3128", "http://proxy:3128/path", "proxy:3128", "http://u:p@proxy:3128"])
def test_a_gateway_is_host_and_port(url):
    with pytest.raises(ConfigurationError):
        HttpClient("https://api.example.com", network=Network(gateway=url))


def test_plain_http_does_not_go_through_a_gateway(serve):
    proxy = serve(tunnel())
    with pytest.raises(ConfigurationError, match="only https"):
        HttpClient("http://127.0.0.1:9", allowed_hosts=LOOPBACK, network=Network(gateway=proxy.url)).get("/")


def test_a_limit_of_the_engine_is_asked_before_each_call_and_can_put_it_off(serve):
    server, asked = serve(answering(200, b"1")), []

    def before(call):
        asked.append(str(call))
        if len(asked) > 1:
            raise TransientError("the limit of this connection is used up", retry_after=3)

    http = HttpClient(server.url, allowed_hosts=LOOPBACK, network=Network(before=before))
    http.get("/a")
    with pytest.raises(TransientError) as raised:
        http.get("/b")
    assert raised.value.retry_after == 3 and raised.value.facts["sent"] is False
    assert len(server.requests) == 1 and len(asked) == 2 and http.calls[1].error == "transient"
