"""Statements from a bank's SFTP server, end to end, with a real server."""

import os
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.testing.double import Double

from .common import BankCase

PASSWORD = "canary-bank-password"


@tagged("post_install", "-at_install")
class TestBankSftp(BankCase):
    def setUp(self):
        super().setUp()
        self.enterContext(patch.dict(os.environ, {"FIN_BANK_PASSWORD": PASSWORD}))
        self.server = Double("sftp_server.py", "--root", self.inbox, "--user", "bank", "--password", PASSWORD)
        self.addCleanup(self.server.stop)
        self.outbox = self.inbox / "out"
        self.outbox.mkdir()

    def sftp_flow(self, **settings):
        told = {
            "location": f"{self.server.url}out",
            "credentials": "conf:bank_password",
            "hostkey": self.server.ready["hostkey"],
        }
        return self.new_flow(self.german | self.french, {**told, **settings}, code="bank-sftp")

    def test_statements_are_fetched_booked_and_moved_away(self):
        flow = self.sftp_flow()
        self.put("a.xml", "two_accounts", folder=self.outbox)
        run = self.run_flow(flow)
        self.assert_state(run, "done", delivered=5)
        self.assertEqual(self.amounts(), [150.0, -40.0, 25.5])
        self.assertEqual([path.name for path in (self.outbox / "done").iterdir()], ["a.xml"])
        self.assertEqual([path.name for path in self.outbox.iterdir()], ["done"])

    def test_law_2_a_file_that_comes_again_adds_nothing(self):
        flow = self.sftp_flow()
        for _time in range(2):
            self.put("a.xml", "two_accounts", folder=self.outbox)
            run = self.run_flow(flow)
        self.assert_state(run, "done", duplicate=5)
        self.assertEqual(sorted(path.name for path in (self.outbox / "done").iterdir()), ["a.xml", "a~2.xml"])
        self.assertEqual(len(self.lines()), 3)

    def test_s18_a_server_with_another_key_gets_nothing_and_the_run_fails(self):
        flow = self.sftp_flow(hostkey="SHA256:" + "A" * 43)
        self.put("a.xml", "two_accounts", folder=self.outbox)
        run = self.run_flow(flow)
        self.assertEqual((run.state, self.codes(run)), ("failed", ["hostkey_changed"]))
        self.assertEqual(run.exception_ids.family, "configuration")
        self.assertEqual([path.name for path in self.outbox.iterdir()], ["a.xml"])

    def test_a_server_that_is_away_is_tried_again_later(self):
        flow = self.sftp_flow()
        self.put("a.xml", "two_accounts", folder=self.outbox)
        self.server.stop()
        run = self.run_flow(flow)
        self.assertEqual((run.state, run.tries), ("queued", 1))
        self.assertTrue(run.not_before)

    def test_the_connection_is_tested_with_a_real_call(self):
        connection = self.sftp_flow().connection_id
        self.put("a.xml", "two_accounts", folder=self.outbox)
        self.assertIn("1 files fit *.xml", connection._answer())
        self.assertNotIn(PASSWORD, connection._answer())
