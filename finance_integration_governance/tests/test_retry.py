"""Tries again as approved, quotas that all workers share, and what costs a try."""

from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..core.errors import TransientError
from ..models.retry import fin_rate
from .common import LawScene, fact, trouble


@tagged("post_install", "-at_install")
class TestRetry(LawScene, TransactionCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def failing(self, error=None, **policy):
        self.flow.write(policy)
        if policy:
            self.approve(self.flow)
        with trouble(error or TransientError("busy", status=503)):
            return self.start(fact("A"))

    def again(self, run, error=None):
        self.sql("UPDATE fin_run SET not_before = NULL WHERE id = %s", run.id)
        with trouble(error or TransientError("busy", status=503)):
            return self.advance(run)

    def test_a_run_is_tried_as_often_as_approved_and_then_told(self):
        run = self.failing(retry_attempts=2)
        for tries in (1, 2):
            self.assertEqual((run.state, run.tries), ("queued", tries))
            self.again(run)
        self.assertEqual((run.state, run.exception_ids.code), ("failed", "transient"))
        self.assertTrue(run.exception_ids.user_id)

    def test_the_time_budget_ends_it_whatever_tries_are_left(self):
        run = self.failing(retry_minutes=60)
        self.sql("UPDATE fin_run SET create_date = create_date - interval '2 hours' WHERE id = %s", run.id)
        self.again(run)
        self.assertEqual(run.state, "failed")

    def test_waits_grow_are_scattered_and_end_at_the_longest(self):
        run = self.failing(retry_first_seconds=10, retry_longest_minutes=1)
        error, waits = TransientError("busy"), {}
        for tries in range(6):
            self.sql("UPDATE fin_run SET tries = %s WHERE id = %s", tries, run.id)
            waits[tries] = [run._pause_before(error) for _each in range(20)]
        self.assertTrue(all(8 <= wait <= 12 for wait in waits[0]))
        self.assertTrue(all(16 <= wait <= 24 for wait in waits[1]))
        self.assertTrue(all(wait <= 72 for wait in waits[5]))
        self.assertGreater(len(set(waits[0])), 10)

    def test_r18_what_the_other_side_asks_for_is_honoured(self):
        run = self.failing(TransientError("slow down", retry_after=700, status=429), retry_first_seconds=1)
        waits = (run.not_before - fields.Datetime.now()).total_seconds()
        self.assertTrue(690 <= waits <= 700, waits)

    def test_waiting_for_a_free_place_costs_no_try_and_trips_no_circuit(self):
        run = self.failing(TransientError("used up", code="rate_limited", retry_after=5))
        self.assertEqual((run.state, run.tries), ("queued", 0))
        self.assertFalse(self.env["fin.circuit"]._of(run).failures)

    def test_a_bucket_gives_as_much_as_it_holds_and_fills_again(self):
        rates = self.env["fin.rate"]
        taken = [rates._take("law", self.company.id, 3, 60) for _each in range(4)]
        self.assertEqual(taken[:3], [0, 0, 0])
        self.assertTrue(15 < taken[3] <= 20, taken)
        rate = rates.search([("code", "=", "law")])
        rate.invalidate_recordset()
        self.assertEqual(rate.left, 0)
        self.sql("UPDATE fin_rate SET at = at - interval '20 seconds' WHERE code = 'law'")
        self.assertEqual(rates._take("law", self.company.id, 3, 60), 0)

    def test_a_bucket_that_nobody_used_for_long_holds_no_more_than_it_may(self):
        rates = self.env["fin.rate"]
        rates._take("law", self.company.id, 3, 60)
        self.sql("UPDATE fin_rate SET at = at - interval '1 day' WHERE code = 'law'")
        taken = [rates._take("law", self.company.id, 3, 60) for _each in range(4)]
        self.assertEqual(taken[:3], [0, 0, 0])
        self.assertTrue(taken[3])

    def test_who_finds_the_bucket_empty_is_put_off_and_nothing_has_left(self):
        rates = self.env["fin.rate"]
        rates._take("law", self.company.id, 1, 60)
        with patch.object(fin_rate, "PATIENCE", 0), self.assertRaises(TransientError) as caught:
            rates._await("law", self.company.id, 1, 60)
        self.assertEqual((caught.exception.code, caught.exception.facts["sent"]), ("rate_limited", False))
        self.assertTrue(50 < caught.exception.retry_after <= 60)

    def test_law3_limits_of_a_connection_hold_as_approved(self):
        self.flow.connection_id.write({"rate_calls": 5, "timeout_seconds": 7})
        connections, company = self.env["fin.connection"], self.company
        before = self.flow._document().connection
        self.assertIsNone(connections._before_call(before, company))
        self.approve(self.flow)
        after = self.flow._document().connection
        self.assertEqual((after["rate"], after["timeout"]), ({"calls": 5, "seconds": 60}, 7))
        connections._before_call(after, company)(None)
        self.assertEqual(self.env["fin.rate"].search([("code", "=", after["code"])]).left, 4)
        self.assertEqual(connections._network(after, company, {}).seconds, 7)
