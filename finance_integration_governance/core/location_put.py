"""How a file gets into a place whole or not at all, and never over another one.

It is written under a name that nobody reads (hidden, and ending with .part), then published in one step that fails
where the name is taken. An object store has no such step, and needs none: an object is there when all of it is.

What points to other files is the one thing that is replaced: in one step, so that it is read as it was or as it is.
"""

import os
import posixpath
import re
import shutil
from pathlib import Path

from .errors import ConfigurationError, DuplicateConflict, TransientError
from .stores import STORES

_CHUNK = 1 << 16


def prepare(filesystem, scheme, path, opener):
    """The name under which the bytes lie now, unread by anybody; None where they are under the path already.

    DuplicateConflict where other bytes have that name. Nothing has left when this fails.
    """
    if filesystem.exists(path):
        return refuse_others(filesystem, path, opener)
    if scheme in STORES:
        return path
    return _set_aside(filesystem, path, opener)


def _set_aside(filesystem, path, opener):
    folder, name = posixpath.split(path)
    partial = posixpath.join(folder, f".{name}.part")
    _write(filesystem, partial, opener)
    return partial


def prepare_anew(filesystem, scheme, path, opener):
    """The name under which the bytes lie now, unread by anybody; nothing has left when this fails."""
    return path if scheme in STORES else _set_aside(filesystem, path, opener)


def replace(filesystem, scheme, partial, path, opener):
    """Give what was prepared its name in one step, over whatever has it."""
    if scheme in STORES:
        _write(filesystem, path, opener)
    elif scheme == "file":
        _to_disk(partial)
        Path(partial).replace(path)
    else:
        _replace_there(filesystem, partial, path)


def _replace_there(filesystem, partial, path):
    try:
        filesystem.replace(partial, path)
    except OSError as error:
        # paramiko tells this by the server's words only, and has no way to ask beforehand.
        if error.errno is None and re.search("unsupported|not supported", str(error), re.IGNORECASE):
            raise ConfigurationError("the server cannot replace a file in one step", code="no_replace") from error
        raise


def publish(filesystem, scheme, partial, path, opener):
    """Give what was prepared its name, in one step that never replaces what is there."""
    if scheme in STORES:
        # Where the store knows no such condition, reading it back tells at least that somebody else came first.
        _write(filesystem, path, opener, "xb" if scheme == "s3" else "wb")
        return refuse_others(filesystem, path, opener)
    try:
        _rename(filesystem, scheme, partial, path)
    except OSError:
        # A server says of a name that is taken no more than that it failed.
        if not filesystem.exists(path):
            raise
        filesystem.rm_file(partial)
        refuse_others(filesystem, path, opener)
    return None


def _write(filesystem, path, opener, mode="wb"):
    with opener() as source, filesystem.open(path, mode) as target:
        shutil.copyfileobj(source, target, _CHUNK)
    with opener() as source:
        size = sum(len(block) for block in iter(lambda: source.read(_CHUNK), b""))
    there = filesystem.info(path)["size"]
    if there != size:
        raise TransientError(f"{there} of {size} bytes arrived", code="network")


def _rename(filesystem, scheme, partial, path):
    if scheme != "file":
        filesystem.mv(partial, path)
        return
    _to_disk(partial)
    os.link(partial, path)  # a rename would replace what is there
    filesystem.rm_file(partial)


def _to_disk(path):
    with open(path, "rb") as stream:
        os.fsync(stream.fileno())


def is_same(filesystem, path, opener):
    """Whether the bytes under the path are those that `opener` opens."""
    with filesystem.open(path, "rb") as there, opener() as here:
        while True:
            block = here.read(_CHUNK)
            if block != there.read(len(block) or 1):
                return False
            if not block:
                return True


def refuse_others(filesystem, path, opener):
    """DuplicateConflict where the bytes under the path are others."""
    if not is_same(filesystem, path, opener):
        raise DuplicateConflict(f"{posixpath.basename(path)} is there with another content")
