"""The one way out over HTTP: JSON in and out, every answer sorted by who has to act, every call on record.

What it promises: https with a checked certificate (plain http only to hosts on the administrator's list); no redirects,
no proxies of the environment (only the gateway that a connection names), no retries (but one for a token that has
ended); at most `Limits.total` seconds and `Limits.max_bytes` bytes an exchange; no secret and no payload in an error's
text. One connection serves one exchange, so a call has one connection's fate.
"""

import hashlib
import json as jsonlib
import re
import socket
import ssl
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.parse import urlencode, urlsplit

from . import strict_json
from .addresses import Endpoint
from .canonical import simple
from .errors import ConfigurationError, DataError, DuplicateConflict, IntegrationError, TransientError
from .gateway import Gateway, refuse_internal
from .http_wire import Limits, Reply, Watchdog, Way, exchange
from .network import DIRECT, certificates
from .redaction import register

_LIMITS = Limits()
LONGEST_WAIT = 24 * 3600  # seconds; a server that asks for more is asked again sooner
_TARGET = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)+")
_HEADER = re.compile(r"[\x20-\x7e]*")
# Not in this table: other 4xx are about what was sent (a steward), everything from 500 on passes (nobody).
_STATUS_ERRORS = {
    **dict.fromkeys((401, 402, 403, 404, 405, 406, 407, 410, 415, 421, 426, 451), ConfigurationError),
    409: DuplicateConflict,
    **dict.fromkeys((408, 425, 429), TransientError),
}


@dataclass
class Call:
    """One call for the audit log. Digests are SHA-256 of the bodies; `path` names query parameters, not their values.

    `sent`: whether the request was begun. Where it was and no answer came, nobody knows whether it had its effect.
    """

    method: str
    host: str
    path: str
    at: datetime
    request_digest: str | None = None
    request_size: int = 0
    idempotency_key: str | None = None
    sent: bool = False
    status: int | None = None
    response_digest: str | None = None
    response_size: int = 0
    duration_ms: int = 0
    error: str | None = None

    def facts(self):
        """As a mapping for canonical text, without what is absent."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def __str__(self):
        return f"{self.method} {self.host}{self.path}"


@dataclass(frozen=True)
class Answer:
    """A server's answer. `headers` have lower-case names."""

    status: int
    headers: dict
    body: bytes

    def json(self):
        """The body read strictly: Decimal, no doubled keys; raises MalformedPayload."""
        return strict_json.loads(self.body)


class HttpClient:
    """The HTTP interface of one system.

    `token` goes into `Authorization: Bearer`; `authorization` gives that header anew for each call (`header()`), and
    says whether a refused one may be tried once more (`renew()`). `headers` go with every call. `allowed_hosts`: what
    the administrator lists, as host or host:port. `network`: the way of the connection. `calls`: a list that receives
    a `Call` for each exchange, also for those that failed. `refusal`: called with an `Answer` of 400 and more and the
    seconds that it asks to wait; gives the error that the system's own words name, None for that of the status.
    """

    def __init__(
        self,
        base_url,
        *,
        token=None,
        authorization=None,
        headers=None,
        network=DIRECT,
        allowed_hosts=(),
        calls=None,
        limits=_LIMITS,
        ca_file=None,
        resolver=socket.getaddrinfo,
        refusal=None,
    ):
        self.endpoint = Endpoint.of(base_url, allowed_hosts)
        self.limits = replace(limits, total=network.seconds) if network.seconds else limits
        self.calls = [] if calls is None else calls
        self._headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "finance-integrations"}
        self._headers |= {name: _header(name, value) for name, value in (headers or {}).items()}
        if token:
            self._headers["Authorization"] = _header("Authorization", f"Bearer {register(token)}")
        self._authorization = authorization
        self._context = certificates(network, ca_file) if self.endpoint.scheme == "https" else None
        self._gateway = Gateway(network.gateway, network.gateway_login) if network.gateway else None
        self._before = network.before
        self._resolver, self._refusal = resolver, refusal

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)

    def request(self, method, path, *, query=None, json=None, body=None, headers=None, idempotency_key=None, expect=()):
        """One exchange; returns the `Answer` of a 2xx status or of one that is in `expect`.

        `path` is below the base address, its variable parts quoted; `json` is a value with canonical spelling, `body`
        bytes. Raises TransientError, ConfigurationError or DataError; only facts with `sent` False prove that nothing
        left, so a send that failed otherwise has to be asked about.
        """
        content = self._content(json, body)
        headers = self._sending(headers or {}, json is not None, idempotency_key)
        request = (method, self._target(path), query, content, headers, idempotency_key)
        call, answer = self._made(*request)
        # What is refused for its token has had no effect; what the system itself names is no matter of the token.
        if answer.status == 401 and self._authorization and not self._named(answer) and self._authorization.renew():
            call, answer = self._made(*request)
        return self._judged(call, answer, expect)

    def _made(self, method, target, query, content, headers, idempotency_key):
        """One exchange on record: (call, answer)."""
        if self._authorization:
            headers = headers | {"Authorization": _header("Authorization", self._authorization.header())}
        call = self._call(method, target, query, content, idempotency_key)
        self.calls.append(call)
        if query:
            target += "?" + urlencode(query)
        return call, self._exchanged(call, (method, target, content, headers))

    def _content(self, json, body):
        return body if json is None else jsonlib.dumps(simple(json), ensure_ascii=False).encode()

    def _target(self, path):
        target = self.endpoint.path + path
        if not _TARGET.fullmatch(target):
            raise ValueError("a path begins with / and has its variable parts quoted")
        return target

    def _sending(self, headers, is_json, idempotency_key):
        headers = self._headers | {name: _header(name, value) for name, value in headers.items()}
        if is_json:
            headers.setdefault("Content-Type", "application/json")
        if idempotency_key:
            headers["Idempotency-Key"] = _header("Idempotency-Key", idempotency_key)
        return headers

    def _call(self, method, target, query, content, idempotency_key):
        path = f"{target}?{'&'.join(query)}" if query else target
        digest = hashlib.sha256(content).hexdigest() if content else None
        now = datetime.now(UTC)
        return Call(method, self.endpoint.authority, path, now, digest, len(content or b""), idempotency_key)

    def _exchanged(self, call, request):
        reply, watchdog, started = Reply(), Watchdog(self.limits.total), time.monotonic()
        try:
            if self._before:
                self._before(call)
            exchange(self._way(), self._context, self.limits, request, reply, watchdog)
        except ssl.SSLCertVerificationError as error:
            text = f"{call}: the certificate was not accepted: {error.verify_message}"
            raise self._noted(call, ConfigurationError(text, sent=False)) from error
        except (OSError, HTTPException) as error:
            raise self._noted(call, self._broken(call, error, reply, watchdog)) from None
        except IntegrationError as error:
            error.facts.setdefault("sent", reply.sent)
            self._noted(call, error)
            raise
        finally:
            call.sent, call.status = reply.sent, reply.status
            call.response_digest, call.response_size = reply.digest, len(reply.body)
            call.duration_ms = round((time.monotonic() - started) * 1000)
        return Answer(reply.status, reply.headers, bytes(reply.body))

    def _way(self):
        """The checked addresses of the first hop."""
        if not self._gateway:
            return Way(self.endpoint, self.endpoint.addresses(self._resolver), self.endpoint.port)
        refuse_internal(self.endpoint, self._resolver)
        hop = self._gateway.endpoint
        return Way(self.endpoint, hop.addresses(self._resolver), hop.port, self._gateway)

    def _broken(self, call, error, reply, watchdog):
        # Texts of HTTPException quote what was received, so only the error's name is told.
        late = f"took longer than {self.limits.total} s"
        reason = late if watchdog.expired else f"broke off ({type(error).__name__})"
        return TransientError(f"{call} {reason}", sent=reply.sent, status=reply.status)

    def _noted(self, call, error):
        call.error = error.code
        return error

    def _judged(self, call, answer, expect):
        status = answer.status
        if 200 <= status < 300 or status in expect:
            return answer
        text = f"{call} answered {status}"
        if 300 <= status < 400:
            text += f", a redirect to {_host_of(answer.headers.get('location', ''))}; redirects are not followed"
            raise self._noted(call, ConfigurationError(text, status=status, sent=True))
        if named := self._named(answer):
            raise self._noted(call, named)
        cls = _STATUS_ERRORS.get(status, DataError if 400 <= status < 500 else TransientError)
        error = cls(text, status=status, sent=True)
        if cls is TransientError:
            error.retry_after = _seconds(answer.headers.get("retry-after"))
        raise self._noted(call, error)

    def _named(self, answer):
        """The error that the system's own words name, where somebody reads them."""
        return self._refusal and self._refusal(answer, _seconds(answer.headers.get("retry-after")))


def _header(name, value):
    """The value, refused without being repeated where it would break the header (a token read with its line break)."""
    if not _HEADER.fullmatch(value):
        raise ConfigurationError(f"the value of the header {name} has characters that no header may have")
    return value


def _host_of(location):
    try:
        return urlsplit(location).hostname or "another path"
    except ValueError:
        return "an unreadable address"


def _seconds(retry_after):
    """Seconds to wait, from a number or an HTTP date (RFC 9110, 10.2.3); None where it says nothing readable."""
    text = (retry_after or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(int(text), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0, round((moment - datetime.now(UTC)).total_seconds())), LONGEST_WAIT)
