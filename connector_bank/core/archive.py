"""Several files in one archive, as some banks send them: taken apart within limits, else refused as a whole."""

import io
import posixpath
import zipfile

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

MOST_FILES = 200
LARGEST = 128 << 20  # bytes of all its files together
_ARCHIVE = b"PK\x03\x04"
_WORKBOOK = "[Content_Types].xml"  # what every workbook holds, and no archive of statements
_STEP = 1 << 16


def files_in(name, content, most=MOST_FILES, largest=LARGEST):
    """[(name, bytes)] of an archive's files, by their bare names; a file that is none is told as it is."""
    if not content.startswith(_ARCHIVE):
        return [(name, content)]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if _WORKBOOK in archive.namelist():
                return [(name, content)]
            return list(_unpacked(archive, most, largest))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zipfile.zlib.error) as error:
        raise MalformedPayload(f"the archive cannot be taken apart: {error}", code="archive") from None


def _unpacked(archive, most, largest):
    entries = [one for one in archive.infolist() if not one.is_dir()]
    if len(entries) > most:
        raise MalformedPayload(f"the archive holds {len(entries)} files, more than {most}", code="archive")
    left = largest
    for entry in entries:
        inner = _read(archive, entry, left)
        left -= len(inner)
        if inner.startswith(_ARCHIVE) and b"[Content_Types].xml" not in inner[:4096]:
            raise MalformedPayload("the archive holds another archive", code="archive")
        yield posixpath.basename(entry.filename.replace("\\", "/")) or "file", inner


def _read(archive, entry, left):
    """The bytes of one file, as far as the limit goes: what an archive says of its own sizes is not believed."""
    read = bytearray()
    with archive.open(entry) as stream:
        while chunk := stream.read(_STEP):
            read += chunk
            if len(read) > left:
                raise MalformedPayload("the archive holds more than may be taken in", code="archive")
    return bytes(read)
