"""Whatever planning needs beside actuals leaves by the same calls: balances, rates and members of dimensions."""

from contextlib import ExitStack

import pytest
from anaplan_scene import connect as to_anaplan
from anaplan_scene import fault as fault_of_anaplan
from anaplan_scene import loaded
from samples import BALANCES, ITEMS, MEMBERS, OPENINGS, RATES, WEEKS, YEAR_END
from table_scene import SYSTEMS, connect, fault, figures, load, send, started, ties, totals

from odoo.addons.connector_planning.core.cell import Cell
from odoo.addons.connector_planning.core.member import Member
from odoo.addons.connector_planning.core.trial_balance import TrialBalance
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

KINDS = {
    "actuals": YEAR_END,
    "cells": WEEKS,
    "items": ITEMS,
    "balances": BALANCES,
    "openings": OPENINGS,
    "rates": RATES,
    "members": MEMBERS,
}
KEYS_ONLY = ("members",)


@pytest.fixture(scope="module")
def doubles():
    """One process of each system."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(started(name)) for name in SYSTEMS}


@pytest.fixture
def of(doubles):
    def fresh(name):
        doubles[name].ask("/control/reset", all=True)
        return doubles[name]

    return fresh


def told(connector, objects):
    """The states of everything that these objects become."""
    if hasattr(connector, "load"):
        return {load(connector, objects).state}
    return {receipt.state for receipt in send(connector, objects)}


def carried_by(name):
    carries = SYSTEMS[name][1].carries
    return [kind for kind, objects in KINDS.items() if type(objects[0]) in carries]


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name in SYSTEMS if name != "adaptive" for kind in carried_by(name)]
)
def test_each_kind_is_told_and_read_back(of, name, kind):
    connector, objects = connect(name, of(name)), KINDS[kind]
    assert told(connector, objects) == {"accepted"}
    held = connector.read_back(figures(objects))
    assert held.differences(totals(objects)) == [] and held.count == len(objects)
    assert bool(held.amounts) == (kind not in KEYS_ONLY)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("tm1", "members"), ("pigment", "members"), ("rest", "members"), ("vena", "rates"), ("rest", "balances")],
)
def test_law_4_what_is_lost_in_silence_shows_when_reading_back(of, name, kind):
    double, objects = of(name), KINDS[kind]
    connector = connect(name, double)
    fault(double, lose_one_row=1)
    assert told(connector, objects) == {"accepted"}
    assert connector.read_back(figures(objects)).count == len(objects) - 1


@pytest.mark.parametrize("name", ["tm1", "pigment", "rest"])
def test_a_member_that_was_left_out_is_named_by_its_key(of, name):
    double = of(name)
    connector = connect(name, double)
    fault(double, ignore_row=1)
    answer = load(connector, MEMBERS) if name != "rest" else send(connector, MEMBERS)[0]
    assert (answer.state, set(answer.rejects)) == ("accepted", {MEMBERS[0].key})
    assert ties(connector, MEMBERS[1:])


def test_law_2_what_is_told_again_is_there_once(of):
    double = of("rest")
    connector = connect("rest", double, table="Members")
    for _time in range(2):
        send(connector, MEMBERS)
    assert ties(connector, MEMBERS) and len(double.ask("/control/cells")) == len(MEMBERS)


def test_numbers_of_a_balance_are_numbers_and_what_is_absent_is_null(of):
    double = of("rest")
    send(connect("rest", double, table="Balances"), BALANCES[:1])
    (row,) = double.ask("/control/cells")
    assert (row["Opening"], row["Debit"], row["Credit"], row["Balance"]) == ("10.5", "5", "0.25", "15.25")
    columns = "Key = key; Currency = currency; Balance = balance; Quantity = quantity"
    send(connect("rest", double, columns=columns), WEEKS)
    assert double.ask("/control/cells")[-1]["Quantity"] is None


def test_files_are_called_after_what_is_in_them(of):
    connector = connect("pigment", of("pigment"))
    names = {kind: next(connector.serialize(iter(objects))).name for kind, objects in KINDS.items()}
    assert (names["actuals"], names["cells"]) == ("actuals.csv", "actuals.csv")
    assert len(set(names.values())) == len(KINDS) - 1


def test_nothing_becomes_no_payload_and_two_kinds_become_no_file(of):
    connector = connect("tm1", of("tm1"))
    assert list(connector.serialize(iter(()))) == []
    with pytest.raises(ConfigurationError, match="does not stand in a table"):
        list(connector.serialize(iter((RATES[0], MEMBERS[0]))))


def test_columns_of_actuals_are_no_columns_of_members(of):
    text = "Key = key; Account = account; Currency = currency; Balance = balance"
    with pytest.raises(ConfigurationError, match="account is no member of Member"):
        list(connect("tm1", of("tm1"), columns=text).serialize(iter(MEMBERS)))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("vena", "members"), *(("adaptive", kind) for kind in ("items", "openings", "rates", "members"))],
)
def test_what_a_system_does_not_take_never_leaves(of, name, kind):
    double, objects = of(name), KINDS[kind]
    connector = connect(name, double)
    with pytest.raises(ConfigurationError, match=f"does not take {type(objects[0]).contract}") as raised:
        list(connector.serialize(iter(objects)))
    assert raised.value.code == "not_carried" and double.ask("/control/log") == []


def test_adaptive_takes_what_stands_at_the_end_of_months(of):
    assert {Cell, TrialBalance} < set(SYSTEMS["adaptive"][1].carries)
    connector = connect("adaptive", of("adaptive"))
    assert told(connector, BALANCES[:2]) == {"accepted"}
    assert connector.read_back(figures(BALANCES[:2])) == totals(BALANCES[:2])


# Anaplan


@pytest.mark.parametrize("kind", KINDS)
def test_anaplan_takes_each_kind_by_an_import_and_gives_it_back_by_a_view(double, kind):
    connector, objects = to_anaplan(double), KINDS[kind]
    assert loaded(connector, objects).state == "accepted"
    held = connector.read_back(figures(objects))
    assert held == totals(objects) and bool(held.amounts) == (kind not in KEYS_ONLY)


def test_anaplan_gets_members_with_what_they_hang_below(double):
    loaded(to_anaplan(double), MEMBERS)
    cells = {cell["Key"]: cell for cell in double.ask("/control/cells")["cells"]}
    sales = cells[MEMBERS[1].key]
    assert (sales["Code"], sales["Name"], sales["Parent"], sales["State"]) == (
        "700000",
        'Sales 売上, "à"',
        "70",
        "active",
    )


def test_law_4_a_member_that_anaplan_lost_in_silence_shows_when_reading_back(double):
    connector = to_anaplan(double)
    fault_of_anaplan(double, lose_one_row=1)
    assert loaded(connector, MEMBERS).state == "accepted"
    assert connector.read_back(figures(MEMBERS)).count == len(MEMBERS) - 1


def test_r20_a_member_that_anaplan_left_out_is_named_by_its_key(double):
    fault_of_anaplan(double, ignore_row=1)
    answer = loaded(to_anaplan(double), MEMBERS)
    assert (answer.state, set(answer.rejects)) == ("accepted", {MEMBERS[0].key})


def test_a_view_without_the_figures_is_a_matter_of_configuration(double):
    connector = to_anaplan(double)
    loaded(connector, RATES)
    with pytest.raises(ConfigurationError, match="no column Balance"):
        connector.read_back(figures(BALANCES))


def test_every_member_of_the_contract_reaches_anaplan(double):
    (payload,) = to_anaplan(double).serialize(iter(MEMBERS))
    header = payload.open().read().decode().partition("\n")[0].split(",")
    assert header == ["Key", *(name.replace("_", " ").title() for name in Member.__dataclass_fields__)]
