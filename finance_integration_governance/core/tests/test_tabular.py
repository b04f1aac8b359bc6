import csv
import datetime as dt
import io
from decimal import Decimal

import pytest

from odoo.addons.finance_integration_governance.core import tabular
from odoo.addons.finance_integration_governance.core.tabular import guarded, unguarded

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "＝1+1",
    "＠x",
    " =1+1",
    "-",
]
HARMLESS = ["", "Sales", "4000", "-12.50", "+3", "a=b", "o'clock", "RUN-000001", "'quoted'"]


@pytest.mark.parametrize("text", FORMULAS)
def test_s05_a_cell_that_begins_like_a_formula_is_guarded(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_s05_other_texts_stay_what_they_are(text):
    assert guarded(text) == text


@pytest.mark.parametrize("text", FORMULAS + HARMLESS)
def test_the_guard_can_be_taken_off_again(text):
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (Decimal("-12.50"), "-12.5"),
        (Decimal("1E+3"), "1000"),
        (-7, "-7"),
        (None, ""),
        (True, "yes"),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_s05_numbers_stay_numbers(value, cell):
    assert guarded(value) == cell


def test_dates_and_instants_are_bare():
    assert guarded(dt.date(2026, 3, 2)) == "2026-03-02"
    assert guarded(dt.datetime(2026, 3, 2, 1, 2, 3, tzinfo=dt.UTC)) == "2026-03-02T01:02:03Z"


def test_a_list_is_read_back_as_it_was_written():
    rows = [["name", "amount"], ['a "quoted", name\nin two lines', Decimal("-1.10")], ["=1", 2]]
    stream = io.StringIO()
    tabular.write(stream, rows)
    assert list(csv.reader(io.StringIO(stream.getvalue(), newline=""))) == [
        ["name", "amount"],
        ['a "quoted", name\nin two lines', "-1.1"],
        ["'=1", "2"],
    ]
