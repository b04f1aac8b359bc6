"""How the simulated Anaplan answers: with an answer, a refusal, or not at all."""

from dataclasses import dataclass, field


class HangUp(Exception):
    """The connection is closed without an answer."""


class Refused(Exception):
    """Status, words, headers."""


@dataclass
class Answer:
    status: int
    content: object = None
    headers: dict = field(default_factory=dict)
    kind: str = "application/json"
