"""How a file leaves: as a download under its own name, never kept by a cache, never taken for another type."""

from contextlib import contextmanager

from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from ..core.errors import IntegrationError

GUARDED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def download(content, name, content_type, size=None):
    """A response that hands out content: text, bytes, or an iterable of bytes of this size."""
    told = {"Content-Type": content_type, "Content-Disposition": content_disposition(name), **GUARDED}
    response = request.make_response(content, list(told.items()))
    if size is not None:
        response.headers["Content-Length"] = size
        response.direct_passthrough = True
    return response


def download_stream(stream):
    """A response that hands out a stored file."""
    response = stream.get_response(as_attachment=True, immutable=False)
    for name, value in GUARDED.items():
        response.headers[name] = value
    return response


@contextmanager
def told():
    """What is not there any more is told to the person, instead of a page about an error of the server."""
    try:
        yield
    except IntegrationError as error:
        raise UserError(error.text) from None
