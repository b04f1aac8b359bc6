"""The shape of a value: what somebody needs to see why it was refused, without the value itself."""

import re

MAX_SHAPE = 60
_LETTER, _CAPITAL, _DIGIT = re.compile(r"[^\W\d_A-Z]"), re.compile(r"[A-Z]"), re.compile(r"\d")


def shape(value):
    """Letters as a and A, digits as 9, marks as they are; long ones cut, with their length.

    >>> shape("31.02.2026"), shape("Müller AG"), shape(None)
    ('99.99.9999', 'Aaaaaa AA', 'nothing')
    """
    if value is None or value == "":
        return "nothing"
    text = str(value)
    cut = _DIGIT.sub("9", _LETTER.sub("a", _CAPITAL.sub("A", text[:MAX_SHAPE])))
    return cut if len(text) <= MAX_SHAPE else f"{cut}… ({len(text)} characters)"
