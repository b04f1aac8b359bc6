"""A simulated bank with an interface, as a process, and a flow that asks it."""

import datetime as dt
import urllib.request
from unittest.mock import patch

from odoo.addons.finance_integration_governance.core.testing.double import Double

from ..core.bank_api import BankApi
from .common import FRENCH, GERMAN, BankCase

IBAN, OTHER = GERMAN.replace(" ", ""), FRENCH.replace(" ", "")
TODAY = dt.date(2026, 3, 10)


def money(text, currency="EUR"):
    return {"currency": currency, "amount": text}


def booked(day, text, reference=None, words="Invoice 17", **more):
    told = {
        "bookingDate": day,
        "valueDate": day,
        "transactionAmount": money(text),
        "remittanceInformationUnstructured": words,
        **more,
    }
    return told | ({"entryReference": reference} if reference else {})


def balance(kind, text, day=None):
    told = {"balanceType": kind, "balanceAmount": money(text)}
    return told | ({"referenceDate": day} if day else {})


class ApiCase(BankCase):
    """The bank's day is 10 March 2026, unless a test moves it."""

    program, connector_code = "psd2_server.py", "bank.psd2"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.double = Double(cls.program)
        cls.addClassCleanup(cls.double.stop)
        cls.flow = cls.new_flow(cls.german, cls.settings(), code="bank-api", connector=cls.connector_code)
        cls.connection = cls.flow.connection_id
        cls.env["fin.audit.seal"]._seal_waiting()

    def setUp(self):
        super().setUp()
        self.double.ask("/control/reset", all=True)
        self.enterContext(patch.dict("os.environ", {"FIN_ALLOWED_HOSTS": "127.0.0.1"}))
        self.enterContext(self.enter_registry_test_mode())
        self.seen = 0
        self.today(TODAY)
        self.has()

    @classmethod
    def settings(cls):
        return {"base_url": cls.double.url}

    def today(self, day):
        """The bank's day and ours."""
        self.double.ask("/control/bank", today=day.isoformat())
        moment = dt.datetime.combine(day, dt.time(12), dt.UTC)
        self.enterContext(patch.object(BankApi, "now", staticmethod(lambda: moment)))
        quota = type(self.env["fin.bank.quota"])
        self.enterContext(patch.object(quota, "_now", lambda _self, zone: moment.astimezone(zone)))
        self.enterContext(patch.object(type(self.env["fin.run"]), "_bank_day_of", lambda _self, _moment: day))
        self.enterContext(patch.object(type(self.env["fin.flow"]), "_bank_today", lambda _self: day))

    def has(self, *entries, iban=IBAN, pending=(), balances=()):
        account = {"currency": "EUR", "booked": list(entries), "pending": list(pending), "balances": list(balances)}
        self.double.ask("/control/bank", accounts={iban: account})

    def fails(self, **faults):
        self.double.ask("/control/faults", faults=faults)

    def calls(self, path):
        return [one for one in self.double.ask("/control/log")[self.seen :] if path in one["path"]]

    def ask(self):
        """An administrator asks for a consent; the holder has not been to the bank yet."""
        action = self.connection.with_user(self.operator).action_ask_consent()
        return self.env["fin.consent"].browse(action["res_id"])

    def consent(self):
        """The holder has said yes on the page of the bank, and somebody looked."""
        consent = self.ask()
        self.go_to_the_bank(consent.link)
        consent.with_user(self.operator).action_look()
        self.forget_the_first_pull()
        return consent

    def forget_the_first_pull(self):
        """Once there is a consent everything is pulled at once; a test begins after that, with a new day's quota."""
        self.advance()
        self.double.ask("/control/bank", used={})
        self.seen = len(self.double.ask("/control/log"))
        self.env.cr.execute("DELETE FROM fin_bank_quota; DELETE FROM fin_bank_day")
        self.env.invalidate_all()

    def go_to_the_bank(self, link):
        """The page of the bank; returns where it sends the browser."""

        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_args):
                return None

        opener = urllib.request.build_opener(Stay, urllib.request.ProxyHandler({}))
        try:
            opener.open(link, timeout=10)
        except urllib.error.HTTPError as told:
            return told.headers["Location"]
        return None

    def advance(self):
        """One call of the lane's cron; the registry is in test mode already."""
        self.env.flush_all()
        self.env["fin.engine"]._cron_advance("batch")
        self.env.invalidate_all()

    def pull(self):
        """One run of the flow, in the hands of the cron."""
        return self.run_flow(self.flow)

    def days(self, state=None):
        found = self.env["fin.bank.day"].search([("flow_id", "=", self.flow.id)])
        return sorted(day.on.day for day in found if state in (None, day.state))

    def used(self):
        return {(quota.account, quota.on.day): quota.used for quota in self.env["fin.bank.quota"].search([])}
