"""One address for a folder, an SFTP server or an object store: the same promises on each of them."""

import io
import os
import time
from pathlib import Path

import asyncssh
import fsspec
import pytest

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, DataError, TransientError
from odoo.addons.finance_integration_governance.core.location import Location
from odoo.addons.finance_integration_governance.core.testing.double import Double

OLD = time.time() - 3600


def put(folder, name, content=b"<a/>", age=3600):
    path = Path(folder) / name
    path.write_bytes(content)
    os.utime(path, (time.time() - age,) * 2)
    return path


def names(location, pattern="*"):
    return [file.name for file in location.files(pattern)]


def kept(content=b"<a/>"):
    return lambda: io.BytesIO(content)


# --- what is given out


def test_complete_files_come_oldest_first(place):
    location, folder = place
    put(folder, "b.xml", age=50)
    put(folder, "a.xml", age=40)
    put(folder, "c.xml", age=60)
    assert names(location) == ["c.xml", "b.xml", "a.xml"]


def test_a_file_that_is_still_written_waits(place):
    location, folder = place
    put(folder, "new.xml", age=2)
    assert names(location) == []
    os.utime(folder / "new.xml", (OLD, OLD))
    assert names(location) == ["new.xml"]


def test_the_clock_can_be_given(tmp_path):
    put(tmp_path, "new.xml", age=0)
    later = Location(tmp_path.as_uri(), roots=(tmp_path,), quiet=5, clock=lambda: time.time() + 6)
    assert names(later) == ["new.xml"]


@pytest.mark.parametrize("name", [".hidden.xml", "a.xml.part", "a.xml.tmp", "a.xml.filepart", "A.XML.PART"])
def test_partial_files_are_passed_over(place, name):
    location, folder = place
    put(folder, name)
    assert names(location) == []


def test_only_names_that_fit_are_given_out(place):
    location, folder = place
    put(folder, "a.xml")
    put(folder, "B.XML")
    put(folder, "c.csv")
    assert sorted(names(location, "*.xml")) == ["B.XML", "a.xml"]


def test_folders_are_no_files(place):
    location, folder = place
    (folder / "done").mkdir()
    put(folder / "done", "old.xml")
    assert names(location) == []


def test_a_file_can_be_read_twice(place):
    location, folder = place
    put(folder, "a.xml", b"x" * 200_000)
    (file,) = location.files()
    for _time in range(2):
        with file.open() as stream:
            assert stream.read(5) + stream.read() == b"x" * 200_000


def test_the_probe_says_what_is_there(place):
    location, folder = place
    put(folder, "a.xml")
    assert "1 files fit *.xml, the newest of " in location.probe("*.xml")
    assert location.probe("*.csv") == "The folder can be read: 0 files fit *.csv."


# --- what is moved


def test_a_file_that_was_kept_is_moved_once(place):
    location, folder = place
    put(folder, "a.xml")
    assert location.move_to_done("a.xml", kept()) == "a.xml"
    assert location.move_to_done("a.xml", kept()) is None
    assert sorted(path.name for path in (folder / "done").iterdir()) == ["a.xml"]


def test_nothing_in_done_is_overwritten(place):
    location, folder = place
    for number in range(3):
        put(folder, "a.xml", b"%d" % number)
        location.move_to_done("a.xml", kept(b"%d" % number))
    assert sorted(path.name for path in (folder / "done").iterdir()) == ["a.xml", "a~2.xml", "a~3.xml"]
    assert {path.read_bytes() for path in (folder / "done").iterdir()} == {b"0", b"1", b"2"}


@pytest.mark.parametrize("content", [b"<b/>", b"<a/><a/>", b"<a", b""])
def test_law_1_the_next_file_of_the_same_name_is_not_moved_unread(place, content):
    location, folder = place
    put(folder, "a.xml", content)
    assert location.move_to_done("a.xml", kept()) is None
    assert (folder / "a.xml").read_bytes() == content


# --- local folders


def test_a_folder_is_read_below_the_roots_only(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in-other").mkdir()
    assert names(Location((tmp_path / "in").as_uri(), roots=(tmp_path / "in",))) == []
    for roots in (None, (), (tmp_path / "in-other",)):
        with pytest.raises(ConfigurationError) as caught:
            names(Location((tmp_path / "in").as_uri(), roots=roots))
        assert caught.value.code == "outside_roots"


@pytest.mark.parametrize("path", ["/../", "/in/../../", "/%2e%2e/"])
def test_a_path_does_not_climb_out(tmp_path, path):
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises(ConfigurationError):
        names(Location(f"file://{root}{path}", roots=(root,)))


def test_a_linked_folder_is_where_the_link_leads(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(ConfigurationError):
        names(Location((tmp_path / "root" / "link").as_uri(), roots=(tmp_path / "root",)))


def test_a_linked_file_that_leads_out_is_refused_with_its_name(tmp_path):
    (tmp_path / "in").mkdir()
    secret = put(tmp_path, "secret.xml")
    (tmp_path / "in" / "link.xml").symlink_to(secret)
    put(tmp_path / "in", "good.xml")
    location = Location((tmp_path / "in").as_uri(), roots=(tmp_path,))
    files = location.files()
    assert next(files).name == "good.xml"
    with pytest.raises(DataError, match=r"link\.xml"):
        next(files)
    with pytest.raises(DataError):
        location.open("link.xml")


@pytest.mark.parametrize(
    "name", ["../x.xml", "/etc/passwd", "..", ".", "", "a/b.xml", "a\nb.xml", "a\x00.xml", "a\\b.xml"]
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    location = Location(tmp_path.as_uri(), roots=(tmp_path,))
    for act in (location.open, lambda name: location.move_to_done(name, kept())):
        with pytest.raises(DataError) as caught:
            act(name)
        assert caught.value.code == "hostile_name"


def test_a_folder_that_is_missing_is_for_the_administrator(place):
    location, folder = place
    folder.rmdir()
    with pytest.raises(ConfigurationError, match="does not exist"):
        names(location)


@pytest.mark.parametrize(
    "url",
    [
        "http://host/x",
        "simplecache::file:///etc",
        "zip://x::file:///etc/a.zip",
        "sftp://user:password@host/",
        "local:///etc",
    ],
)
def test_other_addresses_are_refused(url):
    with pytest.raises(ConfigurationError) as caught:
        Location(url, roots=("/",))
    assert caught.value.code == "location"


# --- object stores


def test_other_stores_keep_the_same_promises():
    memory = fsspec.filesystem("memory", skip_instance_cache=True)
    memory.pipe("/inbox/a.xml", b"<a/>")
    memory.pipe("/inbox/b.part", b"<a/>")
    location = Location("memory://inbox", clock=lambda: time.time() + 60)
    assert names(location) == ["a.xml"]
    assert location.move_to_done("a.xml", kept()) == "a.xml"
    assert memory.exists("/inbox/done/a.xml") and not memory.exists("/inbox/a.xml")


# --- SFTP


def sftp(bank, hostkey=None, credentials="right", path=""):
    return Location(f"{bank.url}{path}", credentials=credentials, hostkey=hostkey)


def test_a_server_that_nobody_knows_is_refused_and_shown(bank):
    with pytest.raises(ConfigurationError) as caught:
        names(sftp(bank))
    assert caught.value.code == "hostkey_unknown" and bank.ready["hostkey"] in caught.value.text


def test_s18_a_server_with_another_key_is_refused(bank):
    with pytest.raises(ConfigurationError) as caught:
        names(sftp(bank, hostkey="SHA256:" + "A" * 43))
    assert caught.value.code == "hostkey_changed"


def test_a_server_may_be_known_by_its_public_key(tmp_path):
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "host")
    public = asyncssh.read_private_key(tmp_path / "host").export_public_key().decode()
    (tmp_path / "files").mkdir()
    options = ("--root", tmp_path / "files", "--password", "right", "--host-key", tmp_path / "host")
    with Double("sftp_server.py", *options) as double:
        assert names(sftp(double, hostkey=f"SHA256:{'B' * 43}\n{public}")) == []


def test_a_wrong_password_is_for_the_administrator_and_not_shown(bank):
    with pytest.raises(ConfigurationError) as caught:
        names(sftp(bank, bank.ready["hostkey"], credentials="wrong-password"))
    assert caught.value.code == "login" and "wrong-password" not in caught.value.text


def test_a_private_key_logs_in(tmp_path):
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_public_key(tmp_path / "authorized")
    put(tmp_path, "a.xml")
    with Double("sftp_server.py", "--root", tmp_path, "--authorized-key", tmp_path / "authorized") as double:
        location = sftp(double, double.ready["hostkey"], credentials=key.export_private_key().decode())
        assert names(location, "*.xml") == ["a.xml"]


def test_a_server_that_does_not_answer_is_tried_again():
    with pytest.raises(TransientError):
        names(Location("sftp://bank@127.0.0.1:1/", credentials="x", hostkey="SHA256:x"))


def test_a_connection_that_ends_within_a_file_is_tried_again(tmp_path):
    put(tmp_path, "a.xml", b"x" * 500_000)
    with Double("sftp_server.py", "--root", tmp_path, "--password", "right", "--fault", "drop") as double:
        (file,) = sftp(double, double.ready["hostkey"]).files()
        with pytest.raises(TransientError), file.open() as stream:
            stream.read()


@pytest.mark.parametrize("path", ["out", "/out", "//deep/er//out"])
def test_a_whole_cycle_twice_stays_in_the_banks_folder(bank, tmp_path, path):
    """List, read, move away, and again with the next file: what is made is made below the server's root."""
    below = f"{tmp_path.name}/{path}"
    folder = bank.root / below
    folder.mkdir(parents=True)
    for content in (b"<first/>", b"<second/>"):
        put(folder, "a.xml", content)
        location = sftp(bank, bank.ready["hostkey"], path=below)
        (file,) = location.files("*.xml")
        with file.open() as stream:
            assert stream.read() == content
        assert location.move_to_done(file.name, kept(content))
        assert names(location) == []
    assert {path.name: path.read_bytes() for path in (folder / "done").iterdir()} == {
        "a.xml": b"<first/>",
        "a~2.xml": b"<second/>",
    }
    assert not Path("/", tmp_path.name).exists()


def test_the_root_of_the_server_is_a_folder_like_any_other(tmp_path):
    put(tmp_path, "a.xml")
    with Double("sftp_server.py", "--root", tmp_path, "--password", "right") as double:
        location = sftp(double, double.ready["hostkey"])
        assert location.move_to_done("a.xml", kept()) == "a.xml"
    assert (tmp_path / "done" / "a.xml").exists()


def test_the_bank_of_the_tests_never_leaves_its_folder(tmp_path):
    (tmp_path / "root").mkdir()
    secret = put(tmp_path, "secret.xml")
    (tmp_path / "root" / "link").symlink_to(tmp_path)
    with Double("sftp_server.py", "--root", tmp_path / "root", "--password", "right") as double:
        reach = sftp(double, double.ready["hostkey"])._filesystem.ftp
        for path in (f"/{secret}", f"../{secret.name}", f"//..//{secret.name}"):
            with pytest.raises(FileNotFoundError):
                reach.stat(path)
        with pytest.raises(PermissionError):
            reach.stat("/link/secret.xml")
        reach.mkdir("//made")
    assert (tmp_path / "root" / "made").is_dir()


def test_a_lost_connection_is_no_missing_file(tmp_path):
    put(tmp_path, "a.xml")
    with Double("sftp_server.py", "--root", tmp_path, "--password", "right") as double:
        location = sftp(double, double.ready["hostkey"])
        assert names(location) == ["a.xml"]
    with pytest.raises(TransientError):
        location.move_to_done("a.xml", kept())


def test_s18_names_that_a_server_invents_are_refused_after_the_good_ones(tmp_path):
    put(tmp_path, "good.xml")
    with Double("sftp_server.py", "--root", tmp_path, "--password", "right", "--fault", "hostile_names") as double:
        files = sftp(double, double.ready["hostkey"]).files()
        assert next(files).name == "good.xml"
        with pytest.raises(DataError) as caught:
            next(files)
        assert caught.value.facts["count"] == 3 and "\n" not in caught.value.text


def test_a_server_that_refuses_to_move_is_for_the_administrator(tmp_path):
    put(tmp_path, "a.xml")
    with Double("sftp_server.py", "--root", tmp_path, "--password", "right", "--fault", "refuse_rename") as double:
        with pytest.raises(ConfigurationError):
            sftp(double, double.ready["hostkey"]).move_to_done("a.xml", kept())
        assert (tmp_path / "a.xml").exists()


def test_two_locations_share_no_connection(bank):
    first, second = (sftp(bank, bank.ready["hostkey"]) for _time in range(2))
    assert names(first) == names(second)
    assert first._filesystem is not second._filesystem
