"""Files sealed with OpenPGP: only the bank reads them, and it sees who signed. Against the real program."""

import io
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from payment_scene import payment

from odoo.addons.connector_bank.core import pgp
from odoo.addons.connector_bank.core.payment_pain001 import Pain001Files
from odoo.addons.connector_bank.core.pgp import opened, sealed
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="the program gpg is not installed here")


def _pair(name):
    """(public, secret) key of somebody, made in a keyring of its own."""
    with tempfile.TemporaryDirectory(prefix="fin", dir="/tmp", ignore_cleanup_errors=True) as folder:

        def gpg(*options):
            plain = ["gpg", "--homedir", folder, "--batch", "--pinentry-mode", "loopback", "--passphrase", ""]
            return subprocess.run([*plain, *options], check=True, capture_output=True, text=True).stdout

        gpg("--quick-generate-key", name, "ed25519", "cert,sign", "0")
        told = gpg("--list-keys", "--with-colons")
        fingerprint = next(line.split(":")[9] for line in told.splitlines() if line.startswith("fpr"))
        gpg("--quick-add-key", fingerprint, "cv25519", "encrypt", "0")
        keys = gpg("--armor", "--export", name), gpg("--armor", "--export-secret-keys", name)
        subprocess.run(["gpgconf", "--homedir", folder, "--kill", "all"], check=False)
        return keys


@pytest.fixture(scope="module")
def bank():
    return _pair("bank@example.com")


@pytest.fixture(scope="module")
def ours():
    return _pair("ours@example.com")


def of(content):
    return lambda: io.BytesIO(content)


def test_only_the_recipient_reads_what_was_sealed_and_sees_who_signed(bank, ours):
    content = b"<Document/>" * 10_000
    file = sealed(of(content), bank[0], ours[1])
    assert content[:30] not in file().read()
    assert opened(file, bank[1], ours[0])().read() == content
    with pytest.raises(ConfigurationError):
        opened(file, ours[1], ours[0])


def test_what_somebody_else_signed_is_not_believed(bank, ours):
    stranger = _pair("stranger@example.com")
    file = sealed(of(b"x"), bank[0], stranger[1])
    with pytest.raises(ConfigurationError):
        opened(file, bank[1], ours[0])
    with pytest.raises(ConfigurationError):
        opened(sealed(of(b"x"), bank[0]), bank[1], ours[0])


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxxxx\n-----END"])
def test_what_is_no_key_is_an_administrators_matter(key):
    with pytest.raises(ConfigurationError) as error:
        sealed(of(b"x"), key)
    assert error.value.facts["sent"] is False


def test_a_secret_key_is_not_taken_for_the_banks_and_a_public_one_does_not_sign(bank, ours):
    with pytest.raises(ConfigurationError):
        sealed(of(b"x"), ours[1])
    with pytest.raises(ConfigurationError):
        sealed(of(b"x"), bank[0], ours[0])


def test_no_key_stays_behind_and_no_program_is_said(bank, monkeypatch):
    before = set(Path("/tmp").glob("fin*"))
    sealed(of(b"x"), bank[0])
    assert {path for path in set(Path("/tmp").glob("fin*")) - before if (path / "pubring.kbx").exists()} == set()
    monkeypatch.setattr(pgp.shutil, "which", lambda _name: None)
    with pytest.raises(ConfigurationError, match="not installed"):
        sealed(of(b"x"), bank[0])


def test_a_sealed_file_leaves_in_the_place_of_the_plain_one(bank, ours, tmp_path):
    connector = Pain001Files(location=tmp_path.as_uri(), pgp_recipient=bank[0], pgp_signer=ours[1])
    connector.roots = (tmp_path,)
    (payload,) = connector.serialize(iter([payment(1)]))
    receipt = connector.send(payload, "key")
    file = tmp_path / receipt.reference
    assert receipt.reference.endswith(".xml.pgp")
    assert opened(lambda: file.open("rb"), bank[1], ours[0])().read() == payload.open().read()
    # What only the bank can read cannot be counted by us.
    assert not connector.proves and connector.confirm(["key"]).count == 0


def test_it_is_off_unless_a_key_is_given(tmp_path):
    assert not Pain001Files(location=tmp_path.as_uri()).pgp_recipient
    with pytest.raises(ConfigurationError):
        Pain001Files(location=tmp_path.as_uri(), pgp_signer="key")
