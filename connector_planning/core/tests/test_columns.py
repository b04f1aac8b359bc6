"""Columns of other systems: told as they are configured, read back to the same figures."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from samples import BALANCES, ITEMS, MEMBERS, OPENINGS, RATES, WEEKS, YEAR_END, actual

from odoo.addons.connector_planning.core.carried import CARRIED, carried, carried_by
from odoo.addons.connector_planning.core.columns import DEFAULT, Columns, key_in, month_of, number
from odoo.addons.connector_planning.core.open_item import OpenItem
from odoo.addons.connector_planning.core.rate_sources import RateFiles
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, DataError, MalformedPayload

SPLIT = 'Entity = company; Acc = account; Y = year; M = month; Scenario = "Actual"; Value = balance'
(ITEM,), (CELL,) = ITEMS, WEEKS
KINDS = (YEAR_END, WEEKS, ITEMS, BALANCES, OPENINGS, RATES, MEMBERS)


def back(columns, objects):
    rows = [columns.row(one) for one in objects]
    return list(columns.figures({one.key: one.amount for one in objects}, columns.names, rows))


def told(objects):
    return [(one.key, one.amount, one.currency) for one in objects]


@pytest.mark.parametrize("objects", KINDS)
def test_what_is_told_by_key_is_read_back_whatever_it_is(objects):
    assert back(Columns(cls=type(objects[0])), objects) == told(objects)


def test_every_kind_that_travels_is_told_here():
    assert {type(objects[0]) for objects in KINDS} == set(CARRIED)


@pytest.mark.parametrize("objects", KINDS)
def test_what_tells_objects_apart_is_what_their_keys_are_made_of(objects):
    one, kind = objects[0], carried_by([objects[0].key])
    assert kind.cls is type(one)
    for name, member in kind.members.items():
        value = getattr(one, name)
        other = {str: f"{value or ''}9", dt.date: dt.date(1999, 9, 9), Decimal: Decimal(9)}[member.type]
        changed = dataclasses.replace(one, **{name: "group" if name == "level" and value != "group" else other})
        assert (changed.key != one.key) == (name in kind.identity), name


@pytest.mark.parametrize("objects", KINDS)
def test_members_that_are_the_identity_tell_the_key_again(objects):
    kind = carried(type(objects[0]))
    names = dict.fromkeys((*kind.identity, *((kind.amount, "currency") if kind.amount else ())))
    columns = Columns("; ".join(f"{name} = {name}" for name in names), cls=kind.cls)
    assert back(columns, objects) == told(objects)
    with pytest.raises(ConfigurationError, match=f"no column {kind.identity[0]}"):
        list(columns.figures({objects[0].key: None}, [name for name in names if name != kind.identity[0]], []))


def test_what_is_told_by_members_is_read_back_without_a_key():
    columns = Columns(SPLIT, "EUR")
    assert columns.row(YEAR_END[0]) == ["BE0477472701", "400000", "2025", "12", "Actual", "9999.5"]
    assert back(columns, YEAR_END[:5]) == told(YEAR_END[:5])


def test_members_of_dimensions_add_up_to_nothing_and_need_no_currency():
    columns = Columns("Key = key; Text = name", "EUR", type(MEMBERS[0]))
    assert (columns.amount, columns.numbers) == (None, [])
    assert back(columns, MEMBERS) == [(one.key, None, None) for one in MEMBERS]


def test_a_year_is_that_of_the_contract_where_it_has_one():
    columns = Columns(cls=type(OPENINGS[0]))
    assert dict(zip(columns.names, columns.row(OPENINGS[0]), strict=True))["Year"] == "FY2026"


def test_numbers_are_those_of_the_contract():
    columns = Columns(cls=type(BALANCES[0]))
    assert [columns.names[place] for place in columns.numbers] == ["Opening", "Debit", "Credit", "Balance"]
    assert Columns(cls=type(RATES[0])).amount == "Rate"


@pytest.mark.parametrize(
    ("text", "cells", "key"),
    [
        (None, Columns(cls=type(MEMBERS[0])).row(MEMBERS[1]), MEMBERS[1].key),
        (None, Columns(cls=type(RATES[0])).row(RATES[1]), RATES[1].key),
        (None, [MEMBERS[1].key, "account"], None),
        (None, ["no key", *"12345"], "no key"),
        (None, [], None),
        ("A = account; B = key", ["7", "1|BE|7|2026-01"], "1|BE|7|2026-01"),
        ("A = account; B = balance", ["7", "1"], None),
    ],
)
def test_the_key_of_a_row_that_was_left_out(text, cells, key):
    assert key_in(text, cells) == key


def test_a_date_that_is_none_is_malformed_and_a_row_of_nothing_is_nobodys():
    names = ["company", "account", "document", "due_on", "transaction_currency", "currency", "balance"]
    columns = Columns("; ".join(f"{name} = {name}" for name in names), cls=OpenItem)
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
        Columns("A = company; B = account; C = period; V = balance", "EUR", type(CELL)).row(CELL)


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


@pytest.mark.parametrize(
    ("text", "objects", "words"),
    [
        (DEFAULT, MEMBERS, "account is no member of Member"),
        (DEFAULT, RATES, "account is no member of Rate"),
        ("Key = key; Currency = currency", RATES, "no column holds the rate of Rate"),
        ("Key = key; Year = year; Balance = balance", ITEMS, "year is no member of OpenItem"),
    ],
)
def test_columns_of_another_kind_are_refused(text, objects, words):
    with pytest.raises(ConfigurationError, match=words):
        Columns(text, "EUR", type(objects[0]))


def test_a_table_holds_one_kind_and_only_what_travels():
    with pytest.raises(ConfigurationError, match="Member does not stand in a table of Actual"):
        Columns(DEFAULT).row(MEMBERS[0])
    with pytest.raises(ConfigurationError, match="does not travel"):
        carried(RateFiles)


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
    assert month_of(BALANCES[0].key) == ("2026", "01")
    for one in (CELL, ITEM, OPENINGS[0], RATES[0], MEMBERS[0]):
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
