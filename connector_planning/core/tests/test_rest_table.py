"""Any table over REST or OData: each figure under its own address, all of them read back."""

import pytest
from samples import YEAR_END, actual, many
from table_scene import connect, fault, figures, send, started, ties, totals

from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    MalformedPayload,
    TransientError,
)


@pytest.fixture(scope="module")
def shared():
    with started("rest") as double:
        yield double


@pytest.fixture
def double(shared):
    shared.ask("/control/reset", all=True)
    return shared


@pytest.fixture
def connector(double):
    return connect("rest", double)


@pytest.mark.parametrize("settings", [{}, {"protocol": "rest", "table": "actuals"}])
def test_figures_are_put_and_read_back(double, settings):
    connector = connect("rest", double, **settings)
    assert [receipt.state for receipt in send(connector, YEAR_END)] == ["accepted", "accepted"]
    assert connector.read_back(figures()).differences(totals()) == []


def test_law_2_what_is_put_twice_is_there_once(double, connector):
    send(connector, YEAR_END)
    send(connector, YEAR_END)
    assert ties(connector) and len(double.ask("/control/cells")) == len(YEAR_END)


def test_law_2_what_was_cut_off_is_made_again_from_its_first_row(double, connector):
    fault(double, drop_after_start=1)
    with pytest.raises(TransientError) as raised:
        send(connector, YEAR_END)
    assert raised.value.facts["sent"] is True and connector.read_back(figures()).count == 1
    send(connector, YEAR_END)
    assert ties(connector)


def test_a_row_that_is_refused_is_named_and_the_rest_is_there(double, connector):
    fault(double, ignore_row=1)
    first, _second = send(connector, YEAR_END)
    assert (first.state, first.rejects) == ("accepted", {YEAR_END[0].key: "Account not in list"})
    assert ties(connector, YEAR_END[1:])


def test_a_payload_of_which_every_row_is_refused_is_refused(double, connector):
    fault(double, ignore_row=1)
    (receipt,) = send(connector, YEAR_END[:1])
    assert receipt.state == "refused"


def test_law_4_a_row_that_is_lost_in_silence_shows_when_reading_back(double, connector):
    fault(double, lose_one_row=1)
    assert {receipt.state for receipt in send(connector, YEAR_END)} == {"accepted"}
    assert connector.read_back(figures()).count == len(YEAR_END) - 1


def test_a_zero_is_a_row_like_any_other(double, connector):
    one = actual("1", "2026-01", "0", "0")
    send(connector, [one])
    assert len(double.ask("/control/cells")) == 1 and ties(connector, [one])


def test_amounts_are_exact_numbers(double, connector):
    send(connector, YEAR_END[3:4])
    assert double.ask("/control/cells")[0]["Balance"] == "123456789012345.66"


def test_r25_pages_are_read_to_the_end_without_following_their_address(double, connector):
    double.ask("/control/bank", page=3)
    objects = many(8)
    send(connector, objects)
    assert ties(connector, objects)
    assert {call["path"] for call in double.ask("/control/log") if call["method"] == "GET"} == {"/service/Actuals"}


def test_r25_a_row_on_two_pages_is_read_anew_later(double, connector):
    double.ask("/control/bank", page=3)
    send(connector, many(8))
    fault(double, pages_move=1)
    with pytest.raises(TransientError) as raised:
        connector.read_back(figures(many(8)))
    assert raised.value.code == "pages_moved"


def test_r25_pages_in_a_circle_are_malformed(double, connector):
    fault(double, same_page=None)
    with pytest.raises(MalformedPayload, match="do not go on"):
        connector.read_back(figures())


def test_an_address_has_its_key_quoted(double, connector):
    send(connector, [actual("O'B/1", "2026-01", "1", "0")])
    assert double.ask("/control/log")[-1]["path"].endswith("(Key='1%7CBE0477472701%7CO%27%27B%2F1%7C2026-01')")
    assert ties(connector, [actual("O'B/1", "2026-01", "1", "0")])


@pytest.mark.parametrize("settings", [{"key_columns": "Nothing"}, {"key_columns": " , "}])
def test_key_columns_that_are_not_there_are_refused(double, settings):
    with pytest.raises(ConfigurationError, match="no column is called"):
        send(connect("rest", double, **settings), YEAR_END)


@pytest.mark.parametrize("chunk", [-1, 1001])
def test_a_senseless_chunk_is_refused(double, chunk):
    with pytest.raises(ConfigurationError, match="figures per payload"):
        list(connect("rest", double, chunk=chunk).serialize(iter(YEAR_END)))


def test_r18_a_wrong_token_needs_an_administrator(double):
    with pytest.raises(ConfigurationError) as raised:
        connect("rest", double, secret="canary-wrong").probe()
    assert raised.value.facts["status"] == 401 and "canary" not in str(raised.value)


def test_a_user_logs_in_with_a_password(double):
    assert connect("rest", double, user="planner")._http._authorization.header().startswith("Basic ")


def test_the_probe_answers_in_plain_words(connector):
    assert "the table can be read" in connector.probe()
