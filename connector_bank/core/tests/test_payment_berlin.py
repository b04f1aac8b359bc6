"""Payments over NextGenPSD2: posted once, never posted again by a machine, and asked about. Against a real server."""

from pathlib import Path

import pytest
from payment_scene import debit, payment

from odoo.addons.connector_bank.core.payment_berlin import BerlinPayments, BerlinStatus
from odoo.addons.finance_integration_governance.core.connector import Payload, Window
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    DataError,
    IntegrationError,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.testing.destination_contract import DestinationContract
from odoo.addons.finance_integration_governance.core.testing.double import Double

KEY = "0190f0a1-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
def double():
    with Double("payments_server.py") as double:
        yield double


@pytest.fixture
def bank(double):
    double.ask("/control/reset", all=True)
    return double


def connected(cls, bank, **more):
    connector = cls(base_url=bank.url, **more)
    connector.allowed_hosts = ("127.0.0.1",)
    return connector


@pytest.fixture
def connector(bank):
    return connected(BerlinPayments, bank)


class TestBerlinPayments(DestinationContract):
    sample = (payment(1), payment(2), payment(3, batch="PAY-000124"))

    @pytest.fixture
    def connector(self, bank):
        return connected(BerlinPayments, bank)


def made(connector, *payments):
    (payload,) = connector.serialize(iter(payments or (payment(1), payment(2))))
    return payload


def test_a_batch_is_a_bulk_and_a_payment_is_one(bank, connector):
    bulk, single = made(connector), made(connector, payment(1))
    assert connector.send(bulk, KEY).reference.startswith("bulk-payments/pain.001-sepa-credit-transfers/")
    assert connector.send(single, KEY[:-1] + "2").reference.startswith("payments/pain.001-sepa-credit-transfers/")
    assert [one["count"] for one in bank.ask("/control/payments")] == [2, 1]


def test_the_key_of_the_payload_is_the_identification_of_the_request(bank, connector):
    connector.send(made(connector), KEY)
    (call,) = [one for one in bank.ask("/control/log") if one["method"] == "POST"]
    assert call["headers"]["x-request-id"] == KEY


def test_what_the_bank_holds_is_read_back_by_the_receipt(connector):
    payload = made(connector)
    receipt = connector.send(payload, KEY)
    assert connector.confirm([receipt.reference]).differences(payload.totals) == []
    assert connector.confirm([receipt.reference, KEY, receipt.reference]).differences(payload.totals) == []
    assert connector.confirm([KEY]).count == 0
    assert not connector.proves and not connector.proves_absence


@pytest.mark.parametrize("fault", ["reply_lost", "500_after", "no_payment_id"])
def test_law_2_where_the_answer_is_lost_nobody_knows_and_it_is_said(bank, connector, fault):
    bank.ask("/control/faults", faults={fault: 1})
    with pytest.raises(IntegrationError) as error:
        connector.send(made(connector), KEY)
    assert error.value.facts["sent"] is True
    assert len(bank.ask("/control/payments")) == 1


def test_the_same_request_again_is_answered_as_the_first_time(bank, connector):
    bank.ask("/control/faults", faults={"reply_lost": 1})
    payload = made(connector)
    with pytest.raises(TransientError):
        connector.send(payload, KEY)
    first, second = connector.send(payload, KEY), connector.send(payload, KEY)
    assert first == second and len(bank.ask("/control/payments")) == 1


def test_a_refusal_is_a_receipt_with_the_banks_words(bank, connector):
    bank.ask("/control/faults", faults={"refused": 1})
    receipt = connector.send(made(connector), KEY)
    assert receipt.state == "refused" and set(receipt.rejects) == {"PAY-000123-1", "PAY-000123-2"}
    assert set(receipt.rejects.values()) == {"PRODUCT_INVALID not for this account"}
    assert bank.ask("/control/payments") == []


def test_a_rejected_status_is_a_refusal(bank, connector):
    bank.ask("/control/bank", status="RJCT")
    assert connector.send(made(connector), KEY).state == "refused"


def test_who_is_not_allowed_has_sent_nothing(bank, connector):
    bank.ask("/control/faults", faults={"not_allowed": 1})
    with pytest.raises(ConfigurationError) as error:
        connector.send(made(connector), KEY)
    assert error.value.facts["sent"] is False


def test_a_bank_that_asks_to_wait_has_taken_nothing(bank, connector):
    bank.ask("/control/faults", faults={"429_with_retry_after": 1})
    with pytest.raises(TransientError) as error:
        connector.send(made(connector), KEY)
    assert error.value.code == "rate_limited" and error.value.facts["sent"] is False


def test_debits_do_not_go_this_way(connector):
    with pytest.raises(DataError):
        made(connector, debit(1))


# Status


def asked(bank, *wanted):
    source = connected(BerlinStatus, bank)
    source.wanted = wanted
    return source, list(source.extract(Window()))


def test_a_status_is_told_of_the_message_that_was_sent(bank, connector):
    payload = made(connector)
    reference = connector.send(payload, KEY).reference
    bank.ask("/control/bank", status="ACSC")
    source, (page,) = asked(bank, (reference, "PAY-000123-23519a43"))
    (status,) = source.parse(page)
    assert (status.level, status.status, status.original_message) == ("message", "ACSC", "PAY-000123-23519a43")
    assert status.scope == "PAY-000123-23519a43" and page.name.endswith(".json")


def test_the_same_status_again_has_the_same_key_and_another_one_another(bank, connector):
    reference = connector.send(made(connector), KEY).reference
    keys = []
    for state in ("ACTC", "ACTC", "ACSC"):
        bank.ask("/control/bank", status=state)
        source, (page,) = asked(bank, (reference, "M"))
        keys += [one.key for one in source.parse(page)]
    assert keys[0] == keys[1] != keys[2]


def test_a_status_may_come_as_pain_002(bank, connector):
    payload = made(connector)
    reference = connector.send(payload, KEY).reference
    bank.ask("/control/bank", status="PART", as_xml=True)
    source, (page,) = asked(bank, (reference, "M"))
    (status,) = source.parse(page)
    assert (status.status, status.original_message) == ("PART", payload.name.removesuffix(".xml"))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"reference": "a"}', b'{"answer": "{}", "message": "M", "reference": "a"}']
)
def test_what_is_no_status_is_refused(content, bank, tmp_path):
    path = Path(tmp_path, "page")
    path.write_bytes(content)
    source, _pages = asked(bank)
    with pytest.raises(MalformedPayload):
        list(source.parse(Payload("page", lambda: path.open("rb"))))


def test_a_receipt_of_another_kind_of_connection_is_not_asked_about(bank):
    with pytest.raises(ConfigurationError):
        asked(bank, ("../accounts/1", "M"))


def test_the_probe_asks_for_a_payment_that_nobody_has(bank):
    assert "404" in connected(BerlinStatus, bank).probe()
