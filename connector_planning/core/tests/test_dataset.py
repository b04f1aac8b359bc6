"""Datasets as files: whole, with a control file, never one over the other."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import freezegun
import pytest
from openpyxl import load_workbook
from places import connected
from pyarrow.parquet import read_table
from samples import YEAR_END

from odoo.addons.connector_planning.core import dataset_files
from odoo.addons.connector_planning.core.dataset import LedgerBalance, LedgerEntry
from odoo.addons.connector_planning.core.dataset_files import CONTROL, ActualFiles, DatasetFiles
from odoo.addons.finance_integration_governance.core.errors import DataError, DuplicateConflict, MalformedPayload
from odoo.addons.finance_integration_governance.core.reading import read
from odoo.addons.finance_integration_governance.core.testing.destination_contract import DestinationContract


def balance(account, closing, **more):
    told = {"dataset": "trial_balance", "company": "BE 0477", "period": "2026-01", "edition": "001-abc"}
    sums = {"opening": "0", "debit": closing, "credit": "0", "closing": closing}
    return read(LedgerBalance, {**told, "account": account, "account_name": "=Name", "currency": "EUR", **sums, **more})


def entry(line, amount):
    told = {"dataset": "general_ledger", "company": "BE 0477", "period": "2026-01", "edition": "001-abc"}
    place = {"journal": "MISC", "entry": "MISC/2026/01/0001", "line": line, "dated_on": "2026-01-31"}
    sums = {"debit": amount, "credit": "0", "balance": amount, "transaction_balance": amount}
    names = {"account": "700000", "account_name": "Sales", "label": "+ten\n", "transaction_currency": "USD"}
    return read(LedgerEntry, {**told, **place, **sums, **names, "currency": "EUR"})


ROWS = (balance("400000", "12.50"), balance("700000", "-12.50"), entry("1", "5"), entry("2", "-5"))


def connect(folder, cls=DatasetFiles, **settings):
    connector = cls(location=Path(folder).as_uri(), **settings)
    connector.roots = (str(folder),)
    return connector


class TestDatasetFiles(DestinationContract):
    sample = ROWS

    @pytest.fixture
    def connector(self, tmp_path):
        return connect(tmp_path)


def send(connector, rows, key="k"):
    for payload in connector.serialize(iter(rows)):
        connector.send(payload, f"{key}-{payload.name}")


def test_each_dataset_is_a_file_of_its_own_with_a_control_file(tmp_path):
    send(connect(tmp_path), ROWS)
    names = ["general_ledger_BE-0477_2026-01_001-abc.csv", "trial_balance_BE-0477_2026-01_001-abc.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, *(name + CONTROL for name in names)])
    told = json.loads((tmp_path / (names[1] + CONTROL)).read_text())
    assert (told["file"], told["totals"]["count"], told["totals"]["amounts"]) == (names[1], 2, {"EUR": "0"})


def test_a_published_file_is_never_overwritten(tmp_path):
    connector = connect(tmp_path)
    send(connector, ROWS[:2])
    with pytest.raises(DuplicateConflict):
        send(connector, (balance("400000", "99"),))
    assert "12.5" in (tmp_path / "trial_balance_BE-0477_2026-01_001-abc.csv").read_text()


def test_a_changed_file_is_seen_when_asking_back(tmp_path):
    connector = connect(tmp_path)
    send(connector, ROWS[:2])
    path = tmp_path / "trial_balance_BE-0477_2026-01_001-abc.csv"
    path.write_bytes(path.read_bytes().replace(b"-12.5", b"-13.5"))
    assert connector.confirm([path.name]).amount("EUR") == Decimal(-1)


def test_a_text_is_no_formula_in_a_spreadsheet(tmp_path):
    send(connect(tmp_path), ROWS)
    assert ",'=Name," in (tmp_path / "trial_balance_BE-0477_2026-01_001-abc.csv").read_text()


class TestDatasetFilesInParquet(DestinationContract):
    sample = ROWS

    @pytest.fixture
    def connector(self, tmp_path):
        return connect(tmp_path, format="parquet")


class TestActualFiles(DestinationContract):
    """In a folder, over SFTP and in an object store."""

    sample = YEAR_END

    @pytest.fixture
    def connector(self, location):
        return connected(location, ActualFiles)


class TestActualFilesInParquet(DestinationContract):
    sample = YEAR_END

    @pytest.fixture
    def connector(self, tmp_path):
        return connect(tmp_path, ActualFiles, format="parquet")


class TestDatasetFilesInXlsx(DestinationContract):
    sample = ROWS

    @pytest.fixture
    def connector(self, tmp_path):
        return connect(tmp_path, format="xlsx")


class TestActualFilesInXlsx(DestinationContract):
    sample = tuple(one for one in YEAR_END if one.amount < 10**12)  # a longer one is refused

    @pytest.fixture
    def connector(self, tmp_path):
        return connect(tmp_path, ActualFiles, format="xlsx")


def test_a_workbook_has_amounts_as_numbers_codes_as_texts_and_no_formula(tmp_path):
    send(connect(tmp_path, format="xlsx"), ROWS[:2])
    (path,) = tmp_path.glob("*.xlsx")
    head, first, second = load_workbook(path).worksheets[0].iter_rows()
    told = dict(zip((cell.value for cell in head), first, strict=True))
    assert (told["account"].value, told["account_name"].value, told["closing"].value) == ("400000", "'=Name", 12.5)
    assert {cell.data_type for cell in (*first, *second)} <= {"s", "n"}


def test_law_4_a_workbook_that_was_changed_is_seen_when_asking_back(tmp_path):
    connector = connect(tmp_path, format="xlsx")
    send(connector, ROWS[:2])
    (path,) = tmp_path.glob("*.xlsx")
    book = load_workbook(path)
    column = [cell.value for cell in book.worksheets[0][1]].index("closing") + 1
    book.worksheets[0].cell(2, column).value = 99
    book.save(path)
    assert connector.confirm([path.name]).amount("EUR") == Decimal("86.5")
    path.write_bytes(b"nothing")
    with pytest.raises(MalformedPayload):
        connector.confirm([path.name])


def test_the_same_rows_are_the_same_workbook_at_another_time(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, moment in ((one, "2026-01-31"), (other, "2026-02-28")):
        folder.mkdir()
        with freezegun.freeze_time(moment):
            send(connect(folder, format="xlsx"), ROWS[:2])
    assert [path.read_bytes() for path in one.glob("*.xlsx")] == [path.read_bytes() for path in other.glob("*.xlsx")]


def test_what_a_workbook_would_change_is_refused_before_anything_leaves(tmp_path, monkeypatch):
    connector = connect(tmp_path, format="xlsx")
    send(connector, (balance("400000", "1234567890123.45"),))
    with pytest.raises(DataError, match="15 digits"):
        send(connector, (balance("400000", "12345678901234.56"),), "long")
    with pytest.raises(DataError, match="control character"):
        send(connector, (balance("400000", "1", account_name="Bell\a"),), "bell")
    monkeypatch.setattr(dataset_files, "MAX_ROWS", 1)
    with pytest.raises(DataError, match="1 rows"):
        send(connector, ROWS[:2], "many")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_parquet_dataset_has_amounts_as_numbers_and_its_digest_in_the_control_file(tmp_path):
    send(connect(tmp_path, format="parquet"), ROWS[:2])
    (path,) = tmp_path.glob("*.parquet")
    control = json.loads((tmp_path / (path.name + CONTROL)).read_text())
    assert control["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest() and control["totals"]["count"] == 2
    table = read_table(path)
    assert table.column("closing").to_pylist() == [Decimal("12.5"), Decimal("-12.5")]
    assert table.column("account_name").to_pylist() == ["=Name", "=Name"]  # no spreadsheet, so no guard


def test_law_4_a_parquet_file_that_was_replaced_is_seen_when_asking_back(tmp_path):
    connector, other = connect(tmp_path, format="parquet"), tmp_path / "other"
    other.mkdir()
    send(connector, ROWS[:2])
    send(connect(other, format="parquet"), (balance("400000", "99"),))
    (path,), (changed,) = tmp_path.glob("*.parquet"), other.glob("*.parquet")
    path.write_bytes(changed.read_bytes())
    assert connector.confirm([path.name]).amount("EUR") == Decimal(99)
    path.write_bytes(b"nothing")
    with pytest.raises(MalformedPayload):
        connector.confirm([path.name])


def test_each_payload_of_actuals_is_a_file_of_its_own(tmp_path):
    connector = connect(tmp_path, ActualFiles)
    send(connector, YEAR_END, "first")
    send(connector, YEAR_END, "second")
    assert len(list(tmp_path.glob("*.csv"))) == len(list(tmp_path.glob("*" + CONTROL))) == 2


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_each_format_goes_to_each_kind_of_place_and_is_read_back(location, form):
    connector = connected(location, ActualFiles, format=form)
    [payload] = connector.serialize(one for one in YEAR_END if one.amount < 10**12)
    connector.send(payload, "once")
    assert connector.confirm(["once"]).differences(payload.totals) == []
    assert connector._location().names() == [f"actuals_once.{form}", f"actuals_once.{form}{CONTROL}"]


def test_killed_between_a_file_and_its_control_file_it_is_taken_up_again(location):
    connector, [payload] = connected(location, ActualFiles), connected(location, ActualFiles).serialize(iter(YEAR_END))
    place = connector._location()
    place.put(connector._name(payload, "once"), payload.open)
    assert connector.confirm(["once"]).count == 0
    connector.send(payload, "once")
    assert connector.confirm(["once"]).ties(payload.totals)
    assert len(place.names()) == 2


def test_a_file_with_other_columns_is_none_of_ours(tmp_path):
    connector = connect(tmp_path, ActualFiles)
    send(connector, YEAR_END)
    (path,) = tmp_path.glob("*.csv")
    path.write_text("a,b\r\n1,2\r\n")
    with pytest.raises(MalformedPayload, match="other columns"):
        connector.confirm([path.name])


def test_the_control_file_says_why_final_figures_change(tmp_path):
    connector = connect(tmp_path, ActualFiles)
    send(connector, YEAR_END, "first")
    connector.note = "auditor's correction"
    send(connector, YEAR_END, "second")
    reasons = {told["key"]: told.get("reason") for told in map(_control_of, tmp_path.glob("*" + CONTROL))}
    assert reasons == {"first-actuals.csv": None, "second-actuals.csv": "auditor's correction"}
    assert connector.confirm(["second-actuals.csv"]).count == len(YEAR_END)


def _control_of(path):
    return json.loads(path.read_text())
