"""What never reaches a log: secrets that were resolved, and whatever looks like one.

Python applies a logger's filters only to records made on that very logger, not to its children's. So the suite asks
`suite_logger(__name__)` for each of its loggers instead of `logging.getLogger`.
"""

import base64
import json
import logging
import re
import threading
import traceback
from collections import OrderedDict
from urllib.parse import quote, quote_plus

MASK = "***"
MESSAGE_LIMIT = 8000
# A value from outside may hold line breaks or terminal codes; one record stays one line.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SHORTEST = 4  # masking shorter texts would mask half of every sentence
_REMEMBERED = 2000
_NAMES = r"pass(?:word|wd|phrase)?|secret|client_secret|token|access_token|refresh_token|api[_-]?key|authorization"
_PATTERNS = [
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), MASK),
    (re.compile(r"\b(bearer|basic|anaplanauthtoken)\s+[\w.~+/=-]{4,}", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)"), rf"\1{MASK}"),
    (re.compile(rf"((?:{_NAMES})[\"']?\s*[=:]\s*[\"'])(?:[^\"'\\]|\\.)+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(rf"((?:{_NAMES})\s*[=:]\s*)(?!(?:bearer|basic)\b)[^\s\"'&,;]+", re.IGNORECASE), rf"\1{MASK}"),
]


class _Known:
    """Resolved secret values of this process, in the spellings in which they travel; the oldest are forgotten."""

    def __init__(self):
        self._lock = threading.Lock()
        self._values = OrderedDict()
        self._pattern = None

    def add(self, value):
        with self._lock:
            fresh = [text for text in _spellings(value) if len(text) >= _SHORTEST and text not in self._values]
            self._values.update(dict.fromkeys(fresh))
            while len(self._values) > _REMEMBERED:
                self._values.popitem(last=False)
            if fresh:
                # The longest first, so that a secret inside a longer one does not leave the rest readable.
                longest_first = sorted(self._values, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def mask(self, text):
        pattern = self._pattern
        return pattern.sub(MASK, text) if pattern else text


def _spellings(value):
    in_json = json.dumps(value)[1:-1]
    return {value, quote(value, safe=""), quote_plus(value), in_json, base64.b64encode(value.encode()).decode()}


_known = _Known()


def register(value):
    """Remember a secret value (text), so that it is masked wherever it would be logged; returns it."""
    _known.add(value)
    return value


def redact(text):
    """The text with registered secrets and secret-looking parts masked."""
    text = _known.mask(text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def printable(text, limit=500):
    """Text of any origin as one harmless line of at most `limit` characters, secrets masked."""
    line = _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", redact(str(text)))
    return line if len(line) <= limit else line[: limit - 1] + "…"


class RedactionFilter(logging.Filter):
    """Makes of each record one harmless line; a traceback is indented, so that no line of it passes for a record."""

    def filter(self, record):
        record.msg = printable(record.getMessage(), MESSAGE_LIMIT)
        record.args = ()
        if record.exc_info and record.exc_info[0]:
            record.exc_text = _indented("".join(traceback.format_exception(*record.exc_info)))
        # Collectors that are given the live exception would print its locals; the text is all they get.
        record.exc_info = None
        record.stack_info = _indented(record.stack_info) if record.stack_info else None
        return True


def _indented(text):
    return "\n".join("    " + printable(line, MESSAGE_LIMIT) for line in redact(text).splitlines())


_FILTER = RedactionFilter()


def suite_logger(name):
    """The logger of this name, with the filter on it."""
    logger = logging.getLogger(name)
    logger.addFilter(_FILTER)
    return logger
