"""A bank's SFTP server on this machine: for tests and for the demo, without root.

    python tests/doubles/sftp_server.py --root DIR --user bank --password secret [--port 0] [--host-key FILE]
    python tests/doubles/sftp_server.py --root DIR --user bank --authorized-key FILE [--fault NAME]

Prints one line of JSON when it is ready: {"port": ..., "hostkey": "SHA256:...", "url": "sftp://..."}. Listens on
127.0.0.1 only. Faults: drop (the connection ends in the middle of a file), refuse_rename (nothing can be moved),
no_posix_rename (an old server, which replaces nothing in one step), hostile_names (the server lists names that lead
elsewhere), slow (a second before each answer).
"""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

import asyncssh

FAULTS = ("drop", "refuse_rename", "no_posix_rename", "hostile_names", "slow")
HOSTILE = (b"../outside.xml", b"/etc/passwd.xml", b"two\nlines.xml")


class Bank(asyncssh.SSHServer):
    """Lets one user in, by password or by key."""

    def __init__(self, user, password):
        self._user, self._password = user, password

    def connection_made(self, connection):
        self._connection = connection

    def password_auth_supported(self):
        return self._password is not None

    def validate_password(self, username, password):
        return (username, password) == (self._user, self._password)


class Files(asyncssh.SFTPServer):
    """The folder, with the fault that was asked for."""

    fault = None

    def __init__(self, channel, root):
        super().__init__(channel, chroot=root)
        self._channel, self._root = channel, os.fsencode(root)

    def map_path(self, path):
        """Below the root, whatever is asked for: the base class takes "//x" for the machine's own /x."""
        mapped = super().map_path(b"/" + path.lstrip(b"/"))
        if os.path.commonpath([os.path.realpath(mapped), self._root]) != self._root:
            raise asyncssh.SFTPPermissionDenied("a link leads out of the folder")
        return mapped

    async def read(self, file_obj, offset, size):
        if self.fault == "slow":
            await asyncio.sleep(1)
        if self.fault == "drop" and offset:
            self._channel.get_connection().abort()
        return super().read(file_obj, offset, size)

    def rename(self, oldpath, newpath):
        if self.fault == "refuse_rename":
            raise asyncssh.SFTPPermissionDenied("renaming is switched off")
        return super().rename(oldpath, newpath)

    def posix_rename(self, oldpath, newpath):
        if self.fault == "no_posix_rename":
            raise asyncssh.SFTPOpUnsupported("Operation unsupported")
        return super().posix_rename(oldpath, newpath)

    async def scandir(self, path):
        async for name in super().scandir(path):
            yield name
        if self.fault == "hostile_names":
            for filename in HOSTILE:
                attributes = asyncssh.SFTPAttrs(permissions=0o100644, size=1, mtime=1, atime=1)
                yield asyncssh.SFTPName(filename, attrs=attributes)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", required=True)
    parser.add_argument("--user", default="bank")
    parser.add_argument("--password")
    parser.add_argument("--authorized-key", help="file with public keys that may log in")
    parser.add_argument("--host-key", help="file with the server's private key; made if it is not there")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fault", choices=FAULTS)
    return parser.parse_args()


def _host_key(path):
    if path and Path(path).exists():
        return asyncssh.read_private_key(path)
    key = asyncssh.generate_private_key("ssh-ed25519")
    if path:
        key.write_private_key(path)
    return key


async def _serve(asked):
    key = _host_key(asked.host_key)
    Files.fault = asked.fault
    root = str(Path(asked.root).resolve())
    server = await asyncssh.create_server(
        lambda: Bank(asked.user, asked.password),
        "127.0.0.1",
        asked.port,
        server_host_keys=[key],
        authorized_client_keys=asked.authorized_key,
        sftp_factory=lambda channel: Files(channel, root),
    )
    port = server.sockets[0].getsockname()[1]
    ready = {"port": port, "hostkey": key.get_fingerprint(), "url": f"sftp://{asked.user}@127.0.0.1:{port}/"}
    print(json.dumps(ready), flush=True)
    await server.wait_closed()


if __name__ == "__main__":
    try:
        asyncio.run(_serve(_arguments()))
    except KeyboardInterrupt:
        sys.exit(0)
