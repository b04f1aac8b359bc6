"""Files signed and encrypted with OpenPGP before they leave, by the program GnuPG.

Each use has a keyring of its own, which is gone afterwards: no key of the machine is used, and none stays there. Keys
come without a passphrase, by reference.
"""

import contextlib
import shutil
import subprocess
import tempfile

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from .unnamed_file import UnnamedFile

SECONDS = 60
# Nothing of the machine is read: no configuration, no keys from the network, no questions.
_PLAIN = ("--batch", "--no-tty", "--no-options", "--quiet", "--yes", "--no-auto-key-locate", "--disable-dirmngr")
_ALONE = {"LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin"}


def sealed(opener, recipient, signer=None):
    """The bytes that `opener` opens, encrypted to the recipient's public key and signed where a secret key is given.

    Both are armoured texts. Raises ConfigurationError where the program or a key cannot be used.
    """
    with _keyring() as ring:
        (to,) = ring.keep(recipient, "pub")
        options = ["--encrypt", "--trust-model", "always", "--recipient", to]
        if signer:
            (by,) = ring.keep(signer, "sec")
            options += ["--sign", "--local-user", by, "--pinentry-mode", "loopback", "--passphrase", ""]
        return ring.through(opener, *options)


def opened(opener, secret, sender=None):
    """What was sealed, with the secret key; where the sender's public key is given, only if it was signed by it."""
    with _keyring() as ring:
        ring.keep(secret, "sec")
        if sender:
            (by,) = ring.keep(sender, "pub")
        status = UnnamedFile()
        options = ["--decrypt", "--pinentry-mode", "loopback", "--passphrase", ""]
        file = ring.through(opener, *options, status=status)
        signed = [line.split()[-1] for line in status().read().decode().splitlines() if " VALIDSIG " in line]
        if sender and by not in signed:
            raise ConfigurationError("the file is not signed by whom it should be", code="pgp")
        return file


class _Ring:
    def __init__(self, program, folder):
        self._command = (program, "--homedir", folder, *_PLAIN)

    def keep(self, key, kind):
        """Take a key in; its fingerprint. ConfigurationError unless it is one key of this kind (pub or sec)."""
        if not key or "-----BEGIN PGP" not in key:
            raise ConfigurationError("a PGP key is given as armoured text", code="pgp", sent=False)
        shown = self._run("--show-keys", "--with-colons", said=key)
        lines = [line.split(":") for line in shown.splitlines()]
        if sum(line[0] in ("pub", "sec") for line in lines) != 1 or not any(line[0] == kind for line in lines):
            what = "public" if kind == "pub" else "secret"
            raise ConfigurationError(f"this is not one {what} PGP key", code="pgp", sent=False)
        self._run("--import", said=key)
        return [next(line[9] for line in lines if line[0] == "fpr")]

    def through(self, opener, *options, status=None):
        """A file with what the program makes of the bytes."""
        file, pipes = UnnamedFile(), {}
        command = [*self._command]
        if status:
            command += ["--status-fd", str(status.stream.fileno())]
            pipes = {"pass_fds": (status.stream.fileno(),)}
        with opener() as source, tempfile.TemporaryFile() as plain:
            shutil.copyfileobj(source, plain)
            plain.seek(0)
            self._checked([*command, *options], stdin=plain, stdout=file.stream, **pipes)
        return file

    def _run(self, *options, said):
        return self._checked([*self._command, *options], input=said.encode(), stdout=subprocess.PIPE).decode()

    def _checked(self, command, **pipes):
        try:
            done = subprocess.run(command, stderr=subprocess.PIPE, timeout=SECONDS, check=False, env=_ALONE, **pipes)
        except subprocess.TimeoutExpired:
            raise ConfigurationError(f"GnuPG took longer than {SECONDS} s", code="pgp", sent=False) from None
        if done.returncode:
            # Its words name keys and files; the first line is enough for whoever set the key.
            words = done.stderr.decode("utf-8", "replace").strip().splitlines()[:1]
            raise ConfigurationError(f"GnuPG refused: {''.join(words) or done.returncode}", code="pgp", sent=False)
        return done.stdout or b""


@contextlib.contextmanager
def _keyring():
    program = shutil.which("gpg")
    if not program:
        raise ConfigurationError("the program gpg is not installed on the server", code="package", sent=False)
    # A short path: the name of the agent's socket has a limit.
    with tempfile.TemporaryDirectory(prefix="fin", dir="/tmp", ignore_cleanup_errors=True) as folder:
        try:
            yield _Ring(program, folder)
        finally:
            end = shutil.which("gpgconf")
            if end:
                subprocess.run([end, "--homedir", folder, "--kill", "all"], check=False, env=_ALONE, timeout=SECONDS)
