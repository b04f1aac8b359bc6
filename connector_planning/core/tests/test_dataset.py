"""Datasets as files: whole, with a control file, never one over the other."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from odoo.addons.connector_planning.core.dataset import LedgerBalance, LedgerEntry
from odoo.addons.connector_planning.core.dataset_files import CONTROL, DatasetFiles
from odoo.addons.finance_integration_governance.core.errors import DuplicateConflict
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


def connect(folder):
    connector = DatasetFiles(location=Path(folder).as_uri())
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
