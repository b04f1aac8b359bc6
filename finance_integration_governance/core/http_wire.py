"""One HTTP exchange over one connection: checked address, checked certificate, capped size, capped time.

`http.client` speaks the protocol. Proxies of the environment, redirects, retries, cookies and a switch for certificates
are not built in, so there is nothing to turn off.
"""

import hashlib
import http.client
import socket
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from .errors import MalformedPayload

_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, to wait for the next bytes and for the whole exchange; bytes of an answer, unpacked."""

    connect: float = 5
    read: float = 20
    total: float = 30
    max_bytes: int = 16 * 1024 * 1024


class Watchdog:
    """Ends a connection when its time is over, however busily the other side sends meanwhile (slow loris)."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.ends_at = time.monotonic() + seconds
        self.expired = False

    def remaining(self):
        """Seconds left; TimeoutError when there are none."""
        left = self.ends_at - time.monotonic()
        if self.expired or left <= 0:
            self.expired = True
            raise TimeoutError(f"the exchange took longer than {self.seconds} seconds")
        return left

    @contextmanager
    def guard(self, sock):
        # A handle of its own: TLS objects must not be touched from a second thread, the connection below them may.
        handle = sock.dup()
        timer = threading.Timer(self.remaining(), self._end, (handle,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            handle.close()

    def _end(self, handle):
        self.expired = True
        handle.shutdown(socket.SHUT_RDWR)


@dataclass
class Reply:
    """What came back; `body` is unpacked. It fills while bytes arrive, so a broken exchange shows how far it came."""

    status: int | None = None
    headers: dict = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    sent: bool = False

    @property
    def digest(self):
        return hashlib.sha256(self.body).hexdigest() if self.body else None


@dataclass(frozen=True)
class Way:
    """Where a call goes: the system's endpoint, and the first hop with its port; that may be a gateway."""

    endpoint: object
    addresses: list
    port: int
    gateway: object = None


def exchange(way, context, limits, request, reply, watchdog):
    """Send `request` (method, target, body, headers) to the first address that answers, and fill `reply`.

    Raises OSError, http.client.HTTPException or MalformedPayload; `reply.sent` says whether the request was begun.
    """
    endpoint = way.endpoint
    sock = _connect(way.addresses, way.port, limits, watchdog)
    with sock, watchdog.guard(sock):
        sock.settimeout(limits.read)
        if way.gateway:
            way.gateway.open(sock, endpoint)
        stream = context.wrap_socket(sock, server_hostname=endpoint.host) if endpoint.scheme == "https" else sock
        with stream:
            _talk(_connection(endpoint, stream), request, reply, limits, watchdog)


def _connect(addresses, port, limits, watchdog):
    failure = OSError("the name has no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=min(limits.connect, watchdog.remaining()))
        except OSError as error:
            failure = error
    raise failure


def _connection(endpoint, stream):
    cls = http.client.HTTPSConnection if endpoint.scheme == "https" else http.client.HTTPConnection
    connection = cls(endpoint.host, endpoint.port)
    connection.auto_open = 0
    connection.sock = stream
    return connection


def _talk(connection, request, reply, limits, watchdog):
    method, target, body, headers = request
    reply.sent = True
    # A server may answer (413, 401) and close before it has read everything; its answer is what counts.
    with suppress(BrokenPipeError):
        connection.request(method, target, body=body, headers=headers)
    response = connection.getresponse()
    reply.status = response.status
    reply.headers = {name.lower(): value for name, value in response.getheaders()}
    for piece in _unpacked(response, reply.headers, limits.max_bytes):
        reply.body += piece
        if len(reply.body) > limits.max_bytes:
            raise MalformedPayload(f"the answer has more than {limits.max_bytes} bytes", code="too_large")
    watchdog.remaining()


def _raw(response):
    while chunk := response.read(_CHUNK):
        yield chunk
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)


def _unpacked(response, headers, max_bytes):
    """The body in pieces. Unpacked with a cap on every step, because 64 KiB of gzip can stand for 64 MiB."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        yield from _raw(response)
        return
    if encoding not in ("gzip", "deflate"):
        raise MalformedPayload("the answer is packed in a way that was not asked for")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        for chunk in _raw(response):
            yield unpack.decompress(chunk, max_bytes + 1)
            if unpack.unused_data:
                raise MalformedPayload("the packed answer goes on after its end")
    except zlib.error as error:
        raise MalformedPayload("the packed answer cannot be unpacked") from error
    if not unpack.eof and response.status != 204:
        raise http.client.IncompleteRead(b"")
