"""How a connection reaches its system: what its version says of the way there."""

import contextlib
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from .errors import ConfigurationError


@dataclass(frozen=True)
class Network:
    """The way out of one connection.

    `authority`: certificates (PEM) that are trusted in the place of the system's list. `certificate`: certificate and
    private key (PEM) that we show. `gateway`: address of a proxy, http://host:port, and `gateway_login`, user:password.
    `before`: called with the `Call` before each exchange; it may raise TransientError to have it made later (rate
    limits), and then nothing has left. `seconds`: for a whole exchange, where the version says so.
    """

    authority: str = ""
    certificate: str = field(default="", repr=False)
    gateway: str = ""
    gateway_login: str = field(default="", repr=False)
    before: Callable | None = field(default=None, repr=False)
    seconds: float | None = None


DIRECT = Network()


def certificates(network=DIRECT, ca_file=None):
    """The TLS context: certificate and host name are checked, always; ConfigurationError for what is no certificate."""
    try:
        context = ssl.create_default_context(cafile=ca_file, cadata=network.authority or None)
    except ssl.SSLError as error:
        text = "the certificate authority of the connection cannot be read"
        raise ConfigurationError(text, sent=False) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if network.certificate:
        _show(context, network.certificate)
    return context


def _show(context, certificate):
    """Load our own certificate and key; `ssl` reads files only, and this one never touches a disk."""
    with _in_memory(certificate) as path:
        try:
            # A key under a password would be asked for on the server's terminal.
            context.load_cert_chain(path, password=lambda: "")
        except (ssl.SSLError, OSError):
            # Not chained: nobody has looked at what the error tells of the key.
            text = "the client certificate and its key cannot be read, or do not belong together"
            raise ConfigurationError(text, sent=False) from None


@contextlib.contextmanager
def _in_memory(text):
    handle = os.memfd_create("certificate")
    try:
        os.write(handle, text.encode())
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)
