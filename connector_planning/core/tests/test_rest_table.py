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


# Logins


def by_client(double, **settings):
    told = {"login": "client_credentials", "user": "planner", "auth_url": f"{double.url}/oauth/token"}
    return connect("rest", double, **{**told, **settings})


def logins(double):
    return [call for call in double.ask("/control/log") if call["path"] == "/oauth/token"]


@pytest.mark.parametrize("settings", [{"user": "planner"}, {"user": "planner", "login": "password"}])
def test_a_user_logs_in_with_a_password(double, settings):
    connector = connect("rest", double, **settings)
    send(connector, YEAR_END)
    assert ties(connector)
    assert all(call["headers"]["authorization"].startswith("Basic ") for call in double.ask("/control/log"))


def test_a_token_is_what_is_sent_where_that_is_chosen(double):
    connector = connect("rest", double, user="somebody", login="token")
    assert "the table can be read" in connector.probe()


@pytest.mark.parametrize(
    "settings", [{}, {"scope": "actuals.write"}, {"client_login": "client_secret_post", "scope": "actuals.write"}]
)
def test_client_credentials_give_one_token_for_all_calls(double, settings):
    connector = by_client(double, **settings)
    assert {receipt.state for receipt in send(connector, YEAR_END)} == {"accepted"} and ties(connector)
    assert len(logins(double)) == 1
    told = [call["headers"]["authorization"] for call in double.ask("/control/log") if "/service/" in call["path"]]
    assert set(told) == {"Bearer canary-token-1"}


def test_the_call_for_a_token_is_on_record_like_any_other(double):
    connector = by_client(double)
    connector.probe()
    assert [call.path for call in connector.calls] == ["/oauth/token", "/service/Actuals?$top"]


def test_a_token_that_ended_early_is_asked_for_anew_once(double):
    connector = by_client(double)
    connector.probe()
    fault(double, token_ended=1)
    assert send(connector, YEAR_END[:1])[0].state == "accepted" and len(logins(double)) == 2


@pytest.mark.parametrize(
    ("settings", "words"), [({"secret": "canary-wrong"}, "invalid_client|401"), ({"scope": "all"}, "invalid_scope")]
)
def test_r18_a_client_that_is_refused_needs_an_administrator(double, settings, words):
    connector = by_client(double, client_login="client_secret_post", **settings)
    with pytest.raises(ConfigurationError, match=words) as raised:
        connector.probe()
    assert "canary" not in str(raised.value) and connector.calls[-1].path == "/oauth/token"


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({"user": None}, "user"),
        ({"login": "password", "user": None}, "user"),
        ({"auth_url": None}, "auth_url"),
        ({"auth_url": "https://login.example.com"}, "auth_url"),
        ({"auth_url": "https://login.example.com/token?tenant=1"}, "auth_url"),
    ],
)
def test_a_login_that_lacks_something_is_a_matter_of_configuration(double, settings, setting):
    with pytest.raises(ConfigurationError) as raised:
        by_client(double, **settings).probe()
    assert raised.value.facts["setting"] == setting and double.ask("/control/log") == []


def test_s06_the_address_for_tokens_is_checked_like_any_other(double):
    with pytest.raises(ConfigurationError, match="only https"):
        by_client(double, auth_url="http://login.example.com/oauth/token").probe()
    with pytest.raises(ConfigurationError, match="internal network"):
        by_client(double, auth_url="https://10.0.0.1/oauth/token").probe()


def test_the_probe_answers_in_plain_words(connector):
    assert "the table can be read" in connector.probe()
