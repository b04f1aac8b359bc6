"""What a connector declares, and what it makes of the values it is given."""

from decimal import Decimal

import pytest

from odoo.addons.finance_integration_governance.core.connector import (
    Connector,
    Destination,
    KeyedDestination,
    Receipt,
    Setting,
    Source,
)
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals


class Sample(Source):
    code = "test.sample"
    label = "Sample"
    settings = (
        Setting("folder", "Folder"),
        Setting("depth", "Depth", kind="integer", default=1),
        Setting("note", "Note", required=False),
    )
    renamed = {"directory": "folder"}


def test_settings_become_attributes():
    sample = Sample(folder="in")
    assert (sample.folder, sample.depth, sample.note) == ("in", 1, None)


def test_an_old_name_still_counts():
    assert Sample(directory="in").folder == "in"


def test_a_missing_setting_is_named():
    with pytest.raises(ConfigurationError, match="Sample: Folder is missing") as caught:
        Sample(folder="")
    assert caught.value.facts == {"setting": "folder"}


def test_an_unknown_setting_is_named():
    with pytest.raises(ConfigurationError, match="has no setting colour"):
        Sample(folder="in", colour="red")


def test_nothing_is_allowed_before_somebody_allows_it():
    sample = Sample(folder="in")
    assert (sample.roots, sample.allowed_hosts, sample.calls) == ((), (), [])


def test_calls_belong_to_one_object():
    one, two = Sample(folder="a"), Sample(folder="b")
    one.calls.append("call")
    assert two.calls == []


def test_what_it_can_do_is_what_it_inherits():
    assert not issubclass(Source, Destination) and issubclass(Destination, Connector)
    assert Destination.proves and Receipt("accepted").rejects == {}


class Keyed(KeyedDestination):
    code, label = "test.keyed", "Keyed"


class Cube(Keyed):
    keeps_zeros = False


def test_figures_that_are_there_as_they_were_sent_count():
    sent = {"a": Decimal(1), "b": Decimal(2), "c": Decimal(3), "d": Decimal(0)}
    rows = [("a", Decimal(1), "EUR"), ("b", Decimal(3), "EUR"), ("c", Decimal(3), "EUR"), ("c", Decimal(3), "EUR")]
    assert Keyed().as_sent(sent, iter(rows)) == ControlTotals.of([("a", Decimal(1), "EUR")])
    assert Cube().as_sent(sent, iter(rows)) == ControlTotals.of([("a", Decimal(1), "EUR"), ("d",)])


@pytest.mark.parametrize("cls", [Keyed, Cube])
def test_of_what_has_no_amount_the_keys_count_once_each(cls):
    rows = [("a", None, None), ("b", None, None), ("b", None, None), ("z", None, None)]
    held = cls().as_sent({"a": None, "b": None, "c": None}, iter(rows))
    assert held == ControlTotals.of([("a",)]) and held.amounts == {}
