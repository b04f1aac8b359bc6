"""Signed calls from outside, by Standard Webhooks 1.0: who called, when, and that nobody has changed it on the way.

Source: the Standard Webhooks specification, "Signature scheme" and "Verifying webhook authenticity".
"""

import base64
import binascii
import hashlib
import hmac
import re

from .errors import ConfigurationError

TOLERANCE = 300  # seconds between the sender's clock and ours, in both directions
LARGEST = 64 * 1024
_PREFIX = "whsec_"
_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_SHORTEST, _LONGEST = 24, 64  # bytes of a secret


class Refused(Exception):
    """A call that is not believed. `reason` is for our counters; whoever called is told nothing of it."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def verified(headers, body, secrets, now):
    """The message's id. `headers` have lower-case names, `secrets` are texts, `now` is in seconds since 1970.

    Raises `Refused`. Every signature is held against every secret, however early one fits: several of each are how a
    secret is changed without losing a call.
    """
    name, moment = headers.get("webhook-id") or "", headers.get("webhook-timestamp") or ""
    if not _ID.fullmatch(name):
        raise Refused("no_id")
    if not re.fullmatch(r"[0-9]{1,12}", moment) or abs(now - int(moment)) > TOLERANCE:
        raise Refused("out_of_time")
    given = [text[3:] for text in (headers.get("webhook-signature") or "").split(" ")[:10] if text.startswith("v1,")]
    fits = [
        hmac.compare_digest(signature(secret, name, moment, body), one.encode()) for secret in secrets for one in given
    ]
    if not any(fits):
        raise Refused("wrong_signature")
    return name


def signature(secret, name, moment, body):
    """The signature of a message (base64, as bytes) under one secret."""
    told = f"{name}.{moment}.".encode() + body
    return base64.b64encode(hmac.new(key_of(secret), told, hashlib.sha256).digest())


def key_of(secret):
    """The bytes of a secret: base64, with or without `whsec_`. ConfigurationError, which tells nothing of it."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _SHORTEST <= len(key) <= _LONGEST:
        text = f"the secret of a signed call is {_SHORTEST} to {_LONGEST} bytes in base64"
        raise ConfigurationError(text, code="webhook_secret") from None
    return key
