"""SFTP through fsspec, with the server's key known beforehand and no connection shared between two locations."""

import base64
import hashlib
import io
import posixpath

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from .errors import ConfigurationError

CONNECT_SECONDS = 15
READ_SECONDS = 30
_AHEAD = 64  # requests under way while a file is read: 2 MiB


def fingerprint(key):
    """The key's fingerprint as OpenSSH writes it: SHA256:... without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


class _OnlyKnown(paramiko.MissingHostKeyPolicy):
    """Accept a server whose key was given to us, as fingerprint or as public key line (type and base64)."""

    def __init__(self, known):
        self._known = {text.split()[1] if " " in text else text.rstrip("=") for text in known}

    def missing_host_key(self, client, hostname, key):
        shown = fingerprint(key)
        if shown in self._known or key.get_base64() in self._known:
            return
        text = f"{hostname} shows host key {shown} ({key.get_name()})"
        if not self._known:
            raise ConfigurationError(f"{text}; compare it with what the bank has told you", code="hostkey_unknown")
        raise ConfigurationError(f"{text}, which is not the one that is known", code="hostkey_changed")


class PinnedSftp(SFTPFileSystem):
    """`known`: what the host key may be; `credentials`: a password, or a private key as text."""

    cachable = False

    def __init__(self, host, *, port, username, credentials, known):
        super().__init__(host, port=port, username=username, credentials=credentials, known=known)

    def _connect(self):
        self.client = paramiko.SSHClient()
        try:
            self._log_in(dict(self.ssh_kwargs))
        except BaseException:
            self.client.close()
            raise

    def _log_in(self, settings):
        self.client.set_missing_host_key_policy(_OnlyKnown(settings.pop("known")))
        self.client.connect(
            self.host,
            **_login(settings.pop("credentials")),
            **settings,
            look_for_keys=False,
            allow_agent=False,
            timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
            channel_timeout=CONNECT_SECONDS,
        )
        self.ftp = self.client.open_sftp()
        self.ftp.get_channel().settimeout(READ_SECONDS)

    def _open(self, path, mode="rb", block_size=None, **_options):
        stream = super()._open(path, mode, block_size)
        if mode == "rb":
            stream.prefetch(max_concurrent_requests=_AHEAD)
        return stream

    def exists(self, path, **_options):
        # The base class takes a lost connection for a file that is not there.
        try:
            self.ftp.stat(path)
        except FileNotFoundError:
            return False
        return True

    def makedirs(self, path, exist_ok=False, mode=0o777):
        # The base class asks for "//out" on its way: elsewhere, to some servers. What is above may be out of our sight.
        if self.isdir(path):
            if not exist_ok:
                raise FileExistsError(path)
            return
        parent = posixpath.dirname(path)
        if parent.strip("/"):
            self.makedirs(parent, exist_ok=True)
        self.ftp.mkdir(path, mode)

    def mv(self, old, new, **_options):
        # The plain rename: the POSIX one of the base class would overwrite what is there.
        self.ftp.rename(old, new)

    def replace(self, old, new):
        """In one step over what is there: an extension that OpenSSH and most servers know."""
        self.ftp.posix_rename(old, new)


def _login(credentials):
    if credentials and "PRIVATE KEY-----" in credentials:
        return {"pkey": _private_key(credentials)}
    return {"password": credentials}


def _private_key(text):
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text))
        except paramiko.PasswordRequiredException:
            raise ConfigurationError("the private key has a passphrase; give one without", code="login") from None
        except (paramiko.SSHException, ValueError):
            continue  # another kind of key
    raise ConfigurationError("the private key cannot be read", code="login")
