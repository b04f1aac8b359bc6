"""Out through a proxy (RFC 9110, 9.3.6): a tunnel to the system's host and port, in which TLS is ours end to end."""

import base64
import contextlib

from .addresses import Endpoint
from .errors import ConfigurationError, TransientError

_LONGEST = 16 * 1024


class Gateway:
    """A proxy that the policy names. It looks the system's name up itself; what we can look up, we check as well."""

    def __init__(self, url, login=""):
        host = url.split("://", 1)[-1].split("/", 1)[0]
        self.endpoint = Endpoint.of(url, [host.rsplit(":", 1)[0], host])
        if self.endpoint.scheme != "http" or self.endpoint.path:
            raise ConfigurationError("a gateway is named as http://host:port", sent=False)
        self.login = login

    def open(self, sock, endpoint):
        """Ask for the tunnel on a connection to the proxy. Raises before anything of the call itself has left."""
        if endpoint.scheme != "https":
            raise ConfigurationError("only https goes through a gateway", sent=False)
        target = f"{_bracketed(endpoint.host)}:{endpoint.port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self.login:
            told = base64.b64encode(self.login.encode()).decode()
            lines.append(f"Proxy-Authorization: Basic {told}")
        sock.sendall("\r\n".join([*lines, "", ""]).encode())
        self._judge(_status(_head(sock)))

    def _judge(self, status):
        if status == 200:
            return
        text = f"the gateway {self.endpoint.host} answered {status}"
        raise (TransientError if status >= 500 or status == 429 else ConfigurationError)(text, sent=False)


def refuse_internal(endpoint, resolver):
    """ConfigurationError where the name leads inside, as far as we can tell: it may be unknown here."""
    with contextlib.suppress(TransientError):
        endpoint.addresses(resolver)


def _bracketed(host):
    return f"[{host}]" if ":" in host else host


def _head(sock):
    """The proxy's answer up to its empty line, not a byte more: what follows belongs to TLS."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte or len(head) >= _LONGEST:
            raise ConnectionError("the gateway broke off")
        head += byte
    return head


def _status(head):
    parts = head.split(b"\r\n", 1)[0].split()
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit():
        raise TransientError("the gateway does not speak HTTP", sent=False)
    return int(parts[1])
