"""A connection that does not answer is left alone, tried by one run, and its owner is told once."""

import datetime as dt
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, TransientError

from .common import LawScene, fact, trouble


@tagged("post_install", "-at_install")
class TestCircuit(LawScene, TransactionCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.clock = fields.Datetime.now()
        self.enterContext(patch.object(fields.Datetime, "now", lambda *_args: self.clock))

    def circuit(self, code="list-law"):
        return self.env["fin.circuit"].search([("code", "=", code)])

    def told(self):
        found = [("code", "=", "connection_down"), ("state", "=", "open")]
        return self.env["fin.exception"].search(found)

    def again(self, run, seconds):
        """So much later, once more."""
        self.clock += dt.timedelta(seconds=seconds)
        return self.advance(run)

    def fail(self, times):
        """A run that fails so many times in a row, an hour apart."""
        with trouble(TransientError("nobody answers", status=503)):
            run = self.start()
            for _time in range(times - 1):
                self.again(run, 3600)
        return run

    def test_r18_five_failures_in_a_row_leave_the_connection_alone_and_tell_its_owner_once(self):
        run = self.fail(4)
        self.assertEqual((self.circuit().state, self.told().ids), ("closed", []))
        with trouble(TransientError("nobody answers", status=503)):
            self.again(run, 3600)
            self.assertEqual((run.state, self.circuit().state), ("queued", "open"))
            self.assertEqual(run.not_before, self.clock + dt.timedelta(seconds=60))
            self.again(run, 61)
            self.again(run, 121)
        [told] = self.told()
        self.assertIn("The connection list-law does not answer: nobody answers", told.text)
        self.assertEqual((self.circuit().openings, self.circuit().failures, run.tries), (3, 7, 4))

    def test_while_it_is_left_alone_no_other_run_tries_and_then_one_does(self):
        self.fail(5)
        flow = self.new_flow("neighbour")
        flow.connection_id = self.flow.connection_id
        self.approve(flow)
        other = self.start(fact("A"), flow=flow)
        self.assertEqual(other.state, "queued")
        self.again(other, 61)
        self.assertEqual((other.state, self.circuit().state), ("done", "closed"))
        self.assertFalse(self.told())

    def test_what_waits_for_its_connection_goes_on_by_itself(self):
        run = self.fail(5)
        self.again(run, 61)
        self.assertEqual((run.state, self.circuit().state, self.circuit().failures), ("done", "closed", 0))

    def test_the_one_that_tries_and_dies_does_not_stop_the_others_for_ever(self):
        run = self.fail(5)
        self.clock += dt.timedelta(seconds=61)
        self.env["fin.circuit"]._try(run)
        self.assertEqual(self.circuit().state, "half_open")
        other = self.env["fin.run"]._queue(self.flow, "hand")
        self.sql("UPDATE fin_run SET state = 'cancelled' WHERE id = %s", run.id)
        self.again(other, 60)
        self.assertEqual(other.state, "queued")
        self.again(other, 600)
        self.assertEqual((other.state, self.circuit().state), ("done", "closed"))

    def test_r18_a_login_that_is_refused_is_not_tried_by_every_flow(self):
        with trouble(ConfigurationError("the login is refused", status=401)):
            run = self.start()
        self.assertEqual((run.state, self.circuit().state), ("failed", "open"))
        self.assertEqual(len(self.told()), 1)

    def test_a_pause_that_the_other_side_asks_for_is_kept(self):
        with trouble(TransientError("too many", status=429, retry_after=900)):
            run = self.start()
            self.assertEqual(run.not_before, self.clock + dt.timedelta(seconds=900))
            for _time in range(4):
                self.again(run, 901)
        self.assertEqual(self.circuit().retry_at, self.clock + dt.timedelta(seconds=900))

    def test_after_days_without_an_answer_the_run_fails_and_is_somebody_s(self):
        run = self.fail(5)
        self.sql("UPDATE fin_run SET create_date = create_date - interval '4 days' WHERE id = %s", run.id)
        with trouble(TransientError("nobody answers", status=503)):
            self.again(run, 61)
        self.assertEqual(run.state, "failed")
        self.assertTrue(run.exception_ids.filtered(lambda e: e.state == "open").user_id)

    def test_trouble_inside_odoo_is_not_the_connection_s(self):
        run = self.start(fact("A"))
        error = TransientError("too many conflicts", code="conflict")
        self.assertIsNone(self.env["fin.circuit"]._failed(run, error))
        as_read = TransientError("away")
        self.assertEqual(run.stage, "reconcile")
        self.assertIsNone(self.env["fin.circuit"]._failed(run, as_read))
        self.assertFalse(self.circuit())
