"""What may be said to a kind of business object: each option is declared once, and shown, checked and read by it."""

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

_PATTERNS = {"text": r".*\S.*", "month": r"[12]\d{3}-(0[1-9]|1[0-2])", "time": r"([01]\d|2[0-3]):[0-5]\d"}


@dataclass(frozen=True)
class Option:
    """One option of an object. `name` is its key; a dot leads into a part of the options, as in "group.rate".

    `kind`: flag (boolean), word (one of `words`), words (a list of them), texts (a list of any), text, month (YYYY-MM),
    day (YYYY-MM-DD), time (HH:MM), number (an integer, not below `least`), or percent (a decimal above zero).
    `words`: word -> label. `is_open`: they name records; a run may find others, so another name is no mistake yet.
    `default`: what holds where nothing is said.
    """

    name: str
    label: str
    kind: str = "text"
    help: str = ""
    words: dict = field(default_factory=dict)
    is_open: bool = False
    default: object = None
    least: int = 0

    def accepts(self, value):
        """Whether the value means something here; None, an empty text or an empty list say nothing, which is fine."""
        if value is None or value in ("", []):
            return True
        return getattr(self, f"_is_{self.kind}", self._is_spelled)(value)

    def _is_flag(self, value):
        return isinstance(value, bool)

    def _is_word(self, value):
        return isinstance(value, str) and (self.is_open or value in self.words)

    def _is_words(self, value):
        return isinstance(value, list) and all(map(self._is_word, value)) and len(set(value)) == len(value)

    def _is_texts(self, value):
        return isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)

    def _is_number(self, value):
        return type(value) is int and value >= self.least

    def _is_percent(self, value):
        try:
            told = Decimal(str(value))
        except InvalidOperation:
            return False
        return told.is_finite() and told > 0

    def _is_day(self, value):
        try:
            return isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False

    def _is_spelled(self, value):
        return isinstance(value, str) and bool(re.fullmatch(_PATTERNS[self.kind], value))


def taken_apart(told, names):
    """(name, value) of each option that is told; of a part such as {"group": {"rate": x}} it is ("group.rate", x).

    `names`: those that are known, which say what the parts are.
    """
    parts = {name.split(".")[0] for name in names if "." in name}
    for name, value in told.items():
        if name in parts and isinstance(value or {}, dict):
            yield from ((f"{name}.{inner}", one) for inner, one in (value or {}).items())
        else:
            yield name, value
