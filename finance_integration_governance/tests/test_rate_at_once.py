"""One bucket for all workers: many at the same moment, each with a connection of its own, get what it holds."""

import threading
import time
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.tests import TransactionCase, tagged

from ..core.errors import TransientError
from ..models.retry import fin_rate

CODE = "rate-at-once"
WORKERS = 6


@tagged("post_install", "-at_install")
class TestRateAtOnce(TransactionCase):
    """Without registry test mode: every cursor is a connection of its own, and what it commits stays."""

    def setUp(self):
        super().setUp()
        self._empty()
        self.addCleanup(self._empty)

    def _empty(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM fin_rate WHERE code = %s", [CODE])

    def together(self, act):
        """What each worker got, all of them beginning at once."""
        gate, answers, errors = threading.Barrier(WORKERS), [], []

        def work():
            try:
                with self.registry.cursor() as cr:
                    rates = api.Environment(cr, SUPERUSER_ID, {})["fin.rate"]
                    cr.execute("SELECT 1")  # the worker's own snapshot is older than what the others take
                    gate.wait(30)
                    answers.append(act(rates))
            except BaseException as error:
                errors.append(error)
                raise

        workers = [threading.Thread(target=work) for _number in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        self.assertFalse(errors)
        return answers

    def taking(self, times, calls):
        """How many of so many tries a worker got."""
        return lambda rates: sum(not rates._take(CODE, self.company_id(), calls, 3600) for _try in range(times))

    def company_id(self):
        return self.env.company.id

    def test_r18_workers_at_once_never_get_more_than_the_bucket_holds(self):
        answers = self.together(self.taking(5, 12))
        self.assertEqual((len(answers), sum(answers)), (WORKERS, 12))

    def test_r18_whoever_gets_nothing_hears_when_there_is_something(self):
        self.together(self.taking(2, 3))
        wait = self.env["fin.rate"]._take(CODE, self.company_id(), 3, 3600)
        self.assertTrue(1100 < wait <= 1200, wait)

    def test_r18_what_a_run_has_taken_stays_taken_when_the_run_rolls_back(self):
        def take_and_fail(rates):
            got = not rates._take(CODE, self.company_id(), 4, 3600)
            rates.env.cr.rollback()
            return got

        self.assertEqual(sum(self.together(take_and_fail)), 4)

    def test_r18_a_small_wait_is_waited_and_then_everybody_had_a_turn(self):
        """Six calls, five of them in half a second: the sixth waits, and nobody is put off."""
        begun = time.monotonic()
        self.together(lambda rates: rates._await(CODE, self.company_id(), 5, 1))
        self.assertLess(time.monotonic() - begun, 20)

    def test_r18_who_would_wait_longer_is_put_off(self):
        def act(rates):
            try:
                rates._await(CODE, self.company_id(), 2, 3600)
            except TransientError as error:
                return error.code
            return "called"

        with patch.object(fin_rate, "PATIENCE", 0):
            answers = self.together(act)
        self.assertEqual(sorted(answers), ["called"] * 2 + ["rate_limited"] * (WORKERS - 2))
