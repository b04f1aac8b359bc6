"""A case: something that happens to one flow, and how its run should end."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Case:
    """Something that happens to one flow. `files`: name -> bytes that lie in `folder` of the demo, its source.

    `expected`: fields of the run and their values; `amount`: what the run moves, in euro; `held`: the code of the
    exception that stands in front of the part which is held, if one is; `some`: outcomes of which there are any.
    """

    flow: str
    words: str
    files: dict = field(default_factory=dict)
    expected: dict = field(default_factory=dict)
    amount: Decimal | None = None
    held: str | None = None
    some: tuple = ()
    folder: str = ""
