"""TM1, Pigment and Vena: a load counts where the other side says so, left nothing out unnamed, holds the figures."""

import pytest
from samples import YEAR_END, actual, many
from table_scene import SYSTEMS, connect, fault, figures, load, started, ties, totals

from odoo.addons.connector_planning.core.tables import content_of
from odoo.addons.connector_planning.core.tm1 import _errors as errors_of
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.http_wire import Limits

LOADING = ("tm1", "pigment", "vena")


@pytest.fixture(scope="module", params=LOADING)
def running(request):
    with started(request.param) as double:
        yield request.param, double


@pytest.fixture(scope="module")
def doubles():
    """One process of each, started when a test asks for it."""
    open_ones = {}
    yield open_ones
    for manager in open_ones.values():
        manager[0].__exit__(None, None, None)


@pytest.fixture
def system(running):
    name, double = running
    double.ask("/control/reset", all=True)
    return name, double


def of(doubles, name):
    if name not in doubles:
        manager = started(name)
        doubles[name] = (manager, manager.__enter__())
    double = doubles[name][1]
    double.ask("/control/reset", all=True)
    return double


# What all of them owe


def test_figures_are_loaded_and_read_back(system):
    connector = connect(*system)
    told = load(connector)
    assert (told.state, told.ignored, told.rejects) == ("accepted", 0, {})
    assert connector.read_back(figures()).differences(totals()) == []


def test_law_2_a_load_that_is_made_twice_is_there_once(system):
    name, double = system
    connector = connect(name, double)
    load(connector)
    load(connector)
    assert ties(connector) and len(double.ask("/control/cells")) == len(YEAR_END) - 1  # a cube keeps no zero


def test_law_2_a_start_whose_answer_is_lost_has_had_its_effect_and_may_be_made_again(system):
    name, double = system
    connector = connect(name, double)
    fault(double, drop_after_start=1)
    with pytest.raises(TransientError) as raised:
        load(connector)
    assert raised.value.facts["sent"] is True and connector.find_load(None) is None
    assert load(connector).state == "accepted" and ties(connector)


def test_r20_rows_that_nobody_names_are_a_load_in_part(system):
    name, double = system
    fault(double, ignore_silently=1)
    told = load(connect(name, double))
    assert (told.state, told.rejects) == ("partly", {})


def test_law_4_a_row_that_is_lost_in_silence_shows_when_reading_back(system):
    name, double = system
    connector = connect(name, double)
    fault(double, lose_one_row=1)
    assert load(connector).state == "accepted"
    assert connector.read_back(figures()).count == len(YEAR_END) - 1


def test_law_4_only_what_was_sent_as_zero_may_be_missing(system):
    connector = connect(*system)
    gone = (actual("1", "2026-01", "0", "0"), actual("2", "2026-01", "5", "0"))
    held = connector.read_back(figures(gone))
    assert held.count == 1 and not held.ties(totals(gone))


def test_law_4_older_figures_that_add_up_to_the_same_are_not_those_that_were_sent(system):
    connector = connect(*system)
    load(connector, (actual("1", "2026-01", "5", "0"), actual("2", "2026-01", "0", "5")))
    newer = (actual("1", "2026-01", "7", "0"), actual("2", "2026-01", "0", "7"))
    assert connector.read_back(figures(newer)).count == 0


def test_a_load_that_runs_is_asked_for_again(system):
    name, double = system
    double.ask("/control/bank", polls=3)
    connector = connect(name, double)
    payloads = list(connector.serialize(iter(YEAR_END)))
    reference = connector.load(payloads)
    assert [connector.poll(reference).state for _time in range(4)] == ["pending"] * 3 + ["accepted"]


def test_r18_a_wrong_secret_needs_an_administrator(system):
    name, double = system
    secret = next(setting.name for setting in SYSTEMS[name][1].settings if setting.secret)
    with pytest.raises(ConfigurationError) as raised:
        connect(name, double, **{secret: "canary-wrong"}).probe()
    assert raised.value.facts["status"] == 401 and "canary" not in str(raised.value)


@pytest.mark.parametrize("trouble", [{"503": 1}, {"429_with_retry_after": 1}, {"drop_connection": 1}])
def test_r18_a_busy_system_is_tried_again(system, trouble):
    name, double = system
    connector = connect(name, double)
    fault(double, **trouble)
    with pytest.raises(TransientError) as raised:
        connector.read_back(figures())
    assert raised.value.retry_after == (7 if "429_with_retry_after" in trouble else None)


def test_a_page_of_somebody_in_between_is_no_answer(system):
    name, double = system
    fault(double, html=2)
    with pytest.raises((MalformedPayload, ConfigurationError)):
        connect(name, double).read_back(figures())


def test_the_probe_answers_in_plain_words_without_the_secret(system):
    words = connect(*system).probe()
    assert "answered" in words and "canary" not in words


def test_two_flows_to_the_same_place_are_known(system):
    name, double = system
    assert connect(name, double).place() == connect(name, double).place() != ""


def test_figures_that_do_not_fit_into_one_request_are_refused(system, monkeypatch):
    monkeypatch.setattr("odoo.addons.connector_planning.core.tables.LARGEST", 1000)
    with pytest.raises(ConfigurationError, match="let several flows"):
        list(connect(*system).serialize(iter(many(100))))


def test_rows_of_several_payloads_are_one_file_with_one_line_of_names(system):
    connector = connect(*system)
    parts = [next(connector.serialize(iter(objects))) for objects in (YEAR_END[:2], YEAR_END[2:])]
    (whole,) = connector.serialize(iter(YEAR_END))
    assert content_of(parts) == content_of([whole])


def test_nothing_makes_no_file(system):
    assert list(connect(*system).serialize(iter(()))) == []


# What names its rows


@pytest.mark.parametrize(("name", "why"), [("tm1", "Invalid key"), ("pigment", "ParsingError")])
def test_r20_rows_that_are_named_are_rejected_and_the_rest_is_there(doubles, name, why):
    double = of(doubles, name)
    connector = connect(name, double)
    fault(double, ignore_row=1)
    told = load(connector)
    assert (told.state, told.ignored, set(told.rejects)) == ("accepted", 1, {YEAR_END[0].key})
    assert why in told.rejects[YEAR_END[0].key] and YEAR_END[0].key in told.dump
    assert ties(connector, YEAR_END[1:])


def test_r20_rows_without_a_key_among_the_columns_are_named_by_nobody(doubles):
    double = of(doubles, "tm1")
    fault(double, ignore_row=1)
    columns = "Company = company; Account = account; Period = period; Currency = currency; Balance = balance"
    told = load(connect("tm1", double, columns=f"{columns}; Key = account_name"))
    assert (told.state, told.ignored, told.rejects) == ("partly", 1, {})


# TM1


@pytest.mark.parametrize(("trouble", "state"), [("aborted", "partly"), ("rolled_back", "refused")])
def test_tm1_a_process_that_did_not_complete_has_loaded_nothing_or_something(doubles, trouble, state):
    double = of(doubles, "tm1")
    fault(double, **{trouble: 1})
    told = load(connect("tm1", double))
    assert told.state == state and "process was" in told.dump


def test_tm1_an_end_that_the_server_has_forgotten_is_looked_at_by_a_person(doubles):
    double = of(doubles, "tm1")
    connector = connect("tm1", double)
    reference = connector.load(list(connector.serialize(iter(YEAR_END))))
    fault(double, forget_async=1)
    assert connector.poll(reference).state == "partly"


@pytest.mark.parametrize(
    ("dump", "named", "is_clear"),
    [
        ('"a","b",Data Source line (2)  Error: Line (3): no b', {'"a","b"': "Line (3): no b"}, True),
        ('"a",Data Source line (2) Error: x\n\n"a",Data Source line (2) Error: y\n', {'"a"': "y"}, True),
        ('"a",Data Source line (2) Error: x\n5 records were skipped\n', {'"a"': "x"}, False),
        ("", {}, True),
    ],
)
def test_tm1_a_log_tells_records_or_something_else(dump, named, is_clear):
    assert errors_of(dump) == (named, is_clear)


def test_tm1_all_calls_are_one_session(doubles):
    double = of(doubles, "tm1")
    connector = connect("tm1", double)
    load(connector)
    connector.read_back(figures())
    begun = [call for call in double.ask("/control/log") if call["path"].endswith("/ActiveSession")]
    assert len(begun) == 1


def test_tm1_a_cam_namespace_logs_in_by_its_own_scheme(doubles):
    connector = connect("tm1", of(doubles, "tm1"), namespace="LDAP")
    assert connector._http._authorization.header().startswith("CAMNamespace ")


def test_tm1_a_quote_in_a_name_is_doubled(doubles):
    double = of(doubles, "tm1")
    with pytest.raises(ConfigurationError):
        connect("tm1", double, process="Bob's load").probe()
    assert double.ask("/control/log")[-1]["path"].endswith("Processes('Bob%27%27s%20load')")


def test_tm1_the_process_gets_the_name_of_the_file(doubles):
    double = of(doubles, "tm1")
    connector = connect("tm1", double, parameter="pFile", file="our figures.csv")
    assert load(connector).state == "accepted" and ties(connector)


# Pigment


@pytest.mark.parametrize(("trouble", "state"), [("fail_import", "refused"), ("no_report", "partly")])
def test_pigment_an_import_without_success_or_report(doubles, trouble, state):
    double = of(doubles, "pigment")
    fault(double, **{trouble: 1})
    assert load(connect("pigment", double)).state == state


def test_pigment_a_block_is_exported_as_well_as_a_view(doubles):
    double = of(doubles, "pigment")
    connector = connect("pigment", double, block_kind="table")
    load(connector)
    assert ties(connector)


# Vena


@pytest.mark.parametrize(("trouble", "state"), [("cancelled", "refused"), ("error_after_half", "partly")])
def test_vena_a_job_that_did_not_complete_has_loaded_nothing_or_something(doubles, trouble, state):
    double = of(doubles, "vena")
    fault(double, **{trouble: 1})
    assert load(connect("vena", double)).state == state


def test_vena_warnings_are_kept_with_the_load(doubles):
    double = of(doubles, "vena")
    fault(double, ignore_silently=1)
    told = load(connect("vena", double))
    assert told.ignored == 1 and "rows were not loaded" in told.dump


def test_r25_vena_pages_are_read_to_the_end_without_following_their_address(doubles):
    double = of(doubles, "vena")
    double.ask("/control/bank", page=2)
    connector, objects = connect("vena", double), many(7)
    load(connector, objects)
    assert ties(connector, objects)
    fault(double, same_page=None)
    with pytest.raises(MalformedPayload, match="do not go on"):
        connector.read_back(figures(objects))


def test_r17_a_system_that_does_not_answer_is_given_up(doubles):
    connector = connect("vena", of(doubles, "vena"))
    connector._http.limits = Limits(total=0.000001)
    with pytest.raises(TransientError, match="longer than"):
        connector.probe()
