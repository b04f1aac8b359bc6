"""Calls signed with a seal certificate (QSealC), as NextGenPSD2 1.3 asks for in chapter 12.

The signature is that of "Signing HTTP Messages" (draft-cavage-http-signatures): RSA-SHA256 over digest and headers. The
certificate with its private key is given as PEM, by reference.
"""

import base64
import hashlib

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

_SIGNED = ("digest", "x-request-id", "psu-id", "psu-corporate-id", "date", "tpp-redirect-uri")


class Seal:
    """Signs the headers of a call."""

    def __init__(self, pem):
        # Imported where it is used: evidence is worked out again without libraries.
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

        try:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            self._key = load_pem_private_key(_key_of(pem).encode(), None)
        except (ValueError, TypeError):
            # Not chained: the error may tell of the key.
            raise ConfigurationError("the seal certificate and its key cannot be read", sent=False) from None
        issuer = certificate.issuer.rfc4514_string()
        self._id = f"SN={certificate.serial_number:X},CA={issuer}"
        self._certificate = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()

    def headers(self, headers, body):
        """What the call gets beside its headers: digest of the body, signature and certificate."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        digest = f"SHA-256={base64.b64encode(hashlib.sha256(body or b'').digest()).decode()}"
        told = {name.lower(): value for name, value in headers.items()} | {"digest": digest}
        names = [name for name in _SIGNED if name in told]
        text = "\n".join(f"{name}: {told[name]}" for name in names)
        signature = base64.b64encode(self._key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
        named = f'keyId="{self._id}",algorithm="rsa-sha256",headers="{" ".join(names)}",signature="{signature}"'
        return {"Digest": digest, "Signature": named, "TPP-Signature-Certificate": self._certificate}


def _key_of(pem):
    begin = pem.find("-----BEGIN", pem.find("PRIVATE KEY") - 30) if "PRIVATE KEY" in pem else -1
    if begin < 0:
        raise ValueError("no private key")
    return pem[begin:]
