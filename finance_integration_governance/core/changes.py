"""What changed between two documents, to be read by a person: per value, and per entry of a list."""

from .canonical import canonical
from .document import differences


def lines(old, new):
    """(path, what went, what came) of every difference; lists of entries are compared entry by entry.

    >>> lines({"days": ["mon", "tue"], "size": 1}, {"days": ["tue", "wed"], "size": 2})
    [('days', 'mon', None), ('days', None, 'wed'), ('size', 1, 2)]
    """
    return [line for path, a, b in differences(old, new) for line in _entries(path, a, b)]


def _entries(path, old, new):
    if not isinstance(old, list) or not isinstance(new, list):
        return [(path, old, new)]
    before, after = [canonical(one) for one in old], [canonical(one) for one in new]
    gone = [(path, one, None) for one, text in zip(old, before, strict=True) if text not in set(after)]
    come = [(path, None, one) for one, text in zip(new, after, strict=True) if text not in set(before)]
    return gone + come or [(path, old, new)]  # the same entries in another order, or another number of times
