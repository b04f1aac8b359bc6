"""Approved payments as files where a bank fetches them, and over its interface: end to end, with real counterparts."""

import os
from contextlib import nullcontext
from decimal import Decimal
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.testing.double import Double
from odoo.addons.finance_integration_governance.core.testing.evidence_pack import EvidencePackInHand
from odoo.addons.finance_integration_governance.models.writer import by_program

from ..core.pain_check import check
from ..core.pain_schema import validate
from ..core.payment_berlin import BerlinStatus
from .common import LONG_AGO, SAMPLES
from .payment_flow_scene import PaymentFlowCase

PASSWORD = "canary-bank-password"


@tagged("post_install", "-at_install")
class TestPaymentChannels(EvidencePackInHand, PaymentFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls.person("auditor", "group_auditor")

    def setUp(self):
        super().setUp()
        self.outbox = self.inbox / "payments"
        self.outbox.mkdir()

    def by(self, connector, of="fin.object.payment", **settings):
        """An approved flow of this connector; payments of the journal leave by it from now on."""
        connection = self.env["fin.connection"].create(
            {
                "name": f"Bank by {connector}",
                "code": connector.replace(".", "-"),
                "company_id": self.company.id,
                "connector_id": self.env["fin.connector"].search([("code", "=", connector)]).id,
                "settings": settings,
            }
        )
        people = {"owner": self.operator, "deputy": self.second}
        flow = self.env["fin.flow"].create(
            {
                "name": f"Payments by {connector}",
                "code": connection.code,
                "company_id": self.company.id,
                "connection_id": connection.id,
                "object": of,
                "role_ids": [Command.create({"role": role, "user_id": user.id}) for role, user in people.items()],
                "tz": "Europe/Berlin",
                "not_provable": connector == "payment.berlin",
            }
        )
        flow.action_prefill()
        if of == "fin.object.payment":
            self.german.fin_payment_flow_id = flow
            flow.invalidate_recordset()
        version = self.env["fin.version"].with_user(self.operator)._propose(flow.with_user(self.operator))
        version.action_submit()
        by_program(version.with_user(self.second))._approve()
        self.flow = flow
        return flow

    def the_file(self):
        [path] = self.outbox.iterdir()
        return path

    def assert_holds(self, path, batch):
        """Valid, and just the payments of the batch."""
        with path.open("rb") as stream:
            validate(stream, "pain.001.001.09")
        with path.open("rb") as stream:
            checked = check(stream)
        self.assertEqual(checked.findings, [])
        self.assertEqual((checked.totals.count, checked.message.sum), (batch.count, Decimal(str(batch.amount))))

    def test_a_batch_becomes_a_valid_file_and_its_run_ties(self):
        self.by("payment.pain001", location=self.outbox.as_uri())
        batch = self.released(100.0, 250.5)
        self.work()
        run = batch.run_id
        self.assertEqual((batch.state, run.state, run.delivered), ("sent", "done", 2), run.last_error)
        self.assertEqual(run.reconciliation_state, "tied")
        self.assert_holds(self.the_file(), batch)
        self.assertIn(run.payload_ids.uid, self.the_file().name)
        self.assertTrue(self.the_file().name.startswith(f"{batch.name}-"))

    def test_an_evidence_pack_makes_the_same_file_again_without_libraries(self):
        self.by("payment.pain001", location=self.outbox.as_uri())
        batch = self.released(100.0, 250.5)
        self.work()
        with patch.object(self, "enter_registry_test_mode", nullcontext):  # it is entered already
            folder = self.unpacked_pack(self.flow)
        counts = self.reperformed(folder)
        self.assertEqual((counts["payloads"], counts["items"]), (1, 2), batch.run_id.last_error)

    def test_a_batch_goes_to_an_sftp_server(self):
        self.enterContext(patch.dict(os.environ, {"FIN_BANK_PASSWORD": PASSWORD}))
        server = Double("sftp_server.py", "--root", self.inbox, "--user", "bank", "--password", PASSWORD)
        self.addCleanup(server.stop)
        where = {"location": f"{server.url}payments", "hostkey": server.ready["hostkey"]}
        self.by("payment.pain001", credentials="conf:bank_password", **where)
        batch = self.released(100.0)
        self.work()
        self.assertEqual((batch.state, batch.run_id.state), ("sent", "done"), batch.run_id.last_error)
        self.assert_holds(self.the_file(), batch)

    def test_law_2_where_the_file_cannot_be_put_nothing_has_left_and_it_is_tried_again(self):
        self.by("payment.pain001", location=self.outbox.as_uri())
        batch = self.released(100.0)
        self.outbox.rename(self.inbox / "away")
        self.work()
        self.assertIn(batch.state, ("released", "approved"))
        self.assertNotIn("unknown", batch.run_id.attempt_ids.mapped("state"))
        (self.inbox / "away").rename(self.outbox)
        self.assertEqual(list(self.outbox.iterdir()), [])

    def test_a_batch_is_posted_to_a_banks_interface_once(self):
        bank = Double("payments_server.py")
        self.addCleanup(bank.stop)
        self.by("payment.berlin", base_url=bank.url)
        batch = self.released(100.0, 200.0)
        self.work()
        self.assertEqual((batch.state, batch.run_id.state), ("sent", "done"), batch.run_id.last_error)
        [held] = bank.ask("/control/payments")
        self.assertEqual(held["count"], 2)
        self.assertTrue(batch.run_id.attempt_ids.reference.startswith("bulk-payments/pain.001-"))

    def test_law_8_a_lost_answer_leaves_the_batch_in_doubt_and_posts_nothing_again(self):
        bank = Double("payments_server.py")
        self.addCleanup(bank.stop)
        self.by("payment.berlin", base_url=bank.url)
        bank.ask("/control/faults", faults={"reply_lost": 1})
        batch = self.released(100.0)
        for _time in range(3):
            self.work()
        self.assertEqual(batch.state, "unknown", batch.run_id.last_error)
        posts = [one for one in bank.ask("/control/log") if one["method"] == "POST"]
        self.assertEqual((len(posts), len(bank.ask("/control/payments"))), (1, 1))

    # Status back

    def read_back(self, flow):
        run = flow.with_user(self.operator)._request_run("hand").with_env(self.env)
        self.work()
        return run

    def test_a_report_in_a_file_settles_one_payment_and_opens_the_bill_of_another(self):
        self.by("payment.pain001", location=self.outbox.as_uri())
        batch = self.released(100.0, 250.5)
        self.work()
        message = self.the_file().name.partition("_")[0]
        inbox = self.inbox / "reports"
        inbox.mkdir()
        back = self.by("status.pain002", "fin.object.payment_status", location=inbox.as_uri())
        first, second = batch.line_ids
        report = (SAMPLES / "payments" / "partly_rejected.xml").read_text()
        report = report.replace("PAY-000123-23519a43", message).replace("PAY-000123-2<", f"{first.end_to_end_id}<")
        report = report.replace("00000000-0000-4000-8000-000000000002", first.uetr).replace(">12.50<", ">100.00<")
        report = report.replace("<DtldNbOfTxs>2<", "<DtldNbOfTxs>1<")
        path = inbox / "report.xml"
        path.write_text(report)
        os.utime(path, (LONG_AGO, LONG_AGO))
        run = self.read_back(back)
        self.assertEqual((run.state, first.state, batch.state), ("done", "rejected", "partly"), run.last_error)
        self.assertEqual(second.state, "sent")
        self.assertIn("The account is closed", " ".join(filter(None, first.timeline_ids.mapped("summary"))))
        self.assertEqual(first.move_line_ids.move_id.amount_residual, 100.0)

    def test_a_banks_interface_is_asked_what_became_of_what_it_was_given(self):
        bank = Double("payments_server.py")
        self.addCleanup(bank.stop)
        self.by("payment.berlin", base_url=bank.url)
        batch = self.released(100.0, 200.0)
        self.work()
        settings = {"base_url": bank.url}
        asking = self.payment_flow("pay-ask", BerlinStatus, "fin.object.payment_status", settings=settings)
        for status in ("ACCP", "ACSC"):
            bank.ask("/control/bank", status=status, as_xml=True)
            run = asking.with_user(self.operator)._request_run("hand").with_env(self.env)
            self.work()
            self.assertEqual(run.state, "done", f"{run.last_error} {run.exception_ids.mapped('text')}")
        self.assertEqual((batch.state, set(batch.line_ids.mapped("state"))), ("settled", {"settled"}))
        asked = len(bank.ask("/control/log"))
        self.assertEqual(self.read_back(asking).state, "done")
        self.assertEqual(len(bank.ask("/control/log")), asked, "of what is settled nobody asks again")
