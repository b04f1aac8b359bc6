"""Errors, sorted by who has to act.

IntegrationError
├── TransientError        nobody: the engine tries again
├── ConfigurationError    an administrator: the run fails, the flow pauses after several
├── DataError             a steward: items wait under one exception per cause
│   ├── MalformedPayload      the bytes cannot be read
│   ├── ContractViolation     an object breaks its contract
│   ├── MappingError          a code has no counterpart
│   ├── AuthorityConflict     the other side owns this field
│   └── DuplicateConflict     same key, other content
└── UnexpectedError       a developer: wrapped once, at the engine's boundary
"""

import re

# A value from outside may hold line breaks or terminal codes; one record stays one line.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def printable(text, limit=500):
    """Text of any origin as one harmless line of at most `limit` characters."""
    line = _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", str(text))
    return line if len(line) <= limit else line[: limit - 1] + "…"


class IntegrationError(Exception):
    """`code` names the kind of trouble, `facts` are its details; the text is for people and never holds a secret."""

    code = "integration_error"

    def __init__(self, text="", *, code=None, **facts):
        super().__init__(printable(text or code or self.code))
        self.code = code or self.code
        self.facts = facts

    @property
    def text(self):
        return self.args[0]


class TransientError(IntegrationError):
    """`retry_after`: seconds the other side asked us to wait, or None."""

    code = "transient"

    def __init__(self, text="", *, retry_after=None, **facts):
        super().__init__(text, **facts)
        self.retry_after = retry_after


class ConfigurationError(IntegrationError):
    code = "configuration"


class DataError(IntegrationError):
    code = "data"


class MalformedPayload(DataError):
    code = "malformed_payload"


class ContractViolation(DataError):
    code = "contract_violation"


class MappingError(DataError):
    code = "mapping_gap"


class AuthorityConflict(DataError):
    code = "authority_conflict"


class DuplicateConflict(DataError):
    code = "duplicate_conflict"


class UnexpectedError(IntegrationError):
    code = "unexpected"
