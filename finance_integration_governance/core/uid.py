"""UUID version 7 (RFC 9562, section 5.7): names that sort by the moment in which they were given."""

import os
import time


def uuid7():
    """A new UUIDv7 as text."""
    moment = time.time_ns() // 1_000_000
    value = bytearray(moment.to_bytes(6, "big") + os.urandom(10))
    value[6] = value[6] & 0x0F | 0x70
    value[8] = value[8] & 0x3F | 0x80
    text = value.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
