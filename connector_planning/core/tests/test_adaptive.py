"""Workday Adaptive Planning: XML in and out, one call at a time, and the only count there is."""

import pytest
from samples import YEAR_END, actual
from table_scene import SECRET, connect, fault, figures, send, started, ties, totals

from odoo.addons.connector_planning.core.adaptive_xml import call, element, joined, response
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    MalformedPayload,
    TransientError,
)

EUROS = YEAR_END[:5]


@pytest.fixture(scope="module")
def shared():
    with started("adaptive") as double:
        yield double


@pytest.fixture
def double(shared):
    shared.ask("/control/reset", all=True)
    return shared


@pytest.fixture
def connector(double):
    return connect("adaptive", double)


def test_figures_are_imported_month_by_month_and_read_back(double, connector):
    receipts = send(connector, EUROS)
    assert [(one.state, one.reference) for one in receipts] == [
        ("accepted", "Rows imported: 3"),
        ("accepted", "Rows imported: 2"),
    ]
    assert connector.read_back(figures(EUROS)).differences(totals(EUROS)) == []
    assert double.ask("/control/log")[-1]["method"] == "POST"


def test_a_payload_adds_up_to_its_figures_and_holds_no_password(connector):
    payloads = list(connector.serialize(iter(EUROS)))
    assert sum((payload.totals for payload in payloads[1:]), payloads[0].totals) == totals(EUROS)
    assert not any(SECRET in payload.open().read().decode() for payload in payloads)


@pytest.mark.parametrize("chunk", [-1, 10_001])
def test_a_senseless_number_of_rows_is_refused(double, chunk):
    with pytest.raises(ConfigurationError, match="rows per call"):
        list(connect("adaptive", double, chunk=chunk).serialize(iter(EUROS)))


def test_law_2_what_is_sent_twice_is_there_once(connector):
    send(connector, EUROS)
    send(connector, EUROS)
    assert ties(connector, EUROS)


def test_law_2_a_lost_answer_is_settled_by_what_is_there(double, connector):
    fault(double, drop_after_start=1)
    with pytest.raises(TransientError) as raised:
        send(connector, EUROS[:3])
    assert raised.value.facts["sent"] is True and ties(connector, EUROS[:3])


@pytest.mark.parametrize(("trouble", "ignored"), [("ignore_silently", 1), ("no_count", 2)])
def test_r20_a_count_that_is_not_ours_is_looked_at_by_a_person(double, connector, trouble, ignored):
    fault(double, **{trouble: 1})
    (receipt,) = send(connector, EUROS[3:])
    assert (receipt.state, receipt.ignored) == ("partly", ignored)


def test_law_4_a_row_that_is_lost_in_silence_shows_when_reading_back(double, connector):
    fault(double, lose_one_row=1)
    assert {one.state for one in send(connector, EUROS)} == {"accepted"}
    assert connector.read_back(figures(EUROS)).count == len(EUROS) - 1


def test_a_call_without_success_took_nothing(double, connector):
    fault(double, refused=1)
    (receipt,) = send(connector, EUROS[:3])
    assert (receipt.state, receipt.reference) == ("refused", "the version is locked")


def test_a_figure_in_another_currency_does_not_leave(connector):
    with pytest.raises(ConfigurationError, match="figures are in EUR"):
        list(connector.serialize(iter(YEAR_END)))


@pytest.mark.parametrize("settings", [{"currency": None}, {"columns": "Account = account; Amount = balance"}])
def test_a_currency_and_a_period_have_to_be_named(double, settings):
    with pytest.raises(ConfigurationError):
        list(connect("adaptive", double, **settings).serialize(iter(EUROS)))


def test_columns_that_do_not_tell_companies_apart_are_refused(double):
    connector = connect("adaptive", double, columns="Account = account; Period = period; Amount = balance")
    with pytest.raises(ConfigurationError, match="tell all figures apart"):
        list(connector.serialize(iter(EUROS)))


def test_r18_a_wrong_password_needs_an_administrator(double):
    with pytest.raises(ConfigurationError) as raised:
        connect("adaptive", double, password="canary-wrong").probe()
    assert "canary" not in str(raised.value) and raised.value.facts["status"] == 401


def test_the_probe_answers_in_plain_words(connector):
    assert "accepts the login" in connector.probe()


# XML


def test_s04_what_stands_in_values_is_no_xml():
    assert joined(["a<b", 'c&"d"']) == 'a&lt;b|c&amp;"d"'
    assert element("version", name='A "B" <C>', empty=None) == "<version name='A \"B\" &lt;C&gt;'/>"
    assert b'password="a&lt;b"' in call("exportData", {"password": "a<b"}, "")


@pytest.mark.parametrize("cell", ["a|b", "a\nb"])
def test_a_bar_in_a_value_is_refused(cell):
    with pytest.raises(DataError, match="a bar or a line break"):
        joined([cell])


def test_letters_of_anywhere_arrive(double):
    columns = "Account = account; Level = company; Period = period; Amount = balance; Kind = account_name"
    one = actual("700000", "2026-01", "1", "0", name="Ventes <à> & 売上")
    send(connect("adaptive", double, columns=columns), [one])
    (cell,) = double.ask("/control/cells")
    assert cell["Kind"] == one.account_name


@pytest.mark.parametrize(
    "body",
    [
        b"<html/>",
        b"<response",
        b"",
        b'<!DOCTYPE r [<!ENTITY a "b">]><response success="true">&a;</response>',
        b'<?xml version="1.0" encoding="x-none"?><response/>',
    ],
)
def test_s04_what_is_no_answer_is_refused(body):
    with pytest.raises(MalformedPayload):
        response(body)


def test_an_answer_without_success_is_none():
    assert response(b"<response/>").is_success is False
    told = response(
        b'<response success="true"><messages><message>a</message><message> b </message></messages></response>'
    )
    assert (told.is_success, told.messages) == (True, ["a", "b"])


def test_a_reason_has_no_place_and_says_so(double):
    columns = "Account = account; Level = company; Period = period; Why = reason; Amount = balance"
    with pytest.raises(ConfigurationError, match="no place for a reason"):
        list(connect("adaptive", double, columns=columns).serialize(iter(YEAR_END)))
