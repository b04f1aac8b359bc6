"""What the simulated bank interfaces share: HTTP or HTTPS on the loopback, faults on request, and a log of requests.

GET  /control/log                    the requests received, oldest first: method, path, headers that tell something
POST /control/faults                 {"faults": {"html": 1, "paging_loop": null}}; null = until replaced
POST /control/reset                  {"all": true}: as it began
POST /control/bank                   replaces parts of the bank: {"today": ..., "accounts": {...}}
"""

import argparse
import copy
import datetime as dt
import ipaddress
import json
import re
import signal
import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

_TOLD = ("authorization", "consent-id", "x-request-id", "psu-ip-address", "signature", "digest", "tpp-redirect-uri")


class Answer(Exception):
    """Ends a request: status, body (JSON, or bytes as they are) and headers."""

    def __init__(self, status, body=None, **headers):
        super().__init__(status)
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class BankHandler(BaseHTTPRequestHandler):
    """One request. `routes`: (method, pattern of the path, name of the method that answers)."""

    protocol_version = "HTTP/1.1"
    server_version = "bank-double"
    routes = ()

    def do_GET(self):
        self._handle("GET")

    def do_POST(self):
        self._handle("POST")

    def do_DELETE(self):
        self._handle("DELETE")

    def _handle(self, method):
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.url = urlsplit(self.path)
        self.query = dict(parse_qsl(self.url.query))
        try:
            if not self.url.path.startswith("/control/"):
                self._note(method)
                self.strike()
            answer = self._route(method)
        except Answer as told:
            answer = told
        self._say(answer)

    def _note(self, method):
        told = {name: self.headers[name] for name in _TOLD if self.headers.get(name)}
        self.server.log.append({"method": method, "path": self.url.path, "query": self.query, "headers": told})

    def _route(self, method):
        for verb, pattern, name in (*CONTROL, *self.routes):
            match = re.fullmatch(pattern, self.url.path)
            if match and verb == method:
                return Answer(200, getattr(self, name)(*map(unquote, match.groups())))
        raise Answer(404, {"error": "there is nothing here"})

    def _say(self, answer):
        body = (
            answer.body
            if isinstance(answer.body, bytes)
            else json.dumps({} if answer.body is None else answer.body).encode()
        )
        self.send_response(answer.status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))} | answer.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # who asked may be gone
            self.wfile.write(body)

    def log_message(self, *_args):
        """Nothing on the terminal: /control/log has it."""

    def json(self):
        return json.loads(self.body or b"{}")

    @property
    def bank(self):
        return self.server.bank

    def takes(self, fault):
        """Whether this fault strikes now; counts it."""
        with self.server.lock:
            left = self.server.faults.get(fault, 0)
            if left:
                self.server.faults[fault] = left - 1
            return left is None or left > 0

    def strike(self):
        """Faults that any call may meet."""
        if self.takes("html"):
            page = b"<html><body>Maintenance tonight</body></html>"
            raise Answer(200, page, Content_Type="text/html")
        if self.takes("503"):
            raise Answer(503, {"error": "busy"})
        if self.takes("429_with_retry_after"):
            raise Answer(429, {"error": "slowly"}, Retry_After="7")

    # Control

    def control_log(self):
        return self.server.log

    def control_faults(self):
        self.server.faults = dict(self.json()["faults"])
        return self.server.faults

    def control_bank(self):
        self.bank.update(self.json())
        return {}

    def control_reset(self):
        self.server.bank, self.server.faults = copy.deepcopy(self.server.first), {}
        self.server.log.clear()
        return {}


CONTROL = (
    ("GET", "/control/log", "control_log"),
    ("POST", "/control/faults", "control_faults"),
    ("POST", "/control/bank", "control_bank"),
    ("POST", "/control/reset", "control_reset"),
)


def serve(handler, bank, description):
    """Run until SIGTERM; prints one line of JSON when it listens."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", help="folder for an authority of its own, its certificate and one for a client")
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), handler)
    server.first, server.bank = copy.deepcopy(bank), bank
    server.faults, server.log, server.lock = {}, [], threading.Lock()
    told, scheme = {}, "http"
    if options.tls:
        told, scheme = _secured(server, Path(options.tls)), "https"
    server.url = f"{scheme}://127.0.0.1:{server.server_port}"
    signal.signal(signal.SIGTERM, lambda *_signal: threading.Thread(target=server.shutdown).start())
    print(json.dumps({"ready": True, "url": server.url, **told}), flush=True)
    server.serve_forever(poll_interval=0.02)


def _secured(server, folder):
    """HTTPS that asks for a certificate of the authority that is made here."""
    authority = _certificate(folder, "authority")
    _certificate(folder, "server", authority)
    _certificate(folder, "client", authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.load_verify_locations(folder / "authority.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return {"authority": str(folder / "authority.crt"), "client": str(folder / "client.pem")}


def _certificate(folder, name, authority=None):
    """A certificate with its key below the folder; signed by itself where there is no authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Bank double {name}")])
    issuer, signer = authority or (subject, key)
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(True, False, False, False, False, authority is None, authority is None, False, False),
            critical=True,
        )
        .sign(signer, hashes.SHA256())
    )
    pem = built.public_bytes(Encoding.PEM)
    (folder / f"{name}.crt").write_bytes(pem)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (folder / f"{name}.pem").write_bytes(pem + private)
    return subject, key
