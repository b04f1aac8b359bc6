"""Anaplan's tokens: `AnaplanAuthToken`, by name and password or by certificate (authentication API)."""

import base64
import os
import struct
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MalformedPayload
from odoo.addons.finance_integration_governance.core.redaction import register

LIFE = 25 * 60  # seconds for which a token is used; it lives for 30 to 35 minutes
_RANDOM = 120  # bytes that are signed; at least 100


class AnaplanLogin:
    """What stands in `Authorization`, for `HttpClient(authorization=...)`. `http`: a client of the authentication host.

    `secret`: the password, or certificate and private key (PEM). `signed`: the form of what a certificate signs, v2 or
    v1. One token is used for all calls, and refreshed.
    """

    def __init__(self, http, user=None, secret=None, is_certificate=False, signed="v2", clock=time.monotonic):
        self._http, self._user, self._secret, self._clock = http, user, secret, clock
        self._is_certificate, self._signed = is_certificate, signed
        self._token, self._since = None, 0

    def header(self):
        if not self._token:
            self._authenticate()
        elif self._clock() - self._since >= LIFE:
            self._refresh()
        return f"AnaplanAuthToken {self._token}"

    def renew(self):
        """A token that worked before and is refused now has ended early: authenticate anew, once."""
        was_used, self._token = self._token is not None, None
        return was_used

    def _authenticate(self):
        headers, told = self._by_certificate() if self._is_certificate else self._by_password()
        # The answer to a login is 201; 200 from a login page of somebody in between is none.
        answer = self._http.post("/token/authenticate", headers=headers, json=told)
        self._keep(answer, 201)

    def _refresh(self):
        """A later end for the token; where it has ended already, another login."""
        headers = {"Authorization": f"AnaplanAuthToken {self._token}"}
        answer = self._http.post("/token/refresh", headers=headers, expect=(401,))
        if answer.status == 401:
            return self._authenticate()
        return self._keep(answer, 200)

    def _keep(self, answer, status):
        told = answer.json()
        info = told.get("tokenInfo") if isinstance(told, dict) else None
        token = info.get("tokenValue") if isinstance(info, dict) else None
        if answer.status != status or not isinstance(token, str) or not token:
            raise MalformedPayload("what answered at the authentication address is not Anaplan's login")
        self._token, self._since = register(token), self._clock()

    def _by_password(self):
        told = base64.b64encode(f"{self._user}:{self._secret}".encode()).decode()
        return {"Authorization": f"Basic {register(told)}"}, None

    def _by_certificate(self):
        certificate, key = _read(self._secret)
        random = os.urandom(_RANDOM)
        if self._signed == "v2":
            # It begins with the moment, so that a recording of it is of no use later.
            random = struct.pack(">Q", time.time_ns() // 1_000_000) + random
        signed = key.sign(random, padding.PKCS1v15(), hashes.SHA512())
        told = {
            "encodedData": base64.b64encode(random).decode(),
            "encodedSignedData": base64.b64encode(signed).decode(),
            **({"encodedDataFormat": "v2"} if self._signed == "v2" else {}),
        }
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        return {"Authorization": f"CACertificate {base64.b64encode(pem).decode()}"}, told


def _read(pem):
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        return certificate, serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        # Not chained: the error may quote the key.
        raise ConfigurationError("the secret is no certificate with its private key (PEM)") from None
