"""Stored secrets: encrypted with a key that lives outside the database, so a copy of the database gives nothing away.

A token reads `<key id>:<Fernet token>`; the key id is the start of the key's digest, so a missing key has a name.
"""

import hashlib
import re

from cryptography.fernet import Fernet, InvalidToken

from .errors import ConfigurationError

_KEY_ID = re.compile(r"[0-9a-f]{8}")


def _key_id(key):
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def _fernet(key):
    try:
        return Fernet(key.encode())
    except ValueError:
        # Not chained: nothing of a key belongs into a traceback.
        raise ConfigurationError("a key of stored secrets is 32 bytes in URL-safe base64; make one anew") from None


class SecretBox:
    """Encrypts with the first of its keys and reads tokens of all of them; rotation puts a new key in front."""

    def __init__(self, keys):
        """`keys`: Fernet keys as text, the newest first. ConfigurationError where there is none or one is malformed."""
        keys = [key.strip() for key in keys if key.strip()]
        if not keys:
            raise ConfigurationError("there is no key for stored secrets on this installation")
        self._keys = {_key_id(key): _fernet(key) for key in keys}
        self.key_id = _key_id(keys[0])

    @staticmethod
    def generate():
        """A new key, as text."""
        return Fernet.generate_key().decode()

    def encrypt(self, secret):
        return f"{self.key_id}:{self._keys[self.key_id].encrypt(secret.encode()).decode()}"

    def decrypt(self, token):
        """The secret; ConfigurationError where its key is not here or the token was changed."""
        key_id, _colon, sealed = token.partition(":")
        # A text that is no token may be a secret in the wrong place: it is not repeated.
        if not _KEY_ID.fullmatch(key_id):
            raise ConfigurationError("a stored secret is not in its encrypted form")
        if key_id not in self._keys:
            raise ConfigurationError(f"the key {key_id} of a stored secret is not on this installation", key_id=key_id)
        try:
            return self._keys[key_id].decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise ConfigurationError("a stored secret was changed after it was encrypted", key_id=key_id) from None

    def is_current(self, token):
        """Whether the token is under the newest key, so rotation has nothing to do."""
        return token.partition(":")[0] == self.key_id

    def rotate(self, token):
        """The same secret under the newest key."""
        return self.encrypt(self.decrypt(token))
