"""Anaplan's traps, one by one, against a double that has them all."""

import datetime as dt
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from samples import YEAR_END, many

from odoo.addons.connector_planning.core.actual import Actual
from odoo.addons.connector_planning.core.anaplan import AnaplanActuals
from odoo.addons.connector_planning.core.anaplan_api import moment
from odoo.addons.connector_planning.core.anaplan_file import ignored_rows, rejects_of
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    IntegrationError,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.http_wire import Limits
from odoo.addons.finance_integration_governance.core.testing.double import Double
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

PASSWORD = "canary-anaplan-password"
MODEL = "A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4"
SPECIFICATION = Path(os.environ.get("FIG_SAMPLES", "/work/shared/samples")) / (
    "openapi/setikites__anaplan-openapi/integration/integration-openapi.json"
)


def start(*arguments):
    return Double("anaplan_server.py", "--password", PASSWORD, *arguments)


@pytest.fixture(scope="module")
def shared():
    with start("--page", "2") as double:
        yield double


@pytest.fixture
def double(shared):
    shared.ask("/control/reset", all=True)
    shared.ask("/control/faults", faults={"hang": 0})
    return shared


def connect(double, **settings):
    told = {"login": "password", "user": "planner", "secret": PASSWORD, "workspace": "W1", "model": MODEL}
    told |= {"import_action": "Actuals", "view": "101000000001", "base_url": double.url, "auth_url": double.url}
    connector = AnaplanActuals(**(told | settings))
    connector.allowed_hosts = ("127.0.0.1",)
    return connector


@pytest.fixture
def connector(double):
    return connect(double)


def fault(double, **faults):
    double.ask("/control/faults", faults=faults)


def uploaded(connector, objects=YEAR_END):
    """The payloads, uploaded and sealed."""
    payloads = list(connector.serialize(iter(objects)))
    connector.begin(len(payloads))
    for number, payload in enumerate(payloads):
        assert connector.upload(number, payload).state == "pending"
    connector.seal()
    return payloads


def loaded(connector, objects=YEAR_END):
    uploaded(connector, objects)
    return followed(connector, connector.load())


def followed(connector, reference):
    for _poll in range(20):
        told = connector.poll(reference)
        if told.state != "pending":
            return told
    raise AssertionError("it never ends")


def keys(objects=YEAR_END):
    return {one.key for one in objects}


def totals(objects=YEAR_END):
    return ControlTotals.of((one.key, one.amount, one.currency) for one in objects)


def asked(double, part):
    return [entry for entry in double.ask("/control/log")["log"] if part in entry[1]]


# The way through


@pytest.mark.parametrize("settings", [{}, {"process": "Load actuals"}])
def test_figures_are_uploaded_loaded_and_read_back(double, settings):
    connector = connect(double, **settings)
    assert loaded(connector).state == "accepted"
    assert connector.read_back(keys()).differences(totals()) == []


def test_chunks_hold_whole_rows_and_one_header(double, monkeypatch):
    connector = connect(double)
    monkeypatch.setattr(AnaplanActuals, "_chunk_size", lambda self: 2000)
    objects = many(100)
    payloads = uploaded(connector, objects)
    texts = [payload.open().read().decode() for payload in payloads]
    assert len(texts) > 3 and all(text.endswith("\n") for text in texts)
    assert [text.startswith("Key,") for text in texts] == [True] + [False] * (len(texts) - 1)
    assert sum((payload.totals for payload in payloads), ControlTotals()) == totals(objects)
    assert followed(connector, connector.load()).state == "accepted"
    assert connector.read_back(keys(objects)) == totals(objects)


@pytest.mark.parametrize("size", [0, 51])
def test_trap_a_chunk_has_from_1_to_50_megabytes(double, size):
    with pytest.raises(ConfigurationError, match="megabytes per chunk"):
        list(connect(double, megabytes=size or -1).serialize(iter(YEAR_END)))


def test_trap_a_file_has_a_thousand_chunks_at_most(connector, monkeypatch):
    monkeypatch.setattr(AnaplanActuals, "_chunk_size", lambda self: 1)
    with pytest.raises(ConfigurationError, match="more than 1000 chunks"):
        list(connector.serialize(iter(many(1002))))


# Logins


def test_trap_a_login_answers_201_and_one_token_serves_all_calls(double, connector):
    loaded(connector)
    connector.read_back(keys())
    assert len(asked(double, "/token/authenticate")) == 1
    assert {kind for _method, path, kind in double.ask("/control/log")["log"] if "/2/0/" in path for kind in kind} == {
        "AnaplanAuthToken"
    }


def test_trap_a_login_page_that_answers_200_is_no_login(double):
    with pytest.raises(IntegrationError):
        connect(double, auth_url=f"{double.url}/control").probe()


def test_trap_a_token_of_35_minutes_is_refreshed_before_it_ends(double, connector):
    connector.probe()
    connector._api.http._authorization._since -= 26 * 60
    connector._api.get("/files")
    assert len(asked(double, "/token/refresh")) == 1 and len(asked(double, "/token/authenticate")) == 1


def test_trap_a_token_that_ended_meanwhile_is_asked_for_again(double, connector):
    connector.probe()
    double.ask("/control/age", hours=1)
    connector._api.http._authorization._since -= 26 * 60
    connector._api.get("/files")
    assert len(asked(double, "/token/authenticate")) == 2


def test_trap_a_call_that_is_refused_for_its_token_is_made_again_once(double, connector):
    connector.probe()
    fault(double, **{"401_once": 1})
    connector._api.get("/files")
    assert len(asked(double, "/token/authenticate")) == 2


def test_r18_a_wrong_password_needs_an_administrator(double):
    with pytest.raises(ConfigurationError) as raised:
        connect(double, secret="canary-wrong").probe()
    assert raised.value.facts["status"] == 401 and "canary" not in str(raised.value)


def test_a_certificate_logs_in_with_signed_data(tmp_path):
    pem = certificate(tmp_path / "client.pem")
    with start("--certificate", tmp_path / "client.pem") as double:
        assert "Anaplan answered" in connect(double, login="certificate", secret=pem).probe()
        with pytest.raises(ConfigurationError) as raised:
            connect(double, login="certificate", secret=certificate(tmp_path / "other.pem")).probe()
        assert raised.value.facts["status"] == 401


def test_s08_a_secret_that_is_no_certificate_is_not_repeated(double):
    with pytest.raises(ConfigurationError) as raised:
        connect(double, login="certificate", secret="canary").probe()
    assert "canary" not in f"{raised.value}{raised.value.__cause__}"


def certificate(path):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "odoo")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    path.write_text(pem)
    plain = serialization.NoEncryption()
    told = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()
    return told + pem


# Lists and ids


def test_trap_a_list_is_read_over_all_its_pages(double, connector):
    assert connector._import["id"] == "112000000001"
    assert len(asked(double, "/imports")) == 3


def test_s06_the_address_of_the_next_page_is_not_followed(double, connector):
    connector.probe()
    assert {call.host for call in connector.calls} == {double.url.removeprefix("http://")}


def test_trap_a_list_that_is_shorter_than_it_says_is_not_taken_for_whole(connector, monkeypatch):
    told = {"imports": [{"id": "1", "name": "Actuals"}], "meta": {"paging": {"totalSize": 3}}}
    monkeypatch.setattr(type(connector._api), "found", lambda *_args: told)
    with pytest.raises(TransientError, match="1 of 3"):
        connector._api.listed("/imports/", "imports")


def test_trap_an_empty_list_leaves_its_key_out(double, connector):
    loaded(connector)
    fault(double, no_tasks=1)
    assert connector.find_load(dt.datetime.now(dt.UTC).replace(tzinfo=None)) is None
    assert connector._api.listed("/imports/112000000001/tasks", "tasks")


def test_trap_404_is_missing_or_no_access_and_never_no_data(double, connector):
    fault(double, no_access=None)
    with pytest.raises(ConfigurationError, match="no access") as raised:
        connector.begin(1)
    assert raised.value.code == "missing_or_no_access"
    fault(double, hang=0)
    with pytest.raises(ConfigurationError, match="no access"):
        connect(double, view="101000000009").read_back({"x"})


def test_trap_ids_are_texts(connector):
    assert connector._file == "113000000001" and isinstance(connector.load, object)
    with pytest.raises(MalformedPayload):
        from odoo.addons.connector_planning.core.anaplan_api import text

        text({"id": 113000000001}, "id")


@pytest.mark.parametrize(
    "told",
    [
        1785585600000,
        "1785585600000",
        "2026-08-01T12:00:00.000Z",
        "2026-08-01T14:00:00+02:00",
        "2026-08-01 12:00:00.000000+00:00",
    ],
)
def test_trap_times_come_in_many_forms(told):
    assert moment(told).isoformat() == "2026-08-01T12:00:00"


def test_trap_the_status_of_a_model_has_no_envelope(connector):
    assert "the model is Open" in connector.probe()


# Limits and busy models


def test_r18_429_is_tried_again_when_it_says(double, connector):
    fault(double, **{"429_with_retry_after": 1})
    with pytest.raises(TransientError) as raised:
        connector.probe()
    assert raised.value.retry_after == 7


def test_trap_a_busy_model_is_left_alone_for_longer(double, connector):
    uploaded(connector)
    fault(double, busy_once=1)
    with pytest.raises(TransientError, match="busy") as raised:
        connector.load()
    assert raised.value.retry_after >= 60


def test_r17_a_server_that_hangs_is_given_up(double, connector):
    connector.probe()
    fault(double, hang=1)
    connector._api.http.limits = Limits(total=0.3)
    with pytest.raises(TransientError, match="longer than"):
        connector.begin(1)


# Files and tasks


def test_trap_a_file_that_was_left_for_48_hours_is_gone_and_not_assumed(double, connector):
    payloads = list(connector.serialize(iter(YEAR_END)))
    connector.begin(1)
    double.ask("/control/age", hours=49)
    connector._api.http._authorization.renew()
    with pytest.raises(TransientError, match="answered with 404"):
        connector.upload(0, payloads[0])


def test_trap_a_file_is_one_place_for_all_who_load_it(double):
    assert (
        connect(double).place()
        == connect(double, process="Load actuals").place()
        == (f"anaplan/w1/{MODEL.lower()}/113000000001")
    )


def test_trap_an_upload_into_the_file_under_a_running_task_shows_when_reading_back(double, connector):
    uploaded(connector)
    reference = connector.load()
    double.ask("/control/upload", text="Key,Currency,Balance\nsomebody elses,EUR,1\n")
    assert followed(connector, reference).state == "accepted"
    assert connector.read_back(keys()).count == 0


def test_trap_a_start_whose_answer_was_lost_is_found_and_not_made_twice(double, connector):
    uploaded(connector)
    since = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    fault(double, drop_after_start=1)
    with pytest.raises(TransientError) as raised:
        connector.load()
    assert raised.value.facts["sent"]
    (task,) = double.ask("/control/tasks")["tasks"]
    assert connect(double).find_load(since) == task["taskId"]
    assert connect(double).find_load(since, {task["taskId"]}) is None


def test_trap_a_task_of_yesterday_is_not_taken_for_ours(double, connector):
    loaded(connector)
    double.ask("/control/age", hours=1)
    later = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(hours=1)
    connector._api.http._authorization.renew()
    assert connector.find_load(later) is None


def test_a_task_goes_through_its_states(double, connector):
    uploaded(connector)
    reference = connector.load()
    assert [connector.poll(reference).text for _time in range(2)] == ["NOT_STARTED", "IN_PROGRESS"]


def test_trap_a_cancelled_task_has_loaded_nothing(double, connector):
    uploaded(connector)
    fault(double, cancelled=1)
    assert connector.poll(connector.load()).state == "refused"


# Rows that were left out


def test_trap_successful_with_ignored_rows_names_them_from_the_dump(double, connector):
    fault(double, ignore_row=1)
    told = loaded(connector)
    assert (told.state, told.ignored, told.rejects) == ("accepted", 1, {YEAR_END[0].key: "E; Account not in list"})
    assert YEAR_END[0].key in told.dump


def test_trap_the_dump_of_a_process_stands_with_its_step(double):
    fault(double, ignore_row=1)
    assert loaded(connect(double, process="Load actuals")).rejects == {YEAR_END[0].key: "E; Account not in list"}


def test_r20_rows_that_were_ignored_and_nobody_names_are_a_load_in_part(double, connector):
    fault(double, ignore_silently=1)
    told = loaded(connector)
    assert (told.state, told.ignored, told.rejects) == ("partly", 1, {})


def test_r20_a_process_is_not_atomic(double):
    fault(double, fail_second_step=1)
    connector = connect(double, process="Load actuals")
    assert loaded(connector).state == "partly"
    assert connector.read_back(keys()) == totals()


def test_r21_the_dump_is_harvested_at_once_and_gone_48_hours_later(double, connector):
    fault(double, ignore_row=1)
    uploaded(connector)
    reference = connector.load()
    told = followed(connector, reference)
    double.ask("/control/age", hours=49)
    connector._api.http._authorization.renew()
    again = connector.poll(reference)
    assert (again.state, again.dump, again.rejects) == ("partly", "", {})
    assert YEAR_END[0].key in told.dump


def test_r21_the_next_run_takes_the_dump_away(double, connector):
    fault(double, ignore_row=1)
    uploaded(connector)
    first = connector.load()
    followed(connector, first)
    loaded(connector)
    assert connector.poll(first).state == "partly"


def test_an_import_that_fails_has_loaded_nothing(double, connector):
    fault(double, fail_import=1)
    assert loaded(connector).state == "refused"


def test_law_4_a_row_that_is_lost_in_silence_shows_when_reading_back(double, connector):
    fault(double, lose_one_row=1)
    assert loaded(connector).state == "accepted"
    assert connector.read_back(keys()).count == len(YEAR_END) - 1


def test_the_view_is_read_page_by_page_and_freed(double, connector):
    objects = many(2500)
    loaded(connector, objects)
    assert connector.read_back(keys(objects)) == totals(objects)
    assert [entry[0] for entry in asked(double, "/readRequests")][-1] == "DELETE"
    assert len(asked(double, "/pages/")) == 3


@pytest.mark.parametrize(
    ("detail", "count"),
    [
        ({"values": ["ignoredCount", "5", "failedCount", "2"], "occurrences": 0}, 7),
        ({"localMessageText": "3 rows ignored", "occurrences": 3}, 3),
        ({"type": "hierarchyRowsProcessed", "localMessageText": "90 rows successful", "occurrences": 90}, 0),
        ({}, 0),
    ],
)
def test_trap_ignored_rows_are_told_in_two_ways(detail, count):
    assert ignored_rows(detail) == count


@pytest.mark.parametrize("dump", ["", "Account\n1\n", "Key\n", "_Status_,Key\nE\n"])
def test_a_dump_without_our_key_names_nobody(dump):
    assert rejects_of(dump) == {}


# The published specification


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="the published specification is not here")
@pytest.mark.parametrize("settings", [{}, {"process": "Load actuals"}])
def test_every_call_and_answer_keeps_the_published_specification(settings):
    with start("--spec", SPECIFICATION, "--page", "2") as double:
        connector = connect(double, **settings)
        connector.probe()
        fault(double, **({} if settings else {"ignore_row": 1}) or {"hang": 0})
        loaded(connector)
        connector.read_back(keys())
        connector.find_load(dt.datetime.now(dt.UTC).replace(tzinfo=None))
        assert double.ask("/control/violations")["violations"] == []


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="the published specification is not here")
def test_the_strict_mock_notices_what_is_not_in_the_specification():
    with start("--spec", SPECIFICATION) as double:
        connector = connect(double)
        connector._api.put("/files/113000000001/chunks/0", body=b"{}", headers={"Content-Type": "application/json"})
        connector._api.get("/nothing/there")
        wrong = double.ask("/control/violations")["violations"]
        assert len(wrong) == 2 and "a body of application/json" in wrong[0] and "not in the specification" in wrong[1]


def test_figures_travel_as_exact_texts(connector):
    (payload,) = connector.serialize(iter(YEAR_END))
    line = next(row for row in payload.open().read().decode().splitlines() if "550000" in row)
    assert line.startswith("1|BE0477472701|550000|2026-01,") and "123456789012345.66" in line
    assert Decimal("123456789012345.66") == next(o for o in YEAR_END if o.account == "550000").balance
    assert Actual in connector.carries and json.dumps(connector.code)
