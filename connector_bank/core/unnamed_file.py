"""A file without a name, for bytes that may be too many to be held."""

import tempfile


class UnnamedFile:
    """It goes with whoever holds it; called, it gives its bytes from the beginning."""

    def __init__(self):
        self.stream = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the payload does)

    def __call__(self):
        return open(f"/proc/self/fd/{self.stream.fileno()}", "rb")

    def __del__(self):
        self.stream.close()
