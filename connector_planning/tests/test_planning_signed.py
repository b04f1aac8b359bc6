from decimal import Decimal

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.stages import STAGES

from .close import CODE, CloseMixin
from .test_planning_restatement import RestatementCase


@tagged("post_install", "-at_install")
class TestPlanningSigned(CloseMixin, RestatementCase):
    """A period that is told behind its signed checkpoint is final."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.entry("2026-01-10", 100)
        self.entry("2026-02-10", 7)
        self.close_calendar()

    def told_by(self, run, last):
        wanted = [("run_id", "=", run.id), ("last_on", "=", last)]
        return self.env["fin.actual.period"].search(wanted)

    def late(self, day, amount):
        """An entry, and the close calendar that has seen it."""
        move = self.entry(day, amount)
        self.env.flush_all()
        self.env.cr.precommit.run()
        return move

    def test_a_signed_period_is_final_from_its_next_delivery_on(self):
        actuals = self.flow(self.double.url, options={"checkpoint": CODE})
        first = self.run_once(actuals)
        self.assertFalse(self.told_by(first, "2026-01-31").is_final)
        self.sign("2026-01")
        second = self.run_once(actuals)
        self.assertTrue(self.told_by(second, "2026-01-31").is_final)
        self.assertFalse(self.told_by(second, "2026-02-28").is_final)

    def test_a_late_entry_behind_a_signature_waits_for_the_owner_and_is_named(self):
        self.sign("2026-01")
        actuals = self.flow(self.double.url, options={"checkpoint": CODE})
        self.run_once(actuals)
        move = self.late("2026-01-20", 5)
        run = self.run_once(actuals)
        self.assertEqual(self.checkpoint("2026-01").state, "suspended")
        self.assertEqual((run.delivered, run.held), (0, 2))
        self.assertIn(f"{move.name} (new)", self.waiting().text)
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(100))
        self.say_yes(self.waiting())
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(105))

    def test_what_was_told_while_the_signature_was_suspended_is_not_final(self):
        self.sign("2026-01")
        self.late("2026-01-20", 5)
        actuals = self.flow(self.double.url, options={"checkpoint": CODE})
        run = self.run_once(actuals)
        self.assertFalse(self.told_by(run, "2026-01-31").is_final)
        self.late("2026-01-21", 1)
        self.assertEqual(self.run_once(actuals).held, 0)

    def test_a_run_that_waited_for_the_signature_has_told_it_as_final(self):
        """It looked at the books before anybody had signed, and was let through by the signature."""
        actuals = self.flow(self.double.url, gate_checkpoint_id=self.template().id)
        run = self.queue(actuals)
        run._transition("start", digest=run.version_digest)
        self.go_on(run, STAGES[: STAGES.index("gate") + 1])
        self.assertEqual((run.state, run.delivered), ("held", 0))
        self.sign("2026-01")
        self.sign("2026-02")
        self.assertEqual(run.state, "queued", "the signature lets it go on")
        self.take_up(run)
        self.assertEqual((run.state, run.delivered), ("done", 4))
        move = self.late("2026-01-20", 5)
        again = self.run_once(actuals)
        self.assertEqual(again.delivered, 0)
        self.assertIn(f"{move.name} (new)", self.waiting().text)

    def test_only_signed_periods_travel_where_the_version_says_so(self):
        actuals = self.flow(self.double.url, options={"checkpoint": CODE, "only_signed": True})
        self.assertEqual(self.run_once(actuals).received, 0)
        self.sign("2026-01")
        run = self.run_once(actuals)
        self.assertEqual((run.received, run.delivered), (2, 2))
        self.assertEqual({period for _account, period in self.told()}, {"2026-01"})

    def test_a_period_whose_signature_is_suspended_stays_as_it_was_told(self):
        actuals = self.flow(self.double.url, options={"checkpoint": CODE, "only_signed": True})
        self.sign("2026-01")
        self.run_once(actuals)
        self.late("2026-01-20", 5)
        self.assertEqual(self.run_once(actuals).received, 0)
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(100))

    def test_what_was_closed_before_the_close_calendar_is_told_too(self):
        self.entry("2025-12-10", 3)
        actuals = self.flow(self.double.url, options={"checkpoint": CODE, "only_signed": True})
        self.run_once(actuals)
        self.assertEqual({period for _account, period in self.told()}, {"2025-12"})

    def test_law_8_a_checkpoint_that_is_none_stops(self):
        wrong = [{"checkpoint": "nope"}, {"only_signed": True}]
        actuals = self.flow(self.double.url, object="fin.object.cell")
        for options in [*wrong, {"checkpoint": CODE, "only_signed": True, "period": "week"}]:
            with self.subTest(options), self.env.cr.savepoint() as point:
                actuals.options = options
                self.approve(actuals)
                with self.assertRaises(ConfigurationError):
                    self.collect(actuals)
                point.rollback()
