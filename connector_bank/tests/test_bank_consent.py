"""The way back from the page of a bank, and the whole way by Enable Banking and GoCardless."""

import os
from unittest.mock import patch
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from odoo.tests import HttpCase, tagged

from .api_scene import IBAN, ApiCase, booked, money

KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class WayBack(ApiCase, HttpCase):
    def come_back(self, consent, by="bank-operator"):
        """Whoever said yes is sent back to us by the bank."""
        told = urlsplit(self.go_to_the_bank(consent.link))
        self.authenticate(by, by)
        self.env.flush_all()
        answer = self.url_open(f"{told.path}?{told.query}", allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def consent(self):
        consent = self.ask()
        self.assertEqual(self.come_back(consent).status_code, 303)
        self.assertEqual(consent.state, "valid")
        self.forget_the_first_pull()
        return consent


@tagged("post_install", "-at_install")
class TestWayBack(WayBack):
    def test_whoever_comes_back_sees_how_the_consent_stands(self):
        consent = self.ask()
        answer = self.come_back(consent)
        self.assertEqual((answer.status_code, consent.state), (303, "valid"))
        self.assertTrue(answer.headers["Location"].endswith(f"/odoo/finance-consents/{consent.id}"))

    def test_what_the_address_says_is_not_believed(self):
        consent = self.ask()
        mark = consent.sudo().mark
        self.authenticate("bank-operator", "bank-operator")
        for query in (f"state={mark}", f"state={mark}&consentStatus=valid", f"state={mark}&error=none"):
            self.url_open(f"/finance_integration/consent?{query}", allow_redirects=False)
            self.env.invalidate_all()
            self.assertEqual(consent.state, "asked")

    def test_a_mark_that_nobody_gave_leads_nowhere(self):
        self.ask()
        self.authenticate("bank-operator", "bank-operator")
        for query in ("", "state=", "state=guessed"):
            self.assertEqual(self.url_open(f"/finance_integration/consent?{query}").status_code, 404)

    def test_a_mark_is_good_for_one_way_back(self):
        consent = self.ask()
        mark = consent.sudo().mark
        self.come_back(consent)
        self.assertEqual(self.url_open(f"/finance_integration/consent?state={mark}").status_code, 404)


@tagged("post_install", "-at_install")
class TestEnableBanking(WayBack):
    program, connector_code = "enablebanking_server.py", "bank.enablebanking"

    @classmethod
    def settings(cls):
        told = {"application": "app-1", "key": "conf:enable_key", "bank": "Nordbank", "country": "FI"}
        return {"base_url": cls.double.url, **told, "holder": "business"}

    def setUp(self):
        self.enterContext(patch.dict(os.environ, {"FIN_ENABLE_KEY": PEM}))
        super().setUp()
        self.double.ask("/control/bank", key=PUBLIC)

    def has(self, *rows, **_more):
        account = {"iban": IBAN, "currency": "EUR", "booked": list(rows), "balances": []}
        self.double.ask("/control/bank", accounts={"u1": account})

    def test_the_whole_way_by_enable_banking(self):
        consent = self.consent()
        row = {
            "booking_date": "2026-03-05",
            "transaction_amount": money("12.50"),
            "credit_debit_indicator": "DBIT",
            "status": "BOOK",
            "entry_reference": "A1",
            "remittance_information": ["Invoice 17"],
        }
        self.has(row)
        for _time in range(2):
            run = self.pull()
        self.assert_state(run, "done", duplicate=2, skipped=1)
        self.assertEqual(self.amounts(), [-12.5])
        self.assertEqual(self.used(), {(IBAN, 10): 2})
        self.fails(session_expired=1)
        failed = self.pull()
        self.assertEqual((failed.state, self.codes(failed), consent.state), ("failed", ["consent_expired"], "expired"))


@tagged("post_install", "-at_install")
class TestGoCardless(WayBack):
    program, connector_code = "gocardless_server.py", "bank.gocardless"

    @classmethod
    def settings(cls):
        told = {"secret_id": "conf:cardless_id", "secret_key": "conf:cardless_pair", "institution": "SANDBOX"}
        return {"base_url": cls.double.url, **told}

    def setUp(self):
        told = {"FIN_CARDLESS_ID": "canary-cardless-id", "FIN_CARDLESS_PAIR": "canary-cardless-pair"}
        self.enterContext(patch.dict(os.environ, told))
        super().setUp()
        self.double.ask("/control/bank", secret_id="canary-cardless-id", secret_key="canary-cardless-pair")

    def has(self, *rows, **_more):
        account = {"iban": IBAN, "currency": "EUR", "booked": list(rows), "pending": [], "balances": []}
        self.double.ask("/control/bank", accounts={"a1": account})

    def test_the_whole_way_by_gocardless(self):
        self.consent()
        self.has(booked("2026-03-05", "-12.50", transactionId="T1"))
        for _time in range(2):
            run = self.pull()
        self.assert_state(run, "done", duplicate=2, skipped=1)
        self.assertEqual(self.amounts(), [-12.5])
        self.double.ask("/control/bank", quota=1)
        late = self.pull()
        self.assertEqual((late.state, late.tries), ("queued", 0))
