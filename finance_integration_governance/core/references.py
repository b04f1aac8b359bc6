"""Secrets by reference: settings say where a secret is, never what it is.

`env:NAME` (environment of the server), `file:/run/secrets/name` (below the allowed roots), `conf:key` (the section of
the suite in odoo.conf), `stored:name` (encrypted in the database) and `vault:...` (where a resolver is installed).
"""

import os
import re
from pathlib import Path

from .errors import ConfigurationError
from .redaction import register

_FORMS = {
    "env": r"[A-Za-z_][A-Za-z0-9_]*",
    "file": r"/[^\x00-\x1f\x7f]+",
    "conf": r"[a-z0-9_.]+",
    "stored": r"[A-Za-z0-9_.-]+",
    "vault": r"[^\x00-\x20\x7f]+",
}
_REFERENCE = re.compile("|".join(f"{scheme}:(?:{form})" for scheme, form in _FORMS.items()))
_LONGEST = 500
_LARGEST_FILE = 64 * 1024
# What the server itself needs to run; a connection that could read these would hand them to whoever it calls.
_RESERVED = re.compile(r"PG.*|.*POSTGRES.*|DB_.*|ODOO_.*|AWS_.*|(.*_)?(secret|release)_key", re.IGNORECASE)


def is_reference(text):
    """Whether the text has the form of a reference; a secret typed in by mistake has not."""
    return isinstance(text, str) and len(text) <= _LONGEST and bool(_REFERENCE.fullmatch(text))


def resolve(text, resolvers):
    """The secret behind a reference. `resolvers` maps a scheme to a callable name -> text, or None where there is none.

    Raises ConfigurationError; its text names the reference if it is one, and never what was typed or found otherwise.
    """
    if not is_reference(text):
        raise ConfigurationError("a secret is given by reference: env:, file:, conf:, stored: or vault:")
    scheme, _colon, name = text.partition(":")
    if scheme not in resolvers:
        raise ConfigurationError(f"references of the kind {scheme}: are not available here", reference=text)
    value = resolvers[scheme](name)
    if not value:
        raise ConfigurationError(f"there is nothing behind the reference {text}", reference=text)
    return register(value)


def plain_resolvers(roots=()):
    """The resolvers that need no Odoo: `env:`, and `file:` below the folders `roots`."""
    return {"env": guarded(os.environ.get), "file": from_files(roots)}


def guarded(lookup):
    """A resolver by a callable name -> value; names that belong to the server or its database are not given out."""
    return lambda name: None if _RESERVED.fullmatch(name) else lookup(name)


def from_files(roots):
    """A resolver of `file:`, for files below one of the folders `roots` once links are followed."""
    allowed = [Path(root).resolve() for root in roots]

    def read(name):
        path = Path(name).resolve()
        if not any(path.is_relative_to(root) for root in allowed):
            raise ConfigurationError("this file is not below the folders that the administrator has allowed")
        return _content(path)

    return read


def _content(path):
    """Text of a secret file without its last line break; None where there is no such file."""
    if not path.is_file():
        return None
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST_FILE).decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        # Not chained: a UnicodeDecodeError carries the secret's bytes.
        raise ConfigurationError(f"the secret file {path.name} cannot be read as text") from None
