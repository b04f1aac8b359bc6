"""A source of files: what waits is given once, what was kept moves away, and settings are declared in one place."""

import os
from io import BytesIO

import pytest

from odoo.addons.finance_integration_governance.core.connector import Setting, Window
from odoo.addons.finance_integration_governance.core.csv_rows import CsvFiles
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.file_source import FileSource, file_settings


class Lists(FileSource):
    code, label, content_type = "test.lists", "Lists", "text/plain"
    settings = file_settings("*.txt", Setting("head", "Head", required=False))

    def parse(self, payload):
        with payload.open() as stream:
            yield stream.read()


def put(folder, *names):
    for name in names:
        (folder / name).write_text(name)
        os.utime(folder / name, (1e9, 1e9))


def source(folder, **more):
    made = Lists(location=folder.as_uri(), **more)
    made.roots = (str(folder),)
    return made


def test_the_files_that_wait_are_its_payloads(tmp_path):
    put(tmp_path, "a.txt", "b.txt", "c.csv")
    found = list(source(tmp_path).extract(Window()))
    assert [(one.name, one.content_type) for one in found] == [("a.txt", "text/plain"), ("b.txt", "text/plain")]
    assert list(source(tmp_path).parse(found[0])) == [b"a.txt"]


def test_a_file_that_was_kept_moves_away_and_once_more_does_no_harm(tmp_path):
    put(tmp_path, "a.txt")
    [payload] = source(tmp_path).extract(Window())
    source(tmp_path).settle(payload)
    source(tmp_path).settle(payload)
    assert not list(source(tmp_path).extract(Window()))
    assert (tmp_path / "done" / "a.txt").read_text() == "a.txt"


def test_other_names_are_a_setting(tmp_path):
    put(tmp_path, "c.csv")
    assert [one.name for one in source(tmp_path, pattern="*.csv").extract(Window())] == ["c.csv"]


def test_a_place_that_is_not_allowed_gives_nothing(tmp_path):
    put(tmp_path, "a.txt")
    with pytest.raises(ConfigurationError):
        list(Lists(location=tmp_path.as_uri()).extract(Window()))


def test_probe_says_what_waits(tmp_path):
    put(tmp_path, "a.txt")
    assert "1" in source(tmp_path).probe()


@pytest.mark.parametrize("cls", [Lists, CsvFiles, FileSource])
def test_where_files_lie_is_declared_alike_and_the_password_is_a_secret(cls):
    names = [setting.name for setting in cls.settings]
    assert (names[:2], names[-2:]) == (["location", "pattern"], ["credentials", "hostkey"])
    assert [setting.name for setting in cls.settings if setting.secret] == ["credentials"]


def test_rows_in_files_are_both(tmp_path):
    content = BytesIO(b"a;b\n1;2\n")
    made = CsvFiles(location=tmp_path.as_uri(), declared="a,b")
    payload = next(iter([type("P", (), {"open": lambda: content})]))
    assert list(made.parse(payload)) == [{"a": "1", "b": "2"}]
