"""A file that is written once, and whose digest is known when it is whole."""

import gzip
import hashlib
import io
from contextlib import contextmanager

_BUFFER = 1 << 20


class Sealed(io.RawIOBase):
    """Hands on to a binary stream what is written, and takes its SHA-256."""

    def __init__(self, sink):
        super().__init__()
        self.sink, self._seen = sink, hashlib.sha256()

    def writable(self):
        return True

    def write(self, content):
        self._seen.update(content)
        self.sink.write(content)
        return len(content)

    @property
    def digest(self):
        """SHA-256 of what was written, as bytes."""
        return self._seen.digest()


@contextmanager
def filled(sealed, is_packed=False):
    """A stream for many small writes into the file; what is packed is the same bytes for the same content."""
    packed = gzip.GzipFile("", "wb", compresslevel=1, fileobj=sealed, mtime=0) if is_packed else sealed
    buffer = io.BufferedWriter(packed, _BUFFER)
    yield buffer
    buffer.flush()
    if is_packed:
        packed.close()
