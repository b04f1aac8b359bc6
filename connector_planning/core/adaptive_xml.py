"""The XML of Workday Adaptive Planning: one document is one call, one is one answer."""

from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from odoo.addons.finance_integration_governance.core.errors import DataError, MalformedPayload

CALLER = "odoo"


@dataclass
class Response:
    """`is_success`, what it says (`messages`, texts), and what it exports (`output`, CSV)."""

    is_success: bool = False
    messages: list = field(default_factory=list)
    output: str = ""


def call(method, credentials, content):
    """The bytes of a call. `credentials`: attributes; `content`: XML in between."""
    attributes = f"method={quoteattr(method)} callerName={quoteattr(CALLER)}"
    told = f"<call {attributes}>{element('credentials', **credentials)}{content}</call>"
    return f'<?xml version="1.0" encoding="UTF-8"?>{told}'.encode()


def element(tag, content="", /, **attributes):
    """An element; attributes without a value are left out. `content` is XML."""
    told = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value is not None)
    return f"<{tag}{told}>{content}</{tag}>" if content else f"<{tag}{told}/>"


def joined(cells):
    """A row: cells with bars between them. DataError where a cell holds one: how to write it is told nowhere."""
    if any("|" in cell or "\n" in cell for cell in cells):
        raise DataError("a value holds a bar or a line break, which stand between values in Adaptive Planning's rows")
    return escape("|".join(cells))


def response(body):
    """The `Response` that these bytes tell; MalformedPayload where they are none."""
    found, texts, open_elements = Response(), [], []

    def start(name, attributes):
        if not open_elements:
            if name != "response":
                raise MalformedPayload("the answer is none of Adaptive Planning's")
            found.is_success = attributes.get("success") == "true"
        open_elements.append(name)
        texts.clear()

    def end(name):
        open_elements.pop()
        if name == "message":
            found.messages.append("".join(texts).strip())
        elif name == "output":
            found.output = "".join(texts)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, texts.append
    return _parsed(parser, body, found)


def _parsed(parser, body, found):
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise MalformedPayload(f"the answer is not well-formed XML: {expat.ErrorString(error.code)}") from None
    except (ValueError, LookupError) as error:  # an encoding that expat has to ask Python for
        raise MalformedPayload(f"the answer is not readable: {error}", code="encoding") from None
    return found


def _no_doctype(*_args):
    raise MalformedPayload("the answer declares a document type (DOCTYPE); such answers are not read", code="doctype")
