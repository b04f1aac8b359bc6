"""Tables without a foot: that the last line ends is all that says that the file does."""

import io

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload


class Watched(io.RawIOBase):
    """Any readable as what a buffered reader wants; it knows what it ended with."""

    def __init__(self, stream):
        super().__init__()
        self._stream, self._last = stream, b"\n"

    def readable(self):
        return True

    def readinto(self, buffer):
        block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        self._last = block[-1:] or self._last
        return len(block)

    def must_end(self):
        """MalformedPayload where the last line has no end."""
        if self._last not in b"\r\n":
            raise MalformedPayload("the last line has no end, so part of the file may be missing", code="cut_off")
