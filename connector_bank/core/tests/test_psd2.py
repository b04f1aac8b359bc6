"""A bank over NextGenPSD2: what it tells, what it refuses, and how it misbehaves. Against a real server."""

import datetime as dt
import zipfile
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from api_scene import (
    IBAN,
    TODAY,
    Bank,
    account,
    amount,
    balance,
    booked,
    entries,
    pending,
    pulled,
    reports,
)

from odoo.addons.connector_bank.core.bank_api import Wanted
from odoo.addons.finance_integration_governance.core.connector import Payload, Window
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    IntegrationError,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.network import Network


@pytest.fixture(scope="module")
def double():
    bank = Bank()
    yield bank
    bank.double.stop()


@pytest.fixture
def bank(double):
    double.double.ask("/control/reset", all=True)
    return double


# What a bank tells


def test_each_day_is_a_statement_with_its_entries(bank):
    bank.has(
        booked("2026-03-02", "150.00", "A1"), booked("2026-03-02", "-40.00", "A2"), booked("2026-03-04", "5", "A3")
    )
    objects, findings = pulled(bank.consented())
    assert [one.statement for one in objects if one.contract == "bank.statement/1.0"] == ["2026-03-02", "2026-03-04"]
    assert [one.amount for one in entries(objects)] == [Decimal("150.00"), Decimal("-40.00"), Decimal("5")]
    assert {one.account for one in objects} == {IBAN}
    assert not [one for one in findings if one.blocking]


def test_what_an_entry_says_stands_where_camt_has_it(bank):
    told = booked(
        "2026-03-02",
        "-12.50",
        "A1",
        endToEndId="E2E",
        mandateId="M1",
        creditorName="ACME GmbH",
        creditorAccount={"iban": "FR76 3000 6000 0112 3456 7890 189"},
        creditorAgent="SOGEFRPP",
        bankTransactionCode="PMNT-RDDT-ESDD",
        proprietaryBankTransactionCode="105",
        remittanceInformationStructured={"reference": "RF18539007547034"},
        purposeCode="SUPP",
    )
    bank.has(told)
    [one] = entries(pulled(bank.consented())[0])
    assert (one.amount, one.currency, one.booked_on) == (Decimal("-12.50"), "EUR", dt.date(2026, 3, 2))
    assert (one.counterparty, one.counterparty_account) == ("ACME GmbH", "FR7630006000011234567890189")
    assert (one.end_to_end, one.mandate, one.purpose, one.bank_reference) == ("E2E", "M1", "SUPP", "A1")
    assert (one.bank_code, one.proprietary_code) == ("PMNT-RDDT-ESDD", "105")
    assert (one.remittance, one.structured_reference) == ("Invoice 17", "RF18539007547034")


def test_a_batch_whose_details_add_up_is_told_by_detail(bank):
    parts = [{"endToEndId": f"E{n}", "transactionAmount": amount(text)} for n, text in enumerate(("10.00", "5.00"))]
    bank.has(booked("2026-03-02", "15.00", "A1", entryDetails=parts, batchNumberOfTransactions=2))
    found = entries(pulled(bank.consented())[0])
    assert [(one.amount, one.end_to_end, one.detail) for one in found] == [
        (Decimal("10.00"), "E0", 1),
        (Decimal("5.00"), "E1", 2),
    ]


def test_the_pages_are_kept_byte_for_byte_in_one_payload(bank):
    bank.double.ask("/control/bank", pages=2)
    bank.has(
        *[booked("2026-03-02", f"{n}.00", f"A{n}") for n in range(1, 6)], balances=[balance("interimBooked", "15")]
    )
    connector = bank.consented()
    [payload] = connector.extract(Window())
    with payload.open() as first, payload.open() as second:
        assert first.read() == second.read()
    with zipfile.ZipFile(payload.open()) as archive:
        names = archive.namelist()
        page = archive.read("transactions-0003.json")
    assert names == ["pull.json", "balances.json", *(f"transactions-000{n}.json" for n in (1, 2, 3))]
    # The bank writes a blank after each colon; what is made anew would not.
    assert page.startswith(b'{"account": {"iban": "DE')
    assert len([one for one in connector.parse(payload) if getattr(one, "amount", None)]) == 5
    assert len(bank.calls("/transactions")) == 3


def test_two_pulls_of_the_same_days_tell_the_same_facts(bank):
    same = [booked("2026-03-02", "5.00", words="Coffee") for _time in range(2)]
    bank.has(*same, booked("2026-03-03", "7.00", "A1"))
    connector = bank.consented()
    first, second = ({(one.key, one.parent_key) for one in entries(pulled(connector)[0])} for _time in range(2))
    assert first == second and len(first) == 3


def test_two_equal_payments_on_two_pages_are_two(bank):
    bank.double.ask("/control/bank", pages=1)
    bank.has(*[booked("2026-03-02", "5.00", words="Coffee") for _time in range(2)])
    assert len({one.key for one in entries(pulled(bank.consented())[0])}) == 2


def test_a_day_that_grows_keeps_its_statement_and_its_known_entries(bank):
    connector = bank.consented()
    bank.has(booked("2026-03-02", "5.00", words="Coffee"))
    before = pulled(connector)[0]
    bank.has(booked("2026-03-02", "9.00", words="Late"), booked("2026-03-02", "5.00", words="Coffee"))
    after = pulled(connector)[0]
    assert before[0] == after[0] and before[0].key == after[0].key
    assert {one.key for one in entries(before)} < {one.key for one in entries(after)}


def test_what_is_pending_is_kept_beside_and_nothing_of_it_is_final(bank):
    bank.has(booked("2026-03-02", "5.00", "A1"), pending=[booked("2026-03-09", "-8.00", "P1")])
    objects, _findings = pulled(bank.consented())
    assert [one.amount for one in pending(objects)] == [Decimal("-8.00")]
    assert [one.amount for one in entries(objects)] == [Decimal("5.00")]


def test_pending_turned_booked_has_the_same_key_where_the_reference_stays(bank):
    connector = bank.consented()
    bank.has(pending=[booked("2026-03-09", "-8.00", "P1")])
    [before] = pending(pulled(connector)[0])
    bank.has(booked("2026-03-09", "-8.00", "P1"))
    [after] = entries(pulled(connector)[0])
    assert before.key == after.key


def test_a_pull_without_entries_is_evidence_of_its_days(bank):
    bank.has(balances=[balance("closingBooked", "100.00", "2026-03-09")])
    objects, findings = pulled(bank.consented())
    [report] = reports(objects)
    assert objects == [report] and "empty_statement" in {one.code for one in findings}
    assert (report.from_on, report.to_on) == (dt.date(2026, 3, 1), TODAY)
    assert [(one.code, one.amount, one.on) for one in report.balances] == [
        ("CLBD", Decimal("100"), dt.date(2026, 3, 9))
    ]


def test_an_entry_without_any_date_waits_for_a_person(bank):
    bank.has(booked("2026-03-02", "5.00", "A1"))
    connector = bank.consented()
    [payload] = connector.extract(Window())
    connector.told = lambda _name, _page: [("booked", {"transactionAmount": amount("5.00")})]
    assert "date_unknown" in {
        getattr(one, "code", "") for one in connector.parse(payload) if getattr(one, "blocking", 0)
    }


@pytest.mark.parametrize("text", ["1e3", "NaN", "12,50", "--5", "", "٥"])
def test_s13_what_is_no_amount_is_refused_as_a_whole(bank, text):
    bank.has(booked("2026-03-02", text, "A1"))
    with pytest.raises(MalformedPayload):
        pulled(bank.consented())


@pytest.mark.parametrize("trusted", ["entryReference", "transactionId", "none"])
def test_the_trusted_identifier_is_a_setting(bank, trusted):
    bank.has(booked("2026-03-02", "5.00", "A1", transactionId="T1"))
    [one] = entries(pulled(bank.consented(identity=trusted))[0])
    key = {"entryReference": "A1", "transactionId": "T1"}.get(trusted)
    assert one.key == (f"ref1:{IBAN}:{key}" if key else one.alt_key)


@pytest.mark.parametrize("blank", [" ", "NOTPROVIDED", ""])
def test_an_identifier_that_is_only_filled_names_nothing(bank, blank):
    bank.has(booked("2026-03-02", "5.00", entryReference=blank))
    [one] = entries(pulled(bank.consented())[0])
    assert one.key.startswith("fp1:")


# What it is asked


def test_each_call_has_an_identifier_of_its_own_and_the_consent(bank):
    bank.has(booked("2026-03-02", "5.00", "A1"))
    connector = bank.consented()
    pulled(connector)
    calls = bank.calls("/v1/accounts")
    assert len({one["headers"]["x-request-id"] for one in calls}) == len(calls) == 3
    assert {one["headers"]["consent-id"] for one in calls} == {connector.consent}


def test_a_run_never_says_that_a_person_is_there(bank):
    bank.has(booked("2026-03-02", "5.00", "A1"))
    connector = bank.consented()
    connector.ask([IBAN], TODAY, "https://odoo.example/back", "s", psu="192.0.2.7")
    pulled(connector)
    told = {one["path"]: one["headers"].get("psu-ip-address") for one in bank.calls("/v1/")}
    assert told.pop("/v1/consents") == "192.0.2.7"
    assert set(told.values()) == {None}


def test_an_account_that_nobody_wants_is_not_pulled(bank):
    bank.has(booked("2026-03-02", "5.00", "A1"))
    connector = bank.consented()
    connector.wanted = (Wanted("FR7630006000011234567890189", TODAY, TODAY),)
    assert pulled(connector) == ([], [])
    assert bank.calls("/transactions") == []


def test_the_quota_is_asked_before_the_account_is_pulled(bank):
    bank.has(booked("2026-03-02", "5.00", "A1"))
    connector = bank.consented()

    def used(number):
        raise TransientError(f"used up: {number}", code="quota_used")

    connector.take = used
    with pytest.raises(TransientError, match="used up"):
        pulled(connector)
    assert bank.calls("/balances") == []


def test_a_consent_is_asked_for_with_exactly_the_accounts_that_are_booked(bank):
    asked = bank.connector().ask(
        [IBAN], dt.date(2026, 9, 6), "https://odoo.example/back", "canary-state", psu="192.0.2.7"
    )
    told = bank.connector().standing(asked.reference)
    assert asked.link.startswith(bank.double.url) and "/sca/" in asked.link
    assert (told.state, told.valid_until, told.frequency, told.accounts) == ("asked", dt.date(2026, 9, 6), 4, (IBAN,))
    [call] = [one for one in bank.calls("/v1/consents") if one["method"] == "POST"]
    assert call["headers"]["tpp-redirect-uri"] == "https://odoo.example/back?state=canary-state"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("valid", "valid"),
        ("rejected", "refused"),
        ("revokedByPsu", "revoked"),
        ("expired", "expired"),
        ("new", "asked"),
    ],
)
def test_a_consent_stands_as_the_bank_says(bank, status, state):
    bank.says_yes("c1", status)
    assert bank.connector().standing("c1").state == state


def test_a_consent_is_ended_at_the_bank(bank):
    bank.says_yes("c1")
    bank.connector().end("c1")
    assert bank.connector().standing("c1").state == "revoked"


# How it misbehaves


def test_a_consent_that_has_ended_is_told_as_that(bank):
    bank.has(booked("2026-03-02", "5.00", "A1"))
    connector = bank.consented()
    bank.fails(consent_expired=1)
    with pytest.raises(ConfigurationError, match="renewed") as caught:
        pulled(connector)
    # Without a status: the login is fine, so the connection is not left alone.
    assert (caught.value.code, caught.value.facts.get("status")) == ("consent_expired", None)


def test_without_a_consent_nothing_is_asked(bank):
    with pytest.raises(ConfigurationError) as caught:
        pulled(bank.connector())
    assert (caught.value.code, bank.calls()) == ("consent_expired", [])


def test_what_the_bank_has_counted_as_too_much_waits(bank):
    bank.has(booked("2026-03-02", "5.00", "A1"))
    connector = bank.consented()
    bank.fails(access_exceeded=1)
    with pytest.raises(TransientError) as caught:
        pulled(connector)
    assert caught.value.code == "quota_used"


def test_a_bank_that_asks_to_wait_is_heard(bank):
    connector = bank.consented()
    bank.fails(**{"429_with_retry_after": 1})
    with pytest.raises(TransientError) as caught:
        pulled(connector)
    assert (caught.value.code, caught.value.retry_after) == ("transient", 7)


def test_a_page_for_people_is_asked_for_again_later(bank):
    connector = bank.consented()
    bank.fails(html=1)
    with pytest.raises(TransientError) as caught:
        pulled(connector)
    assert caught.value.code == "not_json" and "Maintenance" not in str(caught.value)


def test_pages_that_lead_back_end(bank):
    bank.double.ask("/control/bank", pages=1)
    bank.has(*[booked("2026-03-02", f"{n}.00", f"A{n}") for n in range(3)])
    connector = bank.consented()
    bank.fails(paging_loop=None)
    with pytest.raises(MalformedPayload) as caught:
        pulled(connector)
    assert caught.value.code == "paging_loop" and len(bank.calls("/transactions")) < 4


def test_s06_a_page_that_leads_to_another_host_is_not_followed(bank):
    bank.double.ask("/control/bank", pages=1)
    bank.has(*[booked("2026-03-02", f"{n}.00", f"A{n}") for n in range(3)])
    connector = bank.consented()
    bank.fails(foreign_link=1)
    with pytest.raises(MalformedPayload) as caught:
        pulled(connector)
    assert caught.value.code == "foreign_link"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_part_of_a_pull_is_never_taken_for_all_of_it(bank, share):
    bank.has(booked("2026-03-02", "5.00", "A1"))
    connector = bank.consented()
    [payload] = connector.extract(Window())
    content = payload.open().read()
    part = Payload("part", lambda: BytesIO(content[: int(len(content) * share)]))
    with pytest.raises(MalformedPayload):
        list(connector.parse(part))


def test_s03_a_pull_that_unpacks_to_too_much_is_refused(bank, monkeypatch):
    bank.has(booked("2026-03-02", "5.00", "A1", words="x" * 5000))
    connector = bank.consented()
    [payload] = connector.extract(Window())
    monkeypatch.setattr("odoo.addons.connector_bank.core.pull.MAX_BYTES", 2000)
    with pytest.raises(MalformedPayload, match="more than 2000 bytes"):
        list(connector.parse(payload))


# Certificates


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    bank = Bank("--tls", folder)
    yield bank, folder
    bank.double.stop()


def way(folder, client=True):
    certificate = (folder / "client.pem").read_text() if client else ""
    return Network(authority=(folder / "authority.crt").read_text(), certificate=certificate)


def test_the_client_certificate_of_the_connection_is_shown(secured):
    bank, folder = secured
    connector = bank.connector()
    connector.network = way(folder)
    assert connector.ask([IBAN], TODAY, "https://odoo.example/back", "s").link


def test_without_the_certificate_the_bank_does_not_talk(secured):
    bank, folder = secured
    connector = bank.connector()
    connector.network = way(folder, client=False)
    with pytest.raises(IntegrationError):
        connector.ask([IBAN], TODAY, "https://odoo.example/back", "s")


def test_with_a_seal_each_call_is_signed_over_its_body(bank, secured):
    from base64 import b64decode
    from hashlib import sha256

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    _other, folder = secured
    connector = bank.connector(seal=Path(folder / "client.pem").read_text())
    connector.ask([IBAN], TODAY, "https://odoo.example/back", "s")
    headers = bank.calls("/v1/consents")[0]["headers"]
    told = dict(part.split("=", 1) for part in headers["signature"].split('",'))
    names = told["headers"].strip('"').split()
    assert names == ["digest", "x-request-id", "date", "tpp-redirect-uri"]
    assert len(b64decode(headers["digest"].removeprefix("SHA-256="))) == sha256().digest_size
    known = {**headers, "date": "Tue, 10 Mar 2026 12:00:00 GMT"}
    text = "\n".join(f"{name}: {known[name]}" for name in names).encode()
    key = x509.load_pem_x509_certificate((folder / "client.crt").read_bytes()).public_key()
    key.verify(b64decode(told["signature"].strip('"')), text, padding.PKCS1v15(), hashes.SHA256())


def test_a_seal_that_cannot_be_read_tells_nothing_of_itself(bank):
    with pytest.raises(ConfigurationError) as caught:
        bank.connector(seal="canary-no-seal").ask([IBAN], TODAY, "https://odoo.example/back", "s")
    assert "canary" not in str(caught.value)


def test_the_whole_account_is_refused_where_the_answer_is_none(bank):
    bank.double.ask("/control/bank", accounts={IBAN: account() | {"booked": "everything"}})
    with pytest.raises(IntegrationError):
        pulled(bank.consented())
