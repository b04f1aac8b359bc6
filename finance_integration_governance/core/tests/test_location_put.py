"""Files that are put into a place: whole or not at all, and never over another one."""

import io
import os

import pytest

from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    DuplicateConflict,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.location import Location
from odoo.addons.finance_integration_governance.core.testing.double import Double


def of(content):
    return lambda: io.BytesIO(content)


class Breaking(io.BytesIO):
    """A source that breaks off in the middle."""

    def read(self, size=-1):
        if self.tell():
            raise OSError("gone")
        return super().read(10)


def test_what_is_put_is_there_whole(place):
    location, folder = place
    content = b"x" * 200_000
    assert location.put("out.xml", of(content))
    assert (folder / "out.xml").read_bytes() == content
    assert location.names() == ["out.xml"]


def test_the_same_bytes_again_change_nothing(place):
    location, folder = place
    location.put("out.xml", of(b"<a/>"))
    before = (folder / "out.xml").stat().st_mtime_ns
    assert not location.put("out.xml", of(b"<a/>"))
    assert (folder / "out.xml").stat().st_mtime_ns == before


def test_another_content_is_never_overwritten(place):
    location, folder = place
    location.put("out.xml", of(b"<a/>"))
    with pytest.raises(DuplicateConflict, match=r"out\.xml"):
        location.put("out.xml", of(b"<b/>"))
    assert (folder / "out.xml").read_bytes() == b"<a/>"
    assert location.names() == ["out.xml"]


def test_what_broke_off_is_under_no_name_that_is_read(place):
    location, folder = place
    with pytest.raises(TransientError) as error:
        location.put("out.xml", lambda: Breaking(b"<a>" + b"x" * 100))
    assert error.value.facts["sent"] is False
    assert not (folder / "out.xml").exists()
    assert list(location.files()) == []
    assert location.put("out.xml", of(b"<a/>"))
    assert location.names() == ["out.xml"]


def test_a_name_that_leads_out_is_refused(place):
    with pytest.raises(DataError):
        place[0].put("../out.xml", of(b"<a/>"))


def test_a_name_that_was_taken_meanwhile_is_kept(place, monkeypatch):
    location, folder = place
    filesystem = location._filesystem
    there = filesystem.exists

    def exists(path, **options):
        if not (folder / "out.xml").exists():
            (folder / "out.xml").write_bytes(b"<theirs/>")
            return False
        return there(path, **options)

    monkeypatch.setattr(filesystem, "exists", exists)
    with pytest.raises(DuplicateConflict):
        location.put("out.xml", of(b"<ours/>"))
    assert (folder / "out.xml").read_bytes() == b"<theirs/>"


def test_a_name_that_was_not_given_for_sure_leaves_it_open_whether_it_arrived(place, monkeypatch):
    location, _folder = place

    def lost(*_names, **_options):
        raise OSError("the connection is gone")

    monkeypatch.setattr(location._filesystem, "mv", lost)
    monkeypatch.setattr(os, "link", lost)
    with pytest.raises(TransientError) as error:
        location.put("out.xml", of(b"<a/>"))
    assert "sent" not in error.value.facts


def test_nothing_is_put_outside_the_allowed_folders(tmp_path):
    with pytest.raises(ConfigurationError):
        Location(tmp_path.as_uri(), roots=()).put("out.xml", of(b"<a/>"))


def test_what_points_elsewhere_is_replaced_whole(place):
    location, folder = place
    for content in (b"<a/>", b"<b/>" * 50_000):
        location.replace("last.json", of(content))
        assert (folder / "last.json").read_bytes() == content
    assert location.names() == ["last.json"]


def test_a_replacement_that_broke_off_leaves_what_was_there(place):
    location, folder = place
    location.replace("last.json", of(b"<a/>"))
    with pytest.raises(TransientError) as error:
        location.replace("last.json", lambda: Breaking(b"<b>" + b"x" * 100))
    assert error.value.facts["sent"] is False
    assert (folder / "last.json").read_bytes() == b"<a/>"
    assert [file.name for file in location.files()] == []  # it has just come, and the rest is hidden


def test_whoever_reads_meanwhile_has_the_old_bytes_or_the_new_ones(place):
    location, folder = place
    location.replace("last.json", of(b"<a/>"))
    reader = (folder / "last.json").open("rb")
    location.replace("last.json", of(b"<b/>"))
    with reader:
        assert reader.read() == b"<a/>"


def test_a_server_that_cannot_replace_in_one_step_is_an_administrators_matter(tmp_path):
    told = ("--root", tmp_path, "--user", "bank", "--password", "right", "--fault", "no_posix_rename")
    with Double("sftp_server.py", *told) as old:
        location = Location(f"{old.url}?hostkey={old.ready['hostkey']}", credentials="right")
        with pytest.raises(ConfigurationError, match="one step"):
            location.replace("last.json", of(b"<a/>"))
    assert not (tmp_path / "last.json").exists()
