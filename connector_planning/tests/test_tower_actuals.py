from odoo import fields
from odoo.tests import tagged

from .common import PlanningCase
from .test_planning_restatement import RestatementCase


@tagged("post_install", "-at_install")
class TestTowerActuals(PlanningCase):
    """Have the actuals reached planning?"""

    def setUp(self):
        super().setUp()
        self.today = fields.Date.to_string(fields.Date.context_today(self.env.user))
        self.entry(self.today, 100)
        self.double = self.start_double()
        self.sent = self.flow(self.double.url)

    def answer(self):
        self.env.flush_all()
        return self.env["fin.tower.actuals"].with_user(self.operator)._answer()

    def change(self, move):
        """Written after the run, whatever the one transaction of the test says."""
        self.env.flush_all()
        later = fields.Datetime.add(fields.Datetime.now(), minutes=5)
        self.env.cr.execute("UPDATE account_move SET write_date = %s WHERE id = %s", (later, move.id))

    def deliver(self):
        """A run, and a ledger that was quiet before it."""
        run = self.complete(self.queue(self.sent))
        self.assertEqual(run.state, "done")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET write_date = %s", (fields.Datetime.subtract(run.started_at, hours=1),)
        )

    def test_never_delivered_is_not_green(self):
        self.assertEqual({row.state for row in self.answer().rows}, {"unknown"})

    def test_delivered_and_tied_is_good(self):
        self.deliver()
        answer = self.answer()
        self.assertEqual((answer.state, answer.count, len(answer.rows)), ("good", 0, 2))

    def test_what_was_posted_since_is_counted_and_shown(self):
        self.deliver()
        move = self.entry(self.today, 5)
        self.change(move)
        answer = self.answer()
        self.assertEqual((answer.state, answer.count), ("attention", 1))
        self.assertEqual(self.env["account.move"].search(answer.domain), move)
        self.assertIn("1 entries were posted", answer.text)

    def test_drafts_and_other_months_have_nothing_to_reach(self):
        self.deliver()
        self.change(self.entry(self.today, 5, post=False))
        self.change(self.entry("2025-01-10", 5))
        self.assertEqual(self.answer().state, "good")

    def test_without_a_flow_nobody_knows(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE fin_flow SET state = 'retired'")
        self.env.invalidate_all()
        self.assertEqual(self.answer().state, "unknown")


@tagged("post_install", "-at_install")
class TestTowerRestatement(RestatementCase):
    def test_what_waits_for_one_month_leaves_the_others_as_they_are(self):
        first = fields.Date.start_of(fields.Date.context_today(self.env.user), "month")
        before = fields.Date.subtract(first, days=1)
        for day in (before, first):
            self.entry(fields.Date.to_string(day), 100)
        actuals = self.flow(self.double.url)
        self.close(before)
        self.run_once(actuals)
        self.close(False)
        self.entry(fields.Date.to_string(before), 5)
        run = self.run_once(actuals)
        self.assertEqual(run.child_ids.state, "held")
        early = fields.Datetime.subtract(run.started_at, hours=1)
        self.env.cr.execute("UPDATE account_move SET write_date = %s", (early,))
        self.env.invalidate_all()
        rows = self.env["fin.tower.actuals"].with_user(self.operator)._answer().rows
        self.assertEqual([row.state for row in rows], ["bad", "good"])
        self.assertIn("Restatement waits", rows[0].text)
