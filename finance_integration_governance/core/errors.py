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

from .redaction import printable

# Codes of transient errors that say that it is not our turn: nothing has failed, so it costs no try and trips nothing.
WAITING = ("rate_limited", "maintenance", "quota_used", "still_working")


class IntegrationError(Exception):
    """`code` names the kind of trouble, `facts` are its details; the text is for people and never holds a secret."""

    code = "integration_error"
    attempt = None  # id of the announced attempt that this error proves to have sent nothing

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
