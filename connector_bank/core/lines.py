"""Lines of a binary stream, one at a time, that may come in pieces of any size."""

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

MAX_LINE = 1 << 20
_CHUNK = 1 << 16


def lines(stream):
    """Yield each line without its end; a line of a mebibyte is no line."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_LINE:
            raise MalformedPayload(f"a line of {MAX_LINE} bytes or more", code="too_large")
        yield from whole
    if rest:
        yield rest
