import json
from decimal import Decimal

import pytest
from samples import REFUSED, YEAR_END, many

from odoo.addons.connector_planning.core.planning_api import PlanningApi
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DuplicateConflict,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.http_wire import Limits
from odoo.addons.finance_integration_governance.core.testing.destination_contract import DestinationContract
from odoo.addons.finance_integration_governance.core.testing.double import Double
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

TOKEN = "canary-planning-token"


def connect(double, **settings):
    connector = PlanningApi(base_url=double.url, token=TOKEN, **settings)
    connector.allowed_hosts = ("127.0.0.1",)
    return connector


def payloads(connector, objects=YEAR_END):
    return list(connector.serialize(iter(objects)))


@pytest.fixture
def double():
    with Double("planning_server.py", "--token", TOKEN, "--seconds", "0.2") as started:
        yield started


@pytest.fixture
def connector(double):
    return connect(double)


class TestPlanningApi(DestinationContract):
    sample = YEAR_END
    refused = REFUSED

    @pytest.fixture
    def connector(self, double):
        return connect(double, chunk=4)


def test_a_chunk_holds_no_more_cells_than_the_setting_says(double):
    made = payloads(connect(double, chunk=1000), many(2001))
    assert [len(payload.keys) for payload in made] == [1000, 1000, 1]
    assert [payload.name for payload in made] == ["actuals-00001.json", "actuals-00002.json", "actuals-00003.json"]


@pytest.mark.parametrize("chunk", [-1, 10_001])
def test_a_senseless_chunk_is_refused(double, chunk):
    with pytest.raises(ConfigurationError, match="cells per request"):
        payloads(connect(double, chunk=chunk))


def test_amounts_travel_as_exact_texts(connector):
    cell = json.loads(payloads(connector)[0].open().read())["cells"][3]
    assert cell["debit"] == "123456789012345.67" and cell["balance"] == "123456789012345.66"


def test_many_cells_are_read_back_page_by_page(double):
    connector = connect(double, chunk=1500)
    (payload,) = payloads(connector, many(1500))
    receipt = connector.send(payload, "k")
    assert connector.confirm(["k"]).differences(payload.totals) == []
    assert (
        len([call for call in connector.calls if call.path.startswith(f"/v1/imports/{receipt.reference}/cells")]) == 4
    )


def test_a_later_import_of_the_same_cells_takes_them_over(connector):
    (payload,) = payloads(connector)
    connector.send(payload, "first")
    connector.send(payload, "second")
    assert connector.confirm(["second"]) == payload.totals
    assert connector.confirm(["first"]) == ControlTotals()


def test_a_lost_row_is_seen_when_asking_back(double, connector):
    double.ask("/control/faults", faults={"lose_one_row": 1})
    (payload,) = payloads(connector)
    receipt = connector.send(payload, "k")
    assert receipt.state == "accepted" and not receipt.rejects
    measures = [measure for measure, _ours, _theirs in connector.confirm(["k"]).differences(payload.totals)]
    assert measures == ["count", "hash", "USD"]


def test_a_swapped_sign_is_seen_when_asking_back(double, connector):
    double.ask("/control/faults", faults={"swapped_sign": 1})
    (payload,) = payloads(connector)
    connector.send(payload, "k")
    swapped = connector.confirm(["k"])
    assert swapped.count == payload.totals.count and swapped.hash_total == payload.totals.hash_total
    assert payload.totals.amount("EUR") - swapped.amount("EUR") == Decimal("19999.00")


def test_refused_rows_are_named_and_the_rest_is_held(double, connector):
    double.ask("/control/faults", faults={"reject_row": 1})
    (payload,) = payloads(connector)
    assert connector.send(payload, "k").rejects == {YEAR_END[0].key: "unknown account"}
    assert connector.confirm(["k"]).count == len(YEAR_END) - 1


def test_a_payload_refused_as_a_whole_is_refused(connector):
    (payload,) = payloads(connector, REFUSED)
    assert connector.send(payload, "k").state == "refused"
    assert connector.confirm(["k"]) == ControlTotals()


def test_r06_the_same_key_with_other_content_is_a_conflict(connector):
    first, second = payloads(connector)[0], payloads(connector, YEAR_END[:2])[0]
    connector.send(first, "k")
    with pytest.raises(DuplicateConflict):
        connector.send(second, "k")
    assert connector.confirm(["k"]).differences(first.totals) == []


def test_law_2_after_a_lost_answer_the_effect_is_found_by_its_key(double, connector):
    double.ask("/control/faults", faults={"drop_connection_after_store": 1})
    (payload,) = payloads(connector)
    with pytest.raises(TransientError) as raised:
        connector.send(payload, "k")
    assert raised.value.facts["sent"]
    assert connector.confirm(["k"]).differences(payload.totals) == []
    received = [r for r in double.ask("/control/log")["requests"] if r["method"] == "POST"]
    assert [(r["key"], r["status"]) for r in received] == [("k", None)]


def test_law_2_what_never_arrived_is_not_confirmed(double, connector):
    double.ask("/control/faults", faults={"drop_connection": 1})
    (payload,) = payloads(connector)
    with pytest.raises(TransientError):
        connector.send(payload, "k")
    assert connector.confirm(["k"]) == ControlTotals()


def test_r18_a_busy_system_is_tried_again_when_it_asked_for(double, connector):
    double.ask("/control/faults", faults={"503_once": 1, "429_with_retry_after": 1}, seconds=7)
    (payload,) = payloads(connector)
    waits = []
    for _time in range(2):
        with pytest.raises(TransientError) as raised:
            connector.send(payload, "k")
        waits.append(raised.value.retry_after)
    assert waits == [None, 7] and connector.send(payload, "k").state == "accepted"


def test_r18_a_rejected_token_needs_an_administrator(double, connector):
    double.ask("/control/faults", faults={"401": None})
    with pytest.raises(ConfigurationError) as raised:
        connector.probe()
    assert raised.value.facts["status"] == 401 and TOKEN not in str(raised.value)


@pytest.mark.parametrize("fault", ["hang", "slow"])
def test_r17_a_system_that_does_not_answer_is_given_up(double, connector, fault):
    double.ask("/control/faults", faults={fault: 1}, seconds=30)
    connector._http.limits = Limits(total=0.3)
    with pytest.raises(TransientError, match="longer than"):
        connector.probe()


def test_s04_a_packed_bomb_is_refused(double, connector):
    double.ask("/control/faults", faults={"gzip_bomb": 1})
    with pytest.raises(MalformedPayload, match="more than"):
        connector.probe()


def test_the_double_keeps_its_state_over_a_restart(tmp_path):
    arguments = ("planning_server.py", "--token", TOKEN, "--state", tmp_path / "planning.sqlite")
    with Double(*arguments) as before:
        (payload,) = payloads(connect(before))
        receipt = connect(before).send(payload, "k")
    with Double(*arguments) as after:
        assert connect(after).send(payload, "k") == receipt
        assert connect(after).confirm(["k"]).differences(payload.totals) == []


def test_the_double_sums_up_what_it_holds(double, connector):
    connector.send(payloads(connector)[0], "k")
    totals = connector._http.get("/v1/totals", query={"company": "BE0477472701", "period": "2025-12"}).json()
    assert totals == {"count": 3, "currencies": {"EUR": {"debit": "12100", "credit": "14200.5", "balance": "-2100.5"}}}


def test_an_answer_that_is_no_planning_systems_is_malformed(connector):
    from odoo.addons.connector_planning.core import planning_api as module

    for broken in ([], {"rejected": 1}, {"rejected": [1]}, {"rejected": [{"row": 99}]}, {"rejected": [{"row": [0]}]}):
        with pytest.raises(MalformedPayload):
            module._rejects(payloads(connector)[0], broken)
    with pytest.raises(MalformedPayload):
        module._next({"next": "5"}, ["", "5"])
