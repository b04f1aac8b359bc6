"""Simulated bank interfaces as processes, and connectors that speak to them."""

import datetime as dt

from odoo.addons.connector_bank.core.bank_api import Wanted
from odoo.addons.connector_bank.core.psd2 import Psd2
from odoo.addons.finance_integration_governance.core.connector import Window
from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.testing.double import Double

IBAN = "DE89370400440532013000"
TODAY = dt.date(2026, 3, 10)


def amount(text, currency="EUR"):
    return {"currency": currency, "amount": text}


def booked(day, text, reference=None, words="Invoice 17", **more):
    told = {
        "bookingDate": day,
        "valueDate": day,
        "transactionAmount": amount(text),
        "remittanceInformationUnstructured": words,
        **more,
    }
    return told | ({"entryReference": reference} if reference else {})


def balance(kind, text, day=None):
    told = {"balanceType": kind, "balanceAmount": amount(text)}
    return told | ({"referenceDate": day} if day else {})


def account(*entries, pending=(), balances=(), currency="EUR"):
    return {"currency": currency, "booked": list(entries), "pending": list(pending), "balances": list(balances)}


class Bank:
    """A double with a consent that its customer has said yes to."""

    def __init__(self, *options):
        self.double = Double("psd2_server.py", *options)
        self.asked = []

    def has(self, *entries, **more):
        self.double.ask("/control/bank", accounts={IBAN: account(*entries, **more)})

    def fails(self, **faults):
        self.double.ask("/control/faults", faults=faults)

    def connector(self, cls=Psd2, **settings):
        connector = cls(base_url=self.double.url, **settings)
        connector.allowed_hosts = ("127.0.0.1",)
        connector.now = lambda: dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
        return connector

    def consented(self, **settings):
        connector = self.connector(**settings)
        connector.consent = connector.ask(
            [IBAN], TODAY + dt.timedelta(days=180), "https://odoo.example/back", "s"
        ).reference
        self.says_yes(connector.consent)
        connector.wanted = (Wanted(IBAN, dt.date(2026, 3, 1), TODAY),)
        return connector

    def says_yes(self, consent, status="valid"):
        self.double.ask("/control/bank", consents={consent: {**self.known(consent), "consentStatus": status}})

    def known(self, consent):
        return {"access": {"accounts": [{"iban": IBAN}]}, "validUntil": "2026-09-06", "frequencyPerDay": 4}

    def calls(self, path=""):
        return [one for one in self.double.ask("/control/log") if path in one["path"]]


def pulled(connector):
    """(objects, findings) of everything that the interface gives."""
    told = [one for payload in connector.extract(Window()) for one in connector.parse(payload)]
    return [one for one in told if not isinstance(one, Finding)], [one for one in told if isinstance(one, Finding)]


def entries(objects):
    return [one for one in objects if one.contract.startswith("bank.entry/")]


def reports(objects):
    return [one for one in objects if one.contract.startswith("bank.report/")]


def pending(objects):
    return [one for one in objects if one.contract.startswith("bank.provisional/")]
