"""Sources whose payloads are files that somebody puts into a place: a folder, an SFTP server or an object store."""

from typing import ClassVar

from .connector import Payload, Setting, Source
from .location import Location


def file_settings(pattern, *more):
    """The settings of a `FileSource` that reads files of these names, with those of its own in the middle."""
    return (
        Setting(
            "location",
            "Location",
            help="Folder (file:///...), SFTP server (sftp://user@host/folder) or object store (s3://bucket/folder).",
        ),
        Setting("pattern", "File names", default=pattern, help=f"Which files are read, for example {pattern}"),
        *more,
        Setting(
            "credentials",
            "Password or private key",
            required=False,
            secret=True,
            help="Of an object store: key:secret (s3), account:key (abfs), a service account as JSON (gs).",
        ),
        Setting(
            "hostkey",
            "Host key",
            required=False,
            help="Fingerprint (SHA256:...) or public key of the SFTP server, as its owner has told you.",
        ),
    )


class FileSource(Source):
    """One payload is one file; a file that was kept moves to `done/`. What is in a file says `parse` of the inheritor.

    `settings` are made by `file_settings`; `content_type` is that of its files.
    """

    settings = file_settings("*")
    content_type: ClassVar[str] = "application/octet-stream"

    def extract(self, window):
        for file in self._location().files(self.pattern):
            yield Payload(file.name, file.open, self.content_type)

    def settle(self, payload):
        self._location().move_to_done(payload.name, payload.open)

    def probe(self):
        return self._location().probe(self.pattern)

    def _location(self):
        told = {"credentials": self.credentials, "hostkey": self.hostkey}
        return Location(self.location, **told, roots=self.roots, allowed_hosts=self.allowed_hosts)
