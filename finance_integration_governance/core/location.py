"""Where files lie: one URL for a folder, an SFTP server or an object store.

    file:///srv/bank/in                              below one of `roots` only, symbolic links resolved
    sftp://user@host:22/out?hostkey=SHA256:...       only with the server's key known beforehand
    s3://bucket/folder?endpoint=https://...          an object store: also gs: and abfs:, with what fsspec has for them

Only complete files are given out, oldest first; a file that was read is moved to `done/` below the same folder.
"""

import os
import posixpath
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cached_property, partial
from urllib.parse import unquote, urlsplit

import fsspec

from .errors import ConfigurationError, DataError, printable
from .location_errors import Told, nothing_left, told
from .location_put import is_same, prepare, prepare_anew, publish, replace
from .sftp import PinnedSftp
from .stores import STORES, moved, store

DONE = "done"
QUIET_SECONDS = 10
_SCHEMES = ("file", "sftp", "memory", *STORES)
_PARTIAL = (".part", ".tmp", ".filepart", ".crdownload", ".swp")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\\/]")


@dataclass(frozen=True)
class File:
    """A complete file; `name` is its name in the folder, `modified_at` seconds since 1970."""

    name: str
    size: int
    modified_at: float
    open: object = field(compare=False, repr=False)


class Location:
    """Files in one folder. `roots`: local folders that may be used; none without it.

    `credentials`: a password, or a private key as text; of an object store see `stores.py`. `hostkey`: fingerprint or
    public key of the SFTP server. `allowed_hosts`: where the endpoint of an object store may be, beside the internet.
    Raises ConfigurationError where a person has to change something, TransientError where waiting helps.
    """

    def __init__(
        self,
        url,
        credentials=None,
        hostkey=None,
        roots=None,
        quiet=QUIET_SECONDS,
        clock=time.time,
        allowed_hosts=(),
    ):
        if "::" in url:
            raise ConfigurationError("a location is one address, not a chain", code="location")
        self._parts = urlsplit(url if "://" in url else f"file://{url}")
        if self._parts.scheme not in _SCHEMES:
            raise ConfigurationError(f"locations are {', '.join(_SCHEMES)}, not {self._parts.scheme}", code="location")
        if self._parts.password:
            raise ConfigurationError("a password does not belong into an address", code="location")
        self._credentials, self._hostkey, self._roots = credentials, hostkey, roots
        self._quiet, self._clock, self._allowed_hosts = quiet, clock, allowed_hosts

    def files(self, pattern="*"):
        """Yield each complete `File` whose name fits, oldest first; then DataError if there were names to refuse."""
        found, refused = [], []
        for entry in self._entries():
            name = self._name(entry)
            reason = self._refusal(name)
            if reason:
                refused.append(f"{printable(name, 80)} ({reason})")
            elif fnmatchcase(name.lower(), pattern.lower()) and self._is_complete(name, entry):
                found.append(File(name, entry["size"], _modified(entry), partial(self.open, name)))
        yield from sorted(found, key=lambda file: (file.modified_at, file.name))
        if refused:
            raise DataError(f"refused names: {', '.join(refused[:20])}", code="hostile_name", count=len(refused))

    def open(self, name):
        """A binary stream of one file of the folder."""
        path = self._path(name)
        with told(self._shown, file=name):
            return Told(self._filesystem.open(path, "rb"), self._shown)

    def put(self, name, opener):
        """Put the bytes that `opener` opens under this name, whole; never over others (DuplicateConflict).

        True where they were put, False where the same bytes were there already. What fails before they have their name
        says so (`sent` False); after that, nobody knows.
        """
        path, scheme = self._path(name), self._parts.scheme
        with nothing_left(), told(self._shown):
            partial = prepare(self._filesystem, scheme, path, opener)
        with told(self._shown):
            if partial:
                publish(self._filesystem, scheme, partial, path, opener)
        return bool(partial)

    def replace(self, name, opener):
        """Put the bytes that `opener` opens under this name in one step, over whatever is there.

        Whoever reads has the old bytes or the new ones. In a folder, over SFTP (where the server knows how, else
        ConfigurationError) or in an object store; what fails before says so (`sent` False), after that nobody knows.
        """
        path, scheme = self._path(name), self._parts.scheme
        if scheme == "memory":
            raise ConfigurationError("files in memory are not replaced in one step", code="location")
        with nothing_left(), told(self._shown):
            partial = prepare_anew(self._filesystem, scheme, path, opener)
        with told(self._shown):
            replace(self._filesystem, scheme, partial, path, opener)

    def names(self):
        """The names of the files in the folder, whether they are complete or not."""
        return sorted(name for name in map(self._name, self._entries()) if not self._refusal(name))

    def append(self, name, line):
        """Add bytes to the end of a file of the folder; they are on disk, or at the server, when this returns."""
        path = self._path(name)
        if self._parts.scheme not in ("file", "sftp"):
            raise ConfigurationError("lines are added to a file in a folder or over SFTP only", code="location")
        with told(self._shown, file=name), self._filesystem.open(path, "ab") as stream:
            stream.write(line)
            stream.flush()
            if self._parts.scheme == "file":
                os.fsync(stream.fileno())

    def tail(self, name, size):
        """The last bytes of a file of the folder, at most `size`; None where there is no such file."""
        path = self._path(name)
        with told(self._shown, file=name):
            if not self._filesystem.exists(path):
                return None
            with self._filesystem.open(path, "rb") as stream:
                stream.seek(0, os.SEEK_END)  # over SFTP it does not say where it went
                stream.seek(max(0, stream.tell() - size))
                return stream.read(size)

    def move_to_done(self, name, kept):
        """Move the file away, if it is still the one that was kept (`kept` opens those bytes); may be called twice.

        The name in `done/` is returned, or None where there was nothing to move: a bank may have put the next file
        under the same name meanwhile, and that one has not been read.
        """
        path = self._path(name)
        with told(self._shown):
            if not self._filesystem.exists(path) or not is_same(self._filesystem, path, kept):
                return None
            target = self._free_name(name)
            if self._parts.scheme in STORES:
                return target if moved(self._filesystem, path, self._join(DONE, target)) else None
            self._filesystem.mv(path, self._join(DONE, target))
        return target

    def probe(self, pattern="*"):
        """What is there, in words."""
        files = list(self.files(pattern))
        words = f"The folder can be read: {len(files)} files fit {pattern}"
        if not files:
            return f"{words}."
        return f"{words}, the newest of {datetime.fromtimestamp(files[-1].modified_at, UTC):%Y-%m-%d %H:%M} UTC."

    # Names

    def _entries(self):
        with told(self._shown):
            there = self._listed()
            # The folder itself is an object to some stores.
            mine = self._folder.rstrip("/")
            return [entry for entry in there if entry["name"].rstrip("/") != mine and self._is_file(entry)]

    def _listed(self):
        try:
            return self._filesystem.ls(self._folder, detail=True)
        except FileNotFoundError:
            # A store has no folders: one in which nothing lies yet is not there, and that is nobody's mistake.
            if self._parts.scheme in STORES and self._filesystem.exists(self._parts.netloc):
                return []
            raise

    def _is_file(self, entry):
        # A link is no file to some file systems; a pipe or a device is one to none.
        kind = entry["type"]
        return kind == "file" or (kind != "directory" and self._filesystem.isfile(entry["name"]))

    def _name(self, entry):
        # A server's own words: a name like ../x keeps its slash here and is refused for it.
        return entry["name"].removeprefix(self._folder).removeprefix("/")

    def _refusal(self, name):
        if not name or name in (".", "..") or _CONTROL.search(name):
            return "no plain file name"
        if self._parts.scheme == "file" and not _is_below(self._join(name), (self._folder,)):
            return "a link that leads out of the folder"
        return None

    def _is_complete(self, name, entry):
        if name.startswith(".") or name.lower().endswith(_PARTIAL):
            return False
        return self._clock() - _modified(entry) >= self._quiet

    def _path(self, name):
        reason = self._refusal(name)
        if reason:
            raise DataError(f"{printable(name, 80)}: {reason}", code="hostile_name")
        return self._join(name)

    def _join(self, *names):
        return posixpath.join(self._folder, *names)

    # Moving

    def _free_name(self, name):
        self._filesystem.makedirs(self._join(DONE), exist_ok=True)
        stem, suffix = posixpath.splitext(name)
        target, number = name, 1
        while self._filesystem.exists(self._join(DONE, target)):
            number += 1
            target = f"{stem}~{number}{suffix}"
        return target

    # Reaching it

    @cached_property
    def _shown(self):
        host = f"{self._parts.hostname or ''}"
        return f"{self._parts.scheme}://{host}{self._parts.path}"

    @cached_property
    def _folder(self):
        path = unquote(self._parts.path).rstrip("/")
        if self._parts.scheme == "file":
            return self._local(path or "/")
        if self._parts.scheme == "sftp":
            return "/" + path.lstrip("/")  # two slashes in front are a place of their own to some servers
        return f"{self._lead}{self._parts.netloc}{path}"

    @property
    def _lead(self):
        return "/" if self._parts.scheme == "memory" else ""

    def _local(self, path):
        if self._parts.netloc not in ("", "localhost") or not _is_below(path, self._roots or ()):
            raise ConfigurationError(f"{path} is below none of the folders allowed in odoo.conf", code="outside_roots")
        return os.path.realpath(path)

    @cached_property
    def _filesystem(self):
        folder = self._folder  # refused before anything is reached
        with told(self._shown or folder):
            if self._parts.scheme == "sftp":
                return self._sftp()
            if self._parts.scheme in STORES:
                endpoint = self._asked("endpoint")
                return store(self._parts.scheme, self._credentials, endpoint, self._allowed_hosts)
            return fsspec.filesystem(self._parts.scheme, skip_instance_cache=True, use_listings_cache=False)

    def _sftp(self):
        known = [self._asked("hostkey"), *(self._hostkey or "").replace(",", "\n").split("\n")]
        return PinnedSftp(
            self._parts.hostname,
            port=self._parts.port or 22,
            username=unquote(self._parts.username or ""),
            credentials=self._credentials,
            known=tuple(key.strip() for key in known if key.strip()),
        )

    def _asked(self, name):
        """One value from the address after `?`; a plus sign stays one, because fingerprints have it."""
        pairs = [pair.partition("=") for pair in self._parts.query.split("&")]
        return next((unquote(value) for found, _sign, value in pairs if found == name), "")


def _is_below(path, roots):
    real = os.path.realpath(path)
    return any(os.path.commonpath([real, os.path.realpath(root)]) == os.path.realpath(root) for root in roots)


def _modified(entry):
    """Seconds since 1970, from whatever the file system calls it."""
    names = ("mtime", "LastModified", "last_modified", "created")
    moment = next(entry[name] for name in names if entry.get(name) is not None)
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return float(moment)
