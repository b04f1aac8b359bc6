"""Where a call may lead: https to public addresses, and whatever else the administrator has named.

An address typed into a form must not become a way into the internal network (server-side request forgery). So the name
is looked up once, every answer is checked, and the connection goes to an address that was checked, not to whatever the
name means a moment later.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from .errors import ConfigurationError, TransientError

_URL = re.compile(r"[!-\[\]-~]+")  # printable ASCII without backslash, which readers of URLs disagree about
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Tunnels and old forms that carry an IPv4 address inside; what they lead to is decided elsewhere.
_CARRIERS = ("::/96", "::ffff:0:0/96", "2001::/32", "2002::/16", "fec0::/10")
# Python versions differ on these.
_SPECIAL = [ipaddress.ip_network(net) for net in (*_CARRIERS, "192.0.0.0/24", "198.18.0.0/15", "100.64.0.0/10")]
_PUBLIC_PORTS = (443, 8443)
_DEFAULT_PORTS = {"https": 443, "http": 80}


def is_public(address):
    """Whether the address (text) lies on the public internet; mapped, tunnelled and multicast ones do not."""
    ip = ipaddress.ip_address(address)
    if ip.version == 6 and ip in _NAT64:
        ip = ipaddress.IPv4Address(ip.packed[-4:])
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _SPECIAL)


@dataclass(frozen=True)
class Endpoint:
    """A checked base address. `trusted`: the administrator's list names its host, or host:port."""

    scheme: str
    host: str
    port: int
    path: str
    trusted: bool

    @classmethod
    def of(cls, url, allowed_hosts=()):
        """The endpoint that a base URL names; ConfigurationError for one that is malformed or not allowed."""
        if not _URL.fullmatch(url or ""):
            raise ConfigurationError("an address is plain text without spaces, such as https://api.example.com/v1")
        host, port, parts = _split(url)
        named = {entry.strip().lower() for entry in allowed_hosts}
        endpoint = cls(parts.scheme, host, port, parts.path.rstrip("/"), bool(named & {host, f"{host}:{port}"}))
        endpoint._check()
        return endpoint

    def _check(self):
        if self.scheme != "https" and not self.trusted:
            raise ConfigurationError(f"{self.host}: only https, except to hosts that the administrator has listed")
        if self.port not in _PUBLIC_PORTS and not self.trusted:
            raise ConfigurationError(f"{self.host}: port {self.port} is not open for outgoing calls")
        if not _NAME.fullmatch(self.host) and not _is_plain_ip(self.host):
            raise ConfigurationError("the host is neither a name nor an address in its usual notation")

    @property
    def authority(self):
        return self.host if self.port == _DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    def addresses(self, resolver=socket.getaddrinfo):
        """The addresses that the host has now, all of them checked. TransientError where the name has none."""
        try:
            found = [entry[4][0] for entry in resolver(self.host, self.port, type=socket.SOCK_STREAM)]
        except OSError as error:
            raise TransientError(f"the name {self.host} could not be looked up", sent=False) from error
        if not self.trusted and not all(map(is_public, found)):
            raise ConfigurationError(
                f"{self.host} leads into an internal network and is not listed by the administrator"
            )
        return list(dict.fromkeys(found))


def _split(url):
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigurationError("the address cannot be read") from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ConfigurationError("an address begins with https:// and a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(f"{parts.hostname}: an address holds no user, password, query or fragment")
    return parts.hostname, port or _DEFAULT_PORTS[parts.scheme], parts


def _is_plain_ip(host):
    try:
        return str(ipaddress.ip_address(host)) == host and "%" not in host
    except ValueError:
        return False
