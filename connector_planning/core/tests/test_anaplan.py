"""Anaplan's traps, one by one, against a double that has them all."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from anaplan_scene import (
    MODEL,
    SPECIFICATION,
    asked,
    connect,
    fault,
    followed,
    keys,
    loaded,
    start,
    totals,
    uploaded,
)
from samples import YEAR_END, many

from odoo.addons.connector_planning.core.actual import Actual
from odoo.addons.connector_planning.core.anaplan import AnaplanActuals
from odoo.addons.connector_planning.core.anaplan_api import moment
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    IntegrationError,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.http_wire import Limits
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

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


@pytest.mark.parametrize(("form", "only"), [("v1", "only_v1"), ("v2", "only_v2")])
def test_trap_a_certificate_signs_with_the_moment_or_without(tmp_path, form, only):
    pem = certificate(tmp_path / "client.pem")
    with start("--certificate", tmp_path / "client.pem") as double:
        fault(double, **{only: None})
        other = {"v1": "v2", "v2": "v1"}[form]
        assert "Anaplan answered" in connect(double, login="certificate", secret=pem, signed_data=form).probe()
        with pytest.raises(ConfigurationError) as raised:
            connect(double, login="certificate", secret=pem, signed_data=other).probe()
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
    path = "/imports/112000000001/tasks"
    assert "tasks" not in connector._api.found(connector._api.get(path), "the import")
    assert connector._api.listed(path, "tasks")
    fault(double, no_tasks=1)
    assert connector._api.listed(path, "tasks") == []


def test_trap_404_is_missing_or_no_access_and_never_no_data(double, connector):
    fault(double, no_access=None)
    with pytest.raises(ConfigurationError, match="no access") as raised:
        connector.begin(1)
    assert raised.value.code == "missing_or_no_access"
    fault(double, hang=0)
    with pytest.raises(ConfigurationError, match="no access"):
        connect(double, view="101000000009").read_back(keys())


def test_trap_ids_are_texts(connector):
    assert connector._file == "113000000001" and isinstance(connector.load, object)
    with pytest.raises(MalformedPayload):
        from odoo.addons.connector_planning.core.answers import text

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


@pytest.mark.parametrize(("name", "status"), [("busy_once", 409), ("locked_once", 423)])
def test_trap_a_busy_or_locked_model_is_left_alone_for_longer(double, connector, name, status):
    uploaded(connector)
    fault(double, **{name: 1})
    with pytest.raises(TransientError, match="busy") as raised:
        connector.load()
    assert raised.value.retry_after >= 60 and raised.value.facts["status"] == status


def test_trap_600_requests_a_minute_are_shared_by_the_connections_of_a_tenant():
    calls, seconds = AnaplanActuals.rate
    assert calls * 60 / seconds == 600 and calls <= 10
    told = [{}, {"base_url": "https://API.anaplan.com/", "workspace": "W1"}, {"model": MODEL, "user": "other"}]
    assert {AnaplanActuals.counted_with(settings) for settings in told} == {"anaplan/api.anaplan.com"}
    assert AnaplanActuals.counted_with({"base_url": "https://eu3.api.anaplan.com"}) == "anaplan/eu3.api.anaplan.com"


def test_r17_a_server_that_hangs_is_given_up(double, connector):
    connector.probe()
    fault(double, hang=1)
    connector._api.http.limits = Limits(total=0.3)
    with pytest.raises(TransientError, match="longer than"):
        connector.begin(1)


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
        wrong = double.ask("/control/violations")["violations"]
        assert not wrong, "\n".join(wrong)


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


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="the published specification is not here")
def test_the_strict_mock_refuses_parameters_and_members_that_are_not_described():
    with start("--spec", SPECIFICATION) as double:
        api = connect(double)._api
        api.get("/files", query={"sort": "name", "colour": "red"})
        api.get("/imports/112000000001", query={"limit": "1"})
        api.get("/imports/112000000001/tasks/T1/dump/chunks", query={"limit": "many"})
        api.post("/files/113000000001", json={"chunkCount": 1, "colour": "red"})
        wrong = "\n".join(double.ask("/control/violations")["violations"])
        for told in (
            "files: no parameter colour",
            "{importId}: no parameter limit",
            "limit is no integer",
            "{fileId}: colour is not described",
        ):
            assert told in wrong
