"""When a connection that does not answer is left alone, and for how long (M. Nygard, Release It: circuit breaker).

Closed: everything passes. Open: nothing passes until a moment. Half open: one run tries, and its luck decides.
"""

TRIP = 5  # failures in a row
FIRST, LONGEST = 60, 3600  # seconds
PROBING = 600  # seconds in which the one that tries has to answer, before another one may


def trips(failures, was_trying, status=None, most=TRIP):
    """Whether this failure opens the circuit; a login that is refused is not tried again by everybody."""
    return was_trying or failures >= most or status in (401, 403)


def pause(openings, first=FIRST, longest=LONGEST):
    """Seconds for which it stays open, the n-th time in a row."""
    return min(longest, first * 2 ** min(openings - 1, 32))
