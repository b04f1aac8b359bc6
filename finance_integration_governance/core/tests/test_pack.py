import csv
import io
import json
import zipfile
from decimal import Decimal

import pytest

from odoo.addons.finance_integration_governance.core import pack
from odoo.addons.finance_integration_governance.core.canonical import canonical, digest

HEAD = {"position": 7, "head": "a" * 64}
ROWS = [
    {"key": "a", "amount": Decimal("10.10"), "currency": "EUR"},
    {"key": '=cmd, "b"\nc', "amount": Decimal("-0.20"), "currency": "EUR"},
    {"key": "c", "amount": Decimal(5), "currency": "USD"},
    {"key": "d"},
]
COLUMNS = ("key", "amount", "currency")


@pytest.fixture
def made(tmp_path):
    folder = tmp_path / "pack"
    folder.mkdir()
    one = pack.Pack(folder, HEAD)
    one.add_list("items", COLUMNS, iter(ROWS), {"from": "2026-01-01"}, summed=("amount", "currency"))
    one.add("payloads/x", [b"one", b"two"])
    one.told = one.close(name="EVP-1")
    return one


def test_every_list_prints_parameters_count_sums_and_head(made):
    told = json.loads((made.folder / "lists/items.json").read_text())
    about = {name: told[name] for name in ("count", "sums", "parameters", "head")}
    assert about == {"count": 4, "sums": {"EUR": "9.9", "USD": "5"}, "parameters": {"from": "2026-01-01"}, "head": HEAD}
    cells = list(csv.reader(io.StringIO((made.folder / "lists/items.csv").read_text("utf-8-sig"), newline="")))
    assert cells[0] == ["key", "amount", "currency"]
    assert cells[2] == ['\'=cmd, "b"\nc', "-0.2", "EUR"]
    assert cells[5:] == [
        ["# list", "items"],
        ["# records", "4"],
        ["# sum EUR", "9.9"],
        ["# sum USD", "5"],
        ["# parameter from", "2026-01-01"],
        ["# log head", "a" * 64],
        ["# log position", "7"],
    ]


def test_a_list_is_one_json_value_and_can_be_read_line_by_line(made):
    path = made.folder / "lists/items.json"
    whole = json.loads(path.read_text())
    with pack.read_list(path) as (about, rows):
        assert list(rows) == whole["rows"]
        assert about == {name: value for name, value in whole.items() if name != "rows"}
    assert canonical(whole) == path.read_text().replace("\n", "")


def test_an_empty_list_is_a_list(tmp_path):
    pack.Pack(tmp_path, HEAD).add_list("none", ["a"], [], {})
    with pack.read_list(tmp_path / "lists/none.json") as (about, rows):
        assert (list(rows), about["count"], about["sums"]) == ([], 0, {})


def test_a_row_with_an_unknown_column_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no column b"):
        pack.Pack(tmp_path, HEAD).add_list("x", ["a"], [{"b": 1}], {})


def test_the_manifest_names_every_file_and_is_canonical(made):
    text = (made.folder / pack.MANIFEST).read_text()
    assert made.told == digest(text)
    told = json.loads(text)
    assert text == canonical(told)
    assert [file["path"] for file in told["files"]] == ["lists/items.csv", "lists/items.json", "payloads/x"]
    assert told["lists"] == [{"name": "items", "count": 4, "sums": {"EUR": "9.9", "USD": "5"},
                              "parameters": {"from": "2026-01-01"}}]  # fmt: skip
    assert pack.changed_files(made.folder) == []


def test_a_changed_missing_or_added_file_is_named(made):
    (made.folder / "payloads/x").write_bytes(b"onetwO")
    (made.folder / "lists/items.csv").unlink()
    (made.folder / "extra").write_text("x")
    assert pack.changed_files(made.folder) == [
        ("lists/items.csv", "missing"),
        ("payloads/x", "changed"),
        ("extra", "unknown"),
    ]


def test_the_same_files_are_the_same_archive(made):
    first, again = io.BytesIO(), io.BytesIO()
    made.write(first)
    made.write(again)
    assert first.getvalue() == again.getvalue()
    with zipfile.ZipFile(first) as archive:
        assert archive.namelist() == [pack.MANIFEST, "lists/items.csv", "lists/items.json", "payloads/x"]
        assert archive.read("payloads/x") == b"onetwo"


def test_a_file_is_written_once(made):
    assert made.add("payloads/x", [b"other"]) == made.files["payloads/x"]["sha256"]
    assert (made.folder / "payloads/x").read_bytes() == b"onetwo"
