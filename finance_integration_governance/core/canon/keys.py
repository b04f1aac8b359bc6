"""How canonical objects are told apart: readable parts joined by a bar, led by the version of this rule."""

import typing

from ..contract import Text

KEY_RULE = "1"
# A key joins these by a bar, so none of them holds one.
Part = typing.Annotated[str, Text(64, r"[^|\x00-\x1f]+")]
Country = typing.Annotated[str, Text(2, r"[A-Z]{2}")]
Month = typing.Annotated[str, Text(7, r"[0-9]{4}-(0[1-9]|1[0-2])")]


def key(*parts):
    """The identity that these parts make."""
    return "|".join((KEY_RULE, *(part or "" for part in parts)))
