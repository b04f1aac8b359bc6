"""Real servers on the loopback for tests: a handler gets the accepted connection and says whatever bytes it likes."""

import contextlib
import datetime as dt
import ipaddress
import socket
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class LocalServer:
    """Serves each connection in a thread of its own until closed; `requests` are the raw requests it read."""

    def __init__(self, handler, context=None):
        self.handler, self.context = handler, context
        self.requests, self.closing = [], threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):  # accept ends with the socket
            while True:
                connection, _address = self.socket.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:  # the client may hang up, that is what many tests do
            stream = self.context.wrap_socket(connection, server_side=True) if self.context else connection
            with stream:
                self.requests.append(read_request(stream))
                self.handler(self, stream)

    def close(self):
        if not self.closing.is_set():
            self.closing.set()
            self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()


def read_request(stream):
    received = b""
    while b"\r\n\r\n" not in received:
        received += stream.recv(65536)
    head, _blank, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += stream.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(status, body=b"", **headers):
    """A handler that gives one answer."""
    lines = {"Content-Length": len(body), "Connection": "close"} | {k.replace("_", "-"): v for k, v in headers.items()}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return lambda _server, stream: stream.sendall(head.encode() + b"\r\n" + body)


class Authority:
    """A certificate authority of the test's own, which signs what a test needs."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Authority")])
        certificate = self._sign(self.name, self.key, x509.BasicConstraints(ca=True, path_length=0))
        self.file = folder / "authority.pem"
        self.file.write_bytes(certificate)

    def issue(self, host, days=(-1, 1)):
        """A PEM file with key and certificate for this host, valid from and until so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        plain = serialization.NoEncryption()
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        path = self.folder / f"{host}{days[0]}.pem"
        path.write_bytes(private + self._sign(name, key, x509.SubjectAlternativeName([_general_name(host)]), days))
        return path

    def _sign(self, subject, key, extension, days=(-2, 2)):
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).add_extension(extension, critical=True)
        builder = builder.not_valid_before(now + dt.timedelta(days[0])).not_valid_after(now + dt.timedelta(days[1]))
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _general_name(host):
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
