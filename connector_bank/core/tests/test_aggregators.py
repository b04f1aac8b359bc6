"""Enable Banking and GoCardless: the same statements as of any bank, against real servers."""

import datetime as dt
import urllib.error
import urllib.request
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from api_scene import IBAN, TODAY, amount, balance, booked, entries, pending, pulled, reports
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from odoo.addons.connector_bank.core.bank_api import Wanted
from odoo.addons.connector_bank.core.enablebanking import EnableBanking
from odoo.addons.connector_bank.core.gocardless import GoCardless
from odoo.addons.finance_integration_governance.core.errors import (
    ConfigurationError,
    MalformedPayload,
    TransientError,
)
from odoo.addons.finance_integration_governance.core.testing.double import Double

KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
BACK = "https://odoo.example/back"


def page_of_the_bank(link):
    """What whoever says yes on the bank's page brings back."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args):
            return None

    opener = urllib.request.build_opener(Stay, urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(link, timeout=10)
    return parse_qs(urlsplit(caught.value.headers["Location"]).query)


class Way:
    """One way to a bank: its double, and a connector with a consent."""

    def __init__(self, double, cls, **settings):
        self.double, self.cls, self.settings = double, cls, settings

    def connector(self, **settings):
        connector = self.cls(base_url=self.double.url, **self.settings, **settings)
        connector.allowed_hosts = ("127.0.0.1",)
        connector.now = lambda: dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
        return connector

    def consented(self, **settings):
        connector = self.connector(**settings)
        asked = connector.ask([IBAN], TODAY + dt.timedelta(days=90), BACK, "canary-state")
        told = page_of_the_bank(asked.link)
        standing = connector.standing(asked.reference, told.get("code", [None])[0])
        assert standing.state == "valid" and standing.valid_until == TODAY + dt.timedelta(days=90)
        connector.consent = standing.reference or asked.reference
        connector.wanted = (Wanted(IBAN, dt.date(2026, 3, 1), TODAY),)
        return connector

    def fails(self, **faults):
        self.double.ask("/control/faults", faults=faults)


@pytest.fixture(scope="module")
def doubles():
    started = {name: Double(f"{name}_server.py") for name in ("enablebanking", "gocardless")}
    yield started
    for double in started.values():
        double.stop()


@pytest.fixture
def enable(doubles):
    double = doubles["enablebanking"]
    double.ask("/control/reset", all=True)
    double.ask("/control/bank", key=PUBLIC)
    return Way(double, EnableBanking, application="app-1", key=PEM, bank="Nordbank", country="FI")


@pytest.fixture
def cardless(doubles):
    double = doubles["gocardless"]
    double.ask("/control/reset", all=True)
    return Way(double, GoCardless, secret_id="id", secret_key="key", institution="SANDBOXFINANCE_SFIN0000")


def row(day, text, side="CRDT", reference=None, status="BOOK", **more):
    return {
        "booking_date": day,
        "transaction_amount": amount(text),
        "credit_debit_indicator": side,
        "status": status,
        "entry_reference": reference,
        "remittance_information": ["Invoice 17"],
        **more,
    }


def enable_has(way, *rows, balances=()):
    account = {"iban": IBAN, "currency": "EUR", "booked": list(rows), "balances": list(balances)}
    way.double.ask("/control/bank", accounts={"u1": account})


def cardless_has(way, *rows, pending=(), balances=()):
    account = {
        "iban": IBAN,
        "currency": "EUR",
        "booked": list(rows),
        "pending": list(pending),
        "balances": list(balances),
    }
    way.double.ask("/control/bank", accounts={"a1": account})


# Enable Banking


def test_enable_banking_tells_the_same_as_any_bank(enable):
    close = {"balance_type": "CLBD", "balance_amount": amount("100.00"), "reference_date": "2026-03-09"}
    more = {"creditor": {"name": "ACME"}, "creditor_account": {"iban": "FR7630006000011234567890189"}}
    enable_has(
        enable,
        row("2026-03-02", "12.50", "DBIT", "A1", **more),
        row("2026-03-09", "3.00", reference="P1", status="PDNG"),
        balances=[close],
    )
    objects, _findings = pulled(enable.consented())
    [one] = entries(objects)
    assert (one.amount, one.bank_reference, one.remittance) == (Decimal("-12.50"), "A1", "Invoice 17")
    assert (one.counterparty, one.counterparty_account) == ("ACME", "FR7630006000011234567890189")
    assert one.key == f"ref1:{IBAN}:A1"
    assert [waiting.amount for waiting in pending(objects)] == [Decimal("3.00")]
    [report] = reports(objects)
    assert [(told.code, told.amount) for told in report.balances] == [("CLBD", Decimal("100.00"))]


def test_enable_banking_is_read_to_its_last_page(enable):
    enable.double.ask("/control/bank", pages=2)
    enable_has(enable, *[row("2026-03-02", f"{n}.00", reference=f"A{n}") for n in range(1, 6)])
    assert len(entries(pulled(enable.consented())[0])) == 5


def test_enable_banking_pages_that_lead_back_end(enable):
    enable.double.ask("/control/bank", pages=1)
    enable_has(enable, *[row("2026-03-02", f"{n}.00", reference=f"A{n}") for n in range(1, 6)])
    connector = enable.consented()
    enable.fails(paging_loop=None)
    with pytest.raises(MalformedPayload) as caught:
        pulled(connector)
    assert caught.value.code == "paging_loop"


def test_enable_banking_takes_no_other_key(enable):
    other = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    enable.settings["key"] = other.decode()
    with pytest.raises(ConfigurationError):
        enable.connector().ask([IBAN], TODAY, BACK, "s")


def test_a_key_that_cannot_be_read_tells_nothing_of_itself(enable):
    enable.settings["key"] = "canary-no-key"
    with pytest.raises(ConfigurationError) as caught:
        enable.connector().ask([IBAN], TODAY, BACK, "s")
    assert "canary" not in str(caught.value)


def test_a_session_that_was_asked_for_and_not_begun_waits(enable):
    connector = enable.connector()
    asked = connector.ask([IBAN], TODAY, BACK, "s")
    assert connector.standing(asked.reference).state == "asked"


def test_a_session_is_closed(enable):
    enable_has(enable)
    connector = enable.consented()
    connector.end(connector.consent)
    assert connector.standing(connector.consent).state == "revoked"


@pytest.mark.parametrize(("fault", "code"), [("session_expired", "consent_expired"), ("rate_limited", "quota_used")])
def test_what_enable_banking_refuses_is_told_as_what_it_is(enable, fault, code):
    enable_has(enable)
    connector = enable.consented()
    enable.fails(**{fault: 1})
    with pytest.raises((ConfigurationError, TransientError)) as caught:
        pulled(connector)
    assert caught.value.code == code


# GoCardless


def test_gocardless_tells_the_same_as_any_bank(cardless):
    told = booked("2026-03-02", "-12.50", creditorName="ACME", transactionId="T1", internalTransactionId="moves")
    cardless_has(
        cardless,
        told,
        pending=[booked("2026-03-09", "3.00")],
        balances=[balance("closingBooked", "100.00", "2026-03-09")],
    )
    objects, _findings = pulled(cardless.consented())
    [one] = entries(objects)
    assert (one.amount, one.counterparty, one.key) == (Decimal("-12.50"), "ACME", f"ref1:{IBAN}:T1")
    assert [waiting.amount for waiting in pending(objects)] == [Decimal("3.00")]
    assert [told.code for told in reports(objects)[0].balances] == ["CLBD"]


def test_an_internal_number_that_moves_names_nothing(cardless):
    connector = cardless.consented()
    keys = []
    for internal in ("one", "two"):
        cardless_has(cardless, booked("2026-03-02", "-12.50", internalTransactionId=internal))
        connector.consent = cardless.consented().consent
        keys += [one.key for one in entries(pulled(connector)[0])]
    assert len(keys) == 2 and keys[0] == keys[1]


def test_gocardless_says_when_the_next_pull_may_be(cardless):
    cardless_has(cardless)
    cardless.double.ask("/control/bank", quota=1)
    connector = cardless.consented()
    pulled(connector)
    with pytest.raises(TransientError) as caught:
        pulled(connector)
    assert (caught.value.code, caught.value.retry_after) == ("quota_used", 39600)


def test_an_agreement_that_has_ended_is_told_as_that(cardless):
    cardless_has(cardless)
    connector = cardless.consented()
    cardless.fails(agreement_expired=1)
    with pytest.raises(ConfigurationError) as caught:
        pulled(connector)
    assert caught.value.code == "consent_expired"


def test_a_token_that_ended_early_is_asked_for_once_more(cardless):
    cardless_has(cardless, booked("2026-03-02", "1.00"))
    connector = cardless.consented()
    cardless.fails(token_refused=1)
    assert len(entries(pulled(connector)[0])) == 1


def test_wrong_secrets_are_an_administrators_matter(cardless):
    cardless.settings["secret_key"] = "canary-other-key"
    with pytest.raises(ConfigurationError):
        cardless.connector().ask([IBAN], TODAY, BACK, "s")
