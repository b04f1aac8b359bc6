"""OFX as a stream of elements, 1.x (SGML, leaves without an end) and 2.x (XML) alike.

Read without a parser for either, because banks mix them: an element with a text is a leaf, whether or not it ends. A
document type is refused, entities of HTML are texts, and what is held at once is capped.
Source: OFX 1.0.3 and 2.2, chapters 2 (structure) and 11 (banking).
"""

import codecs
import html
import re

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

_CHUNK = 1 << 16
_MAX_HELD = 1 << 20
_TAG = re.compile(r"<([^<>]*)>([^<]*)")
_NAME = re.compile(r"(/?)([A-Za-z0-9._]+)\s*(/?)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.S)
_BLANK = " \t\r\n"


def elements(stream):
    """Yield (name, text) for what begins, with an empty text for a group, and ("/NAME", "") for what ends."""
    for text in _pieces(stream):
        for tag, value in _TAG.findall(text):
            found = _NAME.fullmatch(tag)
            if not found:
                if tag.startswith("?"):
                    continue
                raise MalformedPayload(_why_not(tag), code="doctype" if tag.startswith("!") else "malformed_payload")
            ends, name, closes = found.groups()
            name = name.upper()
            if ends:
                yield f"/{name}", ""
                continue
            value = value.strip(_BLANK)
            yield name, html.unescape(value) if "&" in value else value
            if closes:
                yield f"/{name}", ""


def _why_not(tag):
    if tag.startswith("!"):
        return "the file declares a document type or hides text (<!); such files are not read"
    return f"<{tag[:40]}> is no element"


def _pieces(stream):
    """Decoded texts that begin with `<` and end before the next one; what stands before the first is the header."""
    rest, is_begun = b"", False
    while chunk := stream.read(_CHUNK):
        rest += chunk
        if not is_begun and len(rest) < _CHUNK and (more := stream.read(_CHUNK)):
            rest += more
        is_begun = is_begun or _refuse_foreign(rest)
        end = _end(rest)
        if end > 0:
            yield _decoded(rest[:end])
            rest = rest[end:]
        if len(rest) > _MAX_HELD:
            raise MalformedPayload("one element is too large to be read", code="too_large")
    if not is_begun:
        raise MalformedPayload("the file is empty", code="empty")
    yield _decoded(rest)


def _end(rest):
    """Where the last element of the bytes begins, which may go on in the next ones; so may a section of text."""
    end, section = rest.rfind(b"<"), rest.rfind(b"<![CDATA[")
    return section if section >= 0 and rest.find(b"]]>", section, end) < 0 else end


def _refuse_foreign(head):
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise MalformedPayload("encoding UTF-16 is not read", code="encoding")
    if b"<OFX>" not in head.upper()[:_CHUNK]:
        raise MalformedPayload("the file does not begin as OFX does", code="other_message")
    return True


def _decoded(raw):
    if b"\0" in raw:
        raise MalformedPayload("the file holds control characters", code="control")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return _CDATA.sub(lambda found: html.escape(found[1]), text) if "<![" in text else text
