"""UUID version 7 (RFC 9562, section 5.7): names that sort by the moment in which they were given."""

import os
import time

_AT_ONCE = 256


def uuid7():
    """A new UUIDv7 as text."""
    return next(uuids7(1))


def uuids7(at_once=_AT_ONCE):
    """UUIDv7s without end; the clock and the random source are asked once for so many."""
    while True:
        moment = f"{time.time_ns() // 1_000_000:012x}"
        start = f"{moment[:8]}-{moment[8:]}"
        random = os.urandom(at_once * 10).hex()
        for at in range(0, at_once * 20, 20):
            # 4 bits of version, 12 random; 2 bits of variant, 62 random.
            variant = "89ab"[int(random[at + 3], 16) & 3]
            yield f"{start}-7{random[at : at + 3]}-{variant}{random[at + 4 : at + 7]}-{random[at + 7 : at + 19]}"
