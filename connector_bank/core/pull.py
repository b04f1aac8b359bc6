"""What one pull of one account has brought, as one payload: an archive with the pages as they came.

`pull.json` says what was asked for and when; each other member is one page, byte for byte. The archive is a plain ZIP,
so that an auditor opens it with anything. It is read with a cap on members and bytes, and nothing of it is unpacked.
"""

import contextlib
import datetime as dt
import json
import tempfile
import zipfile
import zlib

from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.core.strict_json import MAX_BYTES, loads

from .unnamed_file import UnnamedFile

ABOUT = "pull.json"
MOST_MEMBERS = 2000
MOST_BYTES = 256 * 1024 * 1024
_CHUNK = 1 << 16


class Pull:
    """An archive while its pages come in; after its `with`, `file` opens it."""

    def __init__(self, account, first, last, asked_at):
        self.file = UnnamedFile()
        self._zip = zipfile.ZipFile(self.file.stream, "w", zipfile.ZIP_DEFLATED)
        about = {
            "account": account.number,
            "currency": account.currency,
            "from": first.isoformat(),
            "to": last.isoformat(),
            "asked_at": asked_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        }
        self.add(ABOUT, json.dumps(about, sort_keys=True).encode())

    def add(self, name, page):
        # Without a moment of its own: what tells two pulls apart is what the bank said.
        self._zip.writestr(zipfile.ZipInfo(name), page, zipfile.ZIP_DEFLATED)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._zip.close()
        self.file.stream.flush()


@contextlib.contextmanager
def pulled(payload):
    """(what was asked, iterator of (name, page)); MalformedPayload for what is no whole pull."""
    with payload.open() as stream, tempfile.TemporaryFile() as file:
        size = 0
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > MOST_BYTES:
                raise MalformedPayload("the pull is too large", code="too_large")
            file.write(piece)
        try:
            with zipfile.ZipFile(file) as archive:
                members = _members(archive)
                yield _about(archive), _pages(archive, members)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise MalformedPayload("this is no whole pull of a bank's interface", code="no_pull") from error


def _members(archive):
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
        raise MalformedPayload("the pull is too large", code="too_large")
    names = [member.filename for member in members]
    if ABOUT not in names or len(set(names)) != len(names):
        raise MalformedPayload("this is no pull of a bank's interface", code="no_pull")
    return [member for member in members if member.filename != ABOUT]


def _about(archive):
    about = loads(_read(archive, ABOUT))
    if not isinstance(about, dict) or not about.get("account"):
        raise MalformedPayload("the pull does not say of which account it is", code="no_account")
    return about


def _pages(archive, members):
    for member in members:
        yield member.filename, _read(archive, member.filename)


def _read(archive, name):
    """One page, however small its archive says that it is."""
    with archive.open(name) as stream:
        page = stream.read(MAX_BYTES + 1)
    if len(page) > MAX_BYTES:
        raise MalformedPayload(f"a page has more than {MAX_BYTES} bytes", code="too_large")
    return page
