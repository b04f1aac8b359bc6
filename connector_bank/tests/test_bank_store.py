"""Statements from an object store, end to end, with a real server that speaks S3."""

import importlib.util
import os
import unittest
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.stores import store
from odoo.addons.finance_integration_governance.core.testing.double import Double

from .common import SAMPLES, BankCase

LOGIN = "key:canary-bank-store"


@unittest.skipUnless(importlib.util.find_spec("moto") and importlib.util.find_spec("s3fs"), "no store to try it with")
@tagged("post_install", "-at_install")
class TestBankStore(BankCase):
    def setUp(self):
        super().setUp()
        self.enterContext(
            patch.dict(os.environ, {"FIN_BANK_STORE": LOGIN, "FIN_ALLOWED_HOSTS": "127.0.0.1"}),
        )
        self.server = Double("s3_server.py")
        self.addCleanup(self.server.stop)
        self.bucket = store("s3", LOGIN, self.server.url, ("127.0.0.1",))
        # A file younger than some seconds may still be on its way.
        self.enterContext(
            patch("odoo.addons.finance_integration_governance.core.location.Location._is_complete", lambda *_args: True)
        )

    def flow_of_store(self, url=None):
        location = f"s3://bank/out?endpoint={url or self.server.url}"
        settings = {"location": location, "credentials": "conf:bank_store"}
        return self.new_flow(self.german | self.french, settings, code="bank-store")

    def deliver(self):
        self.bucket.pipe_file("bank/out/a.xml", (SAMPLES / "two_accounts.xml").read_bytes())

    def test_statements_are_fetched_booked_and_moved_away(self):
        flow = self.flow_of_store()
        self.deliver()
        run = self.run_flow(flow)
        self.assert_state(run, "done", delivered=5)
        self.assertEqual(self.amounts(), [150.0, -40.0, 25.5])
        self.assertEqual(self.bucket.find("bank/out"), ["bank/out/done/a.xml"])

    def test_law_2_an_object_that_comes_again_adds_nothing(self):
        flow = self.flow_of_store()
        for _time in range(2):
            self.deliver()
            run = self.run_flow(flow)
        self.assert_state(run, "done", duplicate=5)
        self.assertEqual(self.bucket.find("bank/out"), ["bank/out/done/a.xml", "bank/out/done/a~2.xml"])

    def test_s06_a_store_inside_that_nobody_allowed_stops_the_run(self):
        with patch.dict(os.environ, {"FIN_ALLOWED_HOSTS": "store.example"}):
            run = self.run_flow(self.flow_of_store())
        self.assertEqual((run.state, run.exception_ids.family), ("failed", "configuration"))
