"""Columns of other systems: told as they are configured, read back to the same figures."""

import datetime as dt
from decimal import Decimal

import pytest
from samples import YEAR_END, actual

from odoo.addons.connector_planning.core.cell import Cell
from odoo.addons.connector_planning.core.columns import DEFAULT, Columns, month_of, number
from odoo.addons.connector_planning.core.open_item import OpenItem
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, DataError, MalformedPayload

SPLIT = 'Entity = company; Acc = account; Y = year; M = month; Scenario = "Actual"; Value = balance'
ITEM = OpenItem(
    company="BE",
    account="400000",
    account_name="Claims",
    kind="receivable",
    document="INV/1",
    dated_on=dt.date(2026, 1, 5),
    due_on=dt.date(2026, 2, 4),
    currency="EUR",
    balance=Decimal("5.50"),
    transaction_currency="USD",
    transaction_balance=Decimal(6),
)
CELL = Cell(
    company="BE",
    account="7",
    account_name="Sales",
    period="2026-W07",
    partner="P1",
    currency="EUR",
    debit=Decimal(0),
    credit=Decimal(3),
    balance=Decimal(-3),
)


def back(columns, objects):
    rows = [columns.row(one) for one in objects]
    return list(columns.figures({one.key: one.amount for one in objects}, columns.names, rows))


def told(objects):
    return [(one.key, one.amount, one.currency) for one in objects]


@pytest.mark.parametrize("objects", [YEAR_END, (ITEM,), (CELL,)])
def test_what_is_told_by_key_is_read_back(objects):
    columns = Columns(DEFAULT if objects != (ITEM,) else "Key = key; Currency = currency; Balance = balance")
    assert back(columns, objects) == told(objects)


def test_what_is_told_by_members_is_read_back_without_a_key():
    columns = Columns(SPLIT, "EUR")
    assert columns.row(YEAR_END[0]) == ["BE0477472701", "400000", "2025", "12", "Actual", "9999.5"]
    assert back(columns, YEAR_END[:5]) == told(YEAR_END[:5])


def test_open_items_are_told_by_their_members():
    names = ("company", "account", "partner", "document", "due_on", "transaction_currency", "currency", "balance")
    assert back(Columns("; ".join(f"{name} = {name}" for name in names)), [ITEM]) == told([ITEM])


def test_a_date_that_is_none_is_malformed_and_a_row_of_nothing_is_nobodys():
    names = ["company", "account", "document", "due_on", "transaction_currency", "currency", "balance"]
    columns = Columns("; ".join(f"{name} = {name}" for name in names))
    with pytest.raises(MalformedPayload, match="a date that is none"):
        list(columns.figures({ITEM.key: 1}, names, [["BE", "4", "INV/1", "04/02/2026", "USD", "EUR", "1"]]))
    assert list(columns.figures({ITEM.key: 1}, names, [[""] * 7])) == []


def test_rows_with_another_fixed_text_are_somebody_elses():
    columns = Columns(SPLIT, "EUR")
    rows = [columns.row(YEAR_END[0]), ["BE0477472701", "400000", "2025", "12", "Budget", "1"]]
    assert len(list(columns.figures({YEAR_END[0].key: 1}, columns.names, rows))) == 1


def test_the_columns_that_are_read_may_stand_in_another_order_and_a_month_without_its_zero():
    columns = Columns(SPLIT, "EUR")
    header = ["Value", "Scenario", "M", "Y", "Acc", "Entity", "More"]
    one = actual("7", "2026-03", "2", "0")
    row = ["2.0", "Actual", "3", "2026", "7", one.company, "x"]
    assert list(columns.figures({one.key: 2}, header, [row])) == [(one.key, Decimal("2.0"), "EUR")]


def test_columns_that_lose_what_tells_figures_apart_are_refused():
    with pytest.raises(ConfigurationError, match="tell all figures apart"):
        Columns("Entity = company; Month = period; Value = balance", "EUR").row(YEAR_END[0])
    with pytest.raises(ConfigurationError, match="tell all figures apart"):
        Columns("A = company; B = account; C = period; V = balance", "EUR").row(CELL)


def test_a_figure_in_another_currency_is_refused():
    with pytest.raises(ConfigurationError, match="one is in USD"):
        Columns(SPLIT, "EUR").row(YEAR_END[5])


@pytest.mark.parametrize(
    ("text", "currency", "words"),
    [
        ("Key = key", "EUR", "no column holds the balance"),
        ("Key = key; Value = balance", None, "no column holds the currency"),
        ("A = key; A = balance", "EUR", "the same name"),
        ("A = nothing; B = balance", "EUR", "nothing is no member"),
        ("balance", "EUR", "names no column"),
    ],
)
def test_columns_that_cannot_be_are_refused(text, currency, words):
    with pytest.raises(ConfigurationError, match=words):
        Columns(text, currency)


def test_a_table_without_our_columns_is_a_matter_of_configuration():
    with pytest.raises(ConfigurationError, match="no column Balance"):
        list(Columns(DEFAULT).figures({"1|a|b|2026-01": 1}, ["Key", "Currency"], []))


@pytest.mark.parametrize("text", ["1,5", "NaN", "Infinity", "=NA()", "x"])
def test_an_amount_that_is_none_is_malformed(text):
    with pytest.raises(MalformedPayload):
        number(text)


@pytest.mark.parametrize(("text", "amount"), [("1.50", "1.5"), ("", "0"), (None, "0"), ("-1E+2", "-100"), (" 7 ", "7")])
def test_an_amount_is_read_exactly(text, amount):
    assert number(text) == Decimal(amount)


def test_a_figure_of_no_month_has_no_month():
    assert month_of(YEAR_END[0].key) == ("2025", "12")
    for one in (CELL, ITEM):
        with pytest.raises(DataError, match="of no month"):
            month_of(one.key)


def test_a_column_tells_why_final_figures_change_and_needs_not_be_read_back():
    text = "Key = key; Why = reason; Currency = currency; Balance = balance"
    columns = Columns(text, reason="auditor's correction\nof January")
    assert columns.row(YEAR_END[0])[1] == "auditor's correction\\x0aof January"
    assert Columns(text).row(YEAR_END[0])[1] == ""
    rows = [[cell for place, cell in enumerate(columns.row(one)) if place != 1] for one in YEAR_END[:3]]
    figures = {one.key: one.amount for one in YEAR_END[:3]}
    assert list(columns.figures(figures, ["Key", "Currency", "Balance"], rows)) == told(YEAR_END[:3])
