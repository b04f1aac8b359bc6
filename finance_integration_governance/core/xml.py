"""XML from outside, read as a stream and without trust.

Any DOCTYPE is refused before a parser sees it, so there are no entities, no external files and no network. What the
parser does see is capped: bytes, depth, length of one tag, and what has to be held at once. No tree is built. A reader
says in a table which elements it wants; everything else is passed over. Comments and processing instructions never cut
a text in two.

    table = {"Nm": "name", "Amt": Valued("amount", "Ccy"), "Tp": {"Cd": "kind"}, "Ustrd": Texts("lines")}

Keys are element names, bound to one namespace by `bound`. The first text of a field wins.
"""

import codecs
import re
from dataclasses import dataclass
from xml.parsers import expat

from .errors import MalformedPayload

MAX_BYTES = 1 << 30
MAX_HELD = 64 << 20  # between two parts; one entry with 50,000 details has about 40 MiB
MAX_TAG = 1 << 20  # expat before 2.6 takes quadratic time for a long tag that comes in pieces (CVE-2023-52425)
MAX_DEPTH = 256
_CHUNK = 1 << 16
_PROLOG_LIMIT = 1 << 16

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# In other encodings (UTF-7, EBCDIC) the bytes of a DOCTYPE need not look like one.
_ENCODINGS = re.compile(r"utf-?8|utf-?16(le|be)?|(us-)?ascii|iso-?8859-?\d+|latin-?1|windows-125\d|cp125\d", re.I)
_DECLARED = re.compile(r"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"']*)[\"']")
_MISC = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.S)


@dataclass(frozen=True)
class Valued:
    """A text with one attribute: the fields `name` and `name_attribute` (in small letters)."""

    name: str
    attribute: str


@dataclass(frozen=True)
class Texts:
    """A text that may come several times: a list of texts."""

    name: str


@dataclass(frozen=True)
class Groups:
    """An element that may come several times: a list of its fields, its attributes of these names among them."""

    name: str
    table: dict
    attributes: tuple = ()


@dataclass(frozen=True)
class Coded:
    """A code that stands in the element itself or in any element below it."""

    name: str


@dataclass(frozen=True)
class Parts:
    """A document and its parts, too many to be held: each part is given out as soon as it is complete.

    What comes out is ("begin", fields before the first part), ("part", fields) ..., ("end", fields after it).
    """

    table: dict
    part: str


_VALUED, _TEXTS, _CODED, _TABLE, _GROUP, _PARTS, _PART = range(7)


class _Attributed(dict):
    """The table of an element whose attributes are fields."""

    names = ()


def bound(table, namespace):
    """The table as the parser needs it; `namespace` is the one of all its elements, or an empty text."""
    prefix = namespace + "}" if namespace else ""
    return {prefix + name: _place(place, namespace) for name, place in table.items()}


def _place(place, namespace):
    match place:
        case str():
            return place
        case dict():
            return _TABLE, None, bound(place, namespace)
        case Valued():
            return _VALUED, place.name, (place.attribute, f"{place.name}_{place.attribute.lower()}")
        case Texts():
            return _TEXTS, place.name, None
        case Coded():
            return _CODED, place.name, None
        case Groups():
            return _GROUP, place.name, _attributed(bound(place.table, namespace), place.attributes)
        case Parts():
            return _PARTS, None, _with_parts(place, namespace)


def _attributed(table, names):
    if not names:
        return table
    table = _Attributed(table)
    table.names = names
    return table


def _with_parts(place, namespace):
    table = bound(place.table, namespace)
    (name,) = bound({place.part: ""}, namespace)
    return {**table, name: (_PART, None, table[name][2])}


def read(stream, table_of, max_bytes=MAX_BYTES, max_held=MAX_HELD):
    """Yield ("begin" | "part" | "end", fields) from a binary stream; MalformedPayload says where it cannot be read.

    `table_of(namespace, name)` is asked once, for the root element: it returns a bound table, or raises.
    """
    found = []
    parser = _parser(table_of, found)
    fed = held = 0
    for chunk in _chunks(stream, max_bytes):
        _feed(parser, chunk)
        fed, held = fed + len(chunk), 0 if found else held + len(chunk)
        yield from found
        found.clear()
        if held > max_held or fed - parser.CurrentByteIndex > MAX_TAG:
            raise MalformedPayload("one element or tag is too large to be read", code="too_large")
    _feed(parser, b"", True)
    yield from found


def _chunks(stream, max_bytes):
    """What the stream holds, in pieces; the first is seen to reach the first element without a DOCTYPE."""
    chunk = _prolog(stream)
    size = 0
    while chunk:
        size += len(chunk)
        if size > max_bytes:
            raise MalformedPayload(f"the file is larger than {max_bytes >> 20} MiB", code="too_large")
        yield chunk
        chunk = stream.read(_CHUNK)


def _prolog(stream):
    head = stream.read(_CHUNK)
    if not head:
        raise MalformedPayload("the file is empty", code="empty")
    while not _begins_with_element(head):
        more = stream.read(_CHUNK)
        if not more or len(head) > _PROLOG_LIMIT:
            raise MalformedPayload("the file holds no XML element")
        head += more
    return head


def _begins_with_element(head):
    """True if the text is seen to reach its first element, False if more of it is needed."""
    text = _decoded(head)
    declared = _DECLARED.match(text)
    if declared and not _ENCODINGS.fullmatch(declared[1]):
        raise MalformedPayload(f"encoding {declared[1]} is not read", code="encoding")
    at = _MISC.match(text).end()
    rest = text[at : at + 4]
    if len(rest) < 2 or rest.startswith(("<?", "<!--")) or rest in ("<!", "<!-"):
        return False
    if rest.startswith("<!"):
        raise MalformedPayload("the file declares a document type (DOCTYPE); such files are not read", code="doctype")
    if rest[0] != "<":
        raise MalformedPayload("the file does not begin with an XML element")
    return True


def _decoded(head):
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return head.decode(encoding, "ignore").removeprefix("\ufeff")
    return head.decode("latin-1")


def _feed(parser, chunk, is_last=False):
    try:
        parser.Parse(chunk, is_last)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise MalformedPayload(f"not well-formed XML: {reason} in line {error.lineno}", line=error.lineno) from None
    except ValueError as error:  # an encoding that expat has to ask Python for
        raise MalformedPayload(f"not readable: {error}", code="encoding") from None


def _no_doctype(*_args):
    raise MalformedPayload("the file declares a document type (DOCTYPE); such files are not read", code="doctype")


def _parser(table_of, found):
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.buffer_size = _CHUNK
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = _no_doctype
    handlers = _handlers(table_of, found)
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = handlers
    return parser


class _Root(dict):
    """The table before the root element: asked once, it asks the reader."""

    def __init__(self, table_of):
        super().__init__()
        self._table_of = table_of

    def get(self, name):
        return _TABLE, None, self._table_of(*name.rpartition("}")[::2])


def _handlers(table_of, found):
    """The three callbacks. Closures over plain variables, because they run a hundred times for each bank entry."""
    table, into, leaf, skipped, is_begun, above, texts = _Root(table_of), {}, None, 0, False, [], []
    forget = texts.clear

    def start(name, attributes):
        nonlocal table, into, leaf, skipped, is_begun
        if skipped or leaf:
            skipped = _deeper(skipped, leaf)
            return
        place = table.get(name)
        if place.__class__ is str:
            leaf = place
            forget()
            return
        if place is None:
            skipped = 1
            return
        kind, field, below = place
        if kind < _TABLE:
            leaf = place
            forget()
            if kind == _VALUED and field not in into:
                into[below[1]] = _attribute(attributes, below[0])
            return
        if kind == _PART and not is_begun:
            found.append(("begin", into))
            is_begun, into = True, {}
        above.append((table, into, kind, field))
        table = below
        if kind > _TABLE:
            into, is_begun = {}, is_begun and kind != _PARTS
            if below.__class__ is _Attributed:
                into.update((one, _attribute(attributes, one)) for one in below.names if one in attributes[::2])

    def end(_name):
        nonlocal table, into, leaf, skipped
        if skipped:
            skipped -= 1
        elif leaf:
            if leaf.__class__ is str:
                if leaf not in into:
                    into[leaf] = "".join(texts)
            elif leaf[0] == _TEXTS:
                into.setdefault(leaf[1], []).append("".join(texts))
            elif leaf[1] not in into:
                into[leaf[1]] = "".join(texts)
            leaf = None
        else:
            done = into
            table, into, kind, field = above.pop()
            if kind == _GROUP:
                into.setdefault(field, []).append(done)
            elif kind > _GROUP:
                found.extend(_complete(kind, done, is_begun))

    # The list's own method is the cheapest callback there is; what stands between the elements is dropped at the next.
    return start, end, texts.append


def _deeper(skipped, leaf):
    if leaf and leaf[0] != _CODED:
        raise MalformedPayload("one text has elements in it", code="mixed_content")
    if skipped == MAX_DEPTH:
        raise MalformedPayload(f"elements are nested deeper than {MAX_DEPTH}", code="too_deep")
    return skipped + 1


def _complete(kind, fields, is_begun):
    if kind == _PART:
        return (("part", fields),)
    return (("end", fields),) if is_begun else (("begin", fields), ("end", {}))


def _attribute(attributes, name):
    """expat gives attributes as one flat list: name, value, name, value ..."""
    return attributes[attributes.index(name) + 1] if name in attributes[::2] else None
