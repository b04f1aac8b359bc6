"""Archives are taken apart within limits, or refused as a whole."""

import io
import zipfile

import pytest

from odoo.addons.connector_bank.core.archive import files_in
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload


def archive(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, inner in files.items():
            opened.writestr(name.replace("__", "/"), inner)
    return content.getvalue()


def test_files_come_by_their_bare_names():
    assert files_in("all.zip", archive(**{"..__..__etc__a": b"1", "b": b"2"})) == [("a", b"1"), ("b", b"2")]


def test_what_is_no_archive_is_as_it_is():
    assert files_in("a.xml", b"<a/>") == [("a.xml", b"<a/>")]


def test_a_workbook_is_no_archive():
    workbook = archive(**{"[Content_Types].xml": b"<Types/>", "xl__workbook.xml": b"<a/>"})
    assert files_in("a.xlsx", workbook) == [("a.xlsx", workbook)]


def test_more_than_may_be_is_refused_before_it_is_unpacked():
    with pytest.raises(MalformedPayload):
        files_in("all.zip", archive(a=b"0" * 10_000_000), largest=1_000_000)
    with pytest.raises(MalformedPayload):
        files_in("all.zip", archive(a=b"1", b=b"2"), most=1)


@pytest.mark.parametrize("cut", [10, 60])
def test_half_an_archive_is_refused(cut):
    with pytest.raises(MalformedPayload):
        files_in("all.zip", archive(a=b"123" * 100)[:cut])


def test_an_archive_in_an_archive_is_refused():
    with pytest.raises(MalformedPayload):
        files_in("all.zip", archive(a=archive(b=b"1")))
