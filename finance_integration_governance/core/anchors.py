"""What other places have kept of the chain's head, and what it tells about the chain that is here.

An anchor is a mapping with `position`, `head` and `at` (text). One with `restored` (a mapping with `since` and the
approval's name) says that two persons know that the history behind `since` was replaced; older anchors behind that
position count no more.
"""

import json

from .canonical import canonical
from .errors import DataError

LAST = 1 << 16  # bytes in which the last line is looked for
ALL = 1 << 26


class AnchorFile:
    """The anchors of one database in a file elsewhere (core/location.py), to which lines are only added."""

    def __init__(self, location, name):
        self._location, self._name = location, name

    def last(self):
        """The newest anchor, None where there is none yet. DataError where the file ends with something else."""
        found = self._location.tail(self._name, LAST)
        lines = (found or b"").decode(errors="replace").rstrip("\n").rpartition("\n")[2]
        return read(lines)[-1] if lines else None

    def all(self):
        """Every anchor, oldest first."""
        return read((self._location.tail(self._name, ALL) or b"").decode(errors="replace"))

    def add(self, anchor):
        self._location.append(self._name, canonical(anchor).encode() + b"\n")


def read(text):
    """The anchors of a file's text, a line each. DataError where a line is none."""
    return [_anchor(line, number) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _anchor(line, number):
    try:
        anchor = json.loads(line)
    except ValueError:
        anchor = None
    if _is_anchor(anchor):
        return anchor
    raise DataError(f"line {number} of the anchors is no anchor", code="anchor_unreadable")


def _is_anchor(told):
    if not isinstance(told, dict) or not isinstance(told.get("restored", {}), dict):
        return False
    return isinstance(told.get("position"), int) and isinstance(told.get("head"), str)


def effective(anchors):
    """The anchors that still count: what was kept of a history that was replaced knowingly does not."""
    kept = []
    for anchor in anchors:
        since = anchor.get("restored", {}).get("since")
        if since is not None:
            kept = [one for one in kept if one["position"] <= since]
        kept.append(anchor)
    return kept


def common(anchors, head_at):
    """The newest position at which an anchor and the chain here agree; 0 where none does."""
    agreed = (one["position"] for one in effective(anchors) if head_at(one["position"]) == one["head"])
    return max(agreed, default=0)


def disagreement(anchors, end, head_at, is_whole=True):
    """(first position that is not as it was anchored, code) or None; `head_at` gives the head at a position here.

    `end`: the last position, or the last good one where the chain itself is broken behind it (`is_whole` False).
    `rewritten`: another history stands there. `tail_missing`: the chain ends before it: its end was cut off, or an
    older backup was restored.
    """
    agreed = 0
    for anchor in sorted(effective(anchors), key=lambda one: one["position"]):
        position = anchor["position"]
        if position > end:
            return (end + 1, "tail_missing") if is_whole else None
        if head_at(position) != anchor["head"]:
            return agreed + 1, "rewritten"
        agreed = position
    return None
