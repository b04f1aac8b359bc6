"""Bundles: a flow's approved document, with everything that it refers to by digest, carried to another database.

YAML on the outside, canonical text inside: every part has its digest, and one Ed25519 signature covers the digests of
all parts. The key stands outside the database; a bundle is read only where the other side's public key is trusted.
Reading refuses the whole bundle, with the line and the reason: aliases, doubled keys, other types than JSON knows, too
much of anything, a missing or unknown part, a digest or signature that does not fit.
"""

import base64
import binascii
from dataclasses import dataclass, field

import yaml
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .canonical import canonical, digest
from .errors import ConfigurationError, MalformedPayload

FORMAT = "finance-integration-bundle/1"
MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 40
MAX_NODES = 2_000_000
PARTS = ("flow", "documents", "contracts")
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "bool", "null")}


class BundleError(MalformedPayload):
    """`line` counts from 1; 0 where the trouble has no place."""

    code = "bundle"

    def __init__(self, reason, line=0):
        super().__init__(f"line {line}: {reason}" if line else reason, line=line)
        self.line, self.reason = line, reason


@dataclass(frozen=True)
class Bundle:
    """A bundle that was read and found whole. `lines`: where each part begins."""

    digest: str
    key: str
    parts: dict = field(repr=False)
    lines: dict = field(repr=False)

    @property
    def flow(self):
        return self.parts["flow"]


# Keys


def new_key():
    """(private, public) key as base64 text."""
    private = Ed25519PrivateKey.generate()
    raw = private.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    return base64.b64encode(raw).decode(), public_of(base64.b64encode(raw).decode())


def public_of(private):
    """The public key that belongs to a private one."""
    public = _private(private).public_key()
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def _private(text):
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        # Not chained: nothing of a key belongs into a traceback.
        raise ConfigurationError("bundle_key is an Ed25519 key in base64; make one anew") from None


# Writing


def write(parts, private):
    """The YAML text of these parts, signed."""
    head = _head({name: digest(canonical(parts[name])) for name in PARTS})
    signature = _private(private).sign(canonical(head).encode())
    content = {
        **head,
        "content": {name: parts[name] for name in PARTS},
        "signature": {"key": public_of(private), "value": base64.b64encode(signature).decode()},
    }
    return yaml.dump(content, Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=True, width=120)


def _head(digests):
    return {"format": FORMAT, "parts": digests}


# Reading


def read(data, trusted):
    """The `Bundle` in these bytes, if one of the `trusted` public keys signed it; raises BundleError."""
    told, lines = _loaded(data)
    if told.get("format") != FORMAT:
        raise BundleError(f"this is no bundle of the form {FORMAT}", 1)
    content, head = _members(told, "content", PARTS), _head(_members(told, "parts", PARTS))
    for name in PARTS:
        if digest(canonical(content[name])) != head["parts"][name]:
            raise BundleError(f"the part {name} is not what its digest says", lines.get(name, 0))
    key = _signed_by(head, told.get("signature"), trusted)
    return Bundle(digest(canonical(head)), key, content, lines)


def _members(told, name, wanted):
    """The mapping under this name, which has exactly the wanted members."""
    found = told.get(name)
    if not isinstance(found, dict) or set(found) != set(wanted):
        raise BundleError(
            f"{name} does not have the parts {', '.join(wanted)}: the bundle is cut off or of another kind"
        )
    return found


def _signed_by(head, signature, trusted):
    if not isinstance(signature, dict) or set(signature) != {"key", "value"}:
        raise BundleError("the signature is missing: the bundle is cut off")
    if signature["key"] not in trusted:
        raise BundleError("this installation does not trust the key that signed the bundle")
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(signature["key"]))
        public.verify(base64.b64decode(signature["value"]), canonical(head).encode())
    except (InvalidSignature, ValueError, TypeError):
        raise BundleError("the signature does not fit: the bundle was changed after it was signed") from None
    return signature["key"]


class _Loader(yaml.SafeLoader):
    """Plain values only: no aliases, tags or doubled keys, and no more than the caps allow."""

    def __init__(self, text):
        super().__init__(text)
        self.depth, self.nodes = 0, 0

    def compose_node(self, parent, index):
        event = self.peek_event()
        self.nodes, self.depth = self.nodes + 1, self.depth + 1
        if isinstance(event, yaml.AliasEvent):
            raise BundleError("aliases are not used in bundles", event.start_mark.line + 1)
        if self.depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise BundleError("the bundle is nested too deep or too large", event.start_mark.line + 1)
        node = super().compose_node(parent, index)
        self.depth -= 1
        if node.tag not in _TAGS:
            raise BundleError(f"values of the kind {node.tag} are not used in bundles", node.start_mark.line + 1)
        return node

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _value in node.value:
            if not isinstance(key, yaml.ScalarNode) or not key.tag.endswith(":str"):
                raise BundleError("a name in a bundle is a text", key.start_mark.line + 1)
            if key.value in seen:
                raise BundleError(f"{key.value} comes twice", key.start_mark.line + 1)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _loaded(data):
    """(content, name of each part -> its line)."""
    told, node = load(data)
    return told, _lines_of(node)


def load(data):
    """(mapping, its YAML node) of plain values; BundleError with the line where it cannot be read."""
    if len(data) > MAX_BYTES:
        raise BundleError(f"a bundle has at most {MAX_BYTES} bytes")
    try:
        loader = _Loader(data.decode())
        node = loader.get_single_node()
        told = loader.construct_document(node) if isinstance(node, yaml.MappingNode) else None
    except UnicodeDecodeError:
        raise BundleError("the bundle is not UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        # Not chained: the error repeats content.
        raise BundleError("this is not YAML, or is cut off", mark.line + 1 if mark else 0) from None
    if not isinstance(told, dict):
        raise BundleError("a bundle is a mapping", 1)
    return told, node


def _lines_of(node):
    for name, value in node.value:
        if name.value == "content" and isinstance(value, yaml.MappingNode):
            return {part.value: part.start_mark.line + 1 for part, _content in value.value}
    return {}
