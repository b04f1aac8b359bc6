"""R12 and R15: a run that meets others is repeated whole, a few times; a flow that goes wrong stops nobody else."""

from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged
from psycopg2.errors import DeadlockDetected, SerializationFailure

from ..models.run import fin_engine
from .common import LawScene, fact, trouble


@tagged("post_install", "-at_install")
class TestR15(LawScene, TransactionCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def storm(self, error, times):
        """The first so many times a worker is at it, it meets another one at the end of its work."""
        engine, met = type(self.env["fin.engine"]), []
        work = engine._work

        def meet(engine, run, deadline):
            if len(met) < times:
                met.append(run.id)
                raise error("could not serialize access")
            return work(engine, run, deadline)

        return patch.object(engine, "_work", meet)

    def booked(self):
        return self.env["account.bank.statement.line"].search_count([("journal_id", "=", self.journal.id)])

    def test_r15_a_conflict_repeats_the_unit_and_books_once(self):
        for number, error in enumerate((SerializationFailure, DeadlockDetected)):
            with self.subTest(error.__name__), self.storm(error, fin_engine.REPEATS):
                run = self.start(fact(f"a{number}"), name=f"{number}.txt")
                self.assertEqual((run.state, run.delivered, run.tries), ("done", 1, 0), run.last_error)
        self.assertEqual(self.booked(), 2)

    def test_r15_who_meets_others_again_and_again_lets_them_finish_first(self):
        with self.storm(SerializationFailure, fin_engine.REPEATS + 1):
            run = self.start(fact("a"))
        self.assertEqual((run.state, run.delivered, bool(run.exception_ids)), ("queued", 0, False))
        self.assertLess((run.not_before - fields.Datetime.now()).total_seconds(), 5)
        self.assertFalse(self.env["fin.circuit"]._of(run).failures, "that is no trouble of the connection")
        self.sql("UPDATE fin_run SET not_before = NULL WHERE id = %s", run.id)
        self.advance(run)
        self.assertEqual((run.state, self.booked()), ("done", 1))

    def test_r12_a_flow_that_goes_wrong_in_every_way_never_raises_in_the_scheduled_action(self):
        flow = self.new_flow("good")
        self.approve(flow)
        for error in (ZeroDivisionError("no"), KeyError("x"), ValueError("y"), MemoryError()):
            with self.subTest(type(error).__name__), trouble(error):
                run = self.start()
                self.assertEqual((run.state, run.exception_ids.family), ("failed", "unexpected"))
        self.assertEqual(self.start(fact("a"), flow=flow).state, "done")
