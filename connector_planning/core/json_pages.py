"""Answers of several pages as one payload: a JSON text sequence (RFC 7464), each page byte for byte as it came."""

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

CONTENT_TYPE = "application/json-seq"
_RECORD, _END = b"\x1e", b"\n"


def joined(pages):
    """The bytes of a sequence: each page between a record separator, which no JSON holds, and a line feed."""
    return b"".join(_RECORD + page + _END for page in pages)


def pages_of(content):
    """The bytes of each page; MalformedPayload where the sequence is none, or its last page has no end."""
    first, *pages = content.split(_RECORD)
    if first or not pages or not all(page.endswith(_END) for page in pages):
        raise MalformedPayload("these are no whole pages of a table", code="cut_off")
    return pages
