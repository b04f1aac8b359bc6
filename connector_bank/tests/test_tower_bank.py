from odoo import fields
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.models.writer import as_writer

from .common import BankCase


@tagged("post_install", "-at_install")
class TestTowerBank(BankCase):
    """Are bank updates delayed, and how old are the data?"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)

    def answer(self):
        self.env.flush_all()
        return self.env["fin.tower.bank"].with_user(self.operator)._answer()

    def promise(self):
        slot = {"flow_id": self.flow.id, "due_at": fields.Datetime.subtract(fields.Datetime.now(), hours=2)}
        promised = fields.Datetime.subtract(fields.Datetime.now(), hours=1)
        return as_writer(self.env["fin.slot"]).create({**slot, "promised_at": promised})

    def test_the_age_is_that_of_the_youngest_booked_day(self):
        self.import_file(self.flow, "two_accounts")
        days = (fields.Date.context_today(self.env.user) - fields.Date.to_date("2026-03-02")).days
        answer = self.answer()
        self.assertIn(f"the oldest data are {days} days old", answer.text)
        self.assertEqual(self.env["account.journal"].search(answer.domain), self.german | self.french)

    def test_what_was_not_promised_is_never_green(self):
        self.import_file(self.flow, "two_accounts")
        self.assertEqual(self.answer().state, "unknown")

    def test_a_slot_past_its_promise_delays_its_accounts(self):
        self.import_file(self.flow, "two_accounts")
        self.promise()
        answer = self.answer()
        self.assertEqual((answer.state, answer.count), ("bad", 2))
        self.assertEqual(self.env["account.journal"].search_count(answer.domain), 2)

    def test_a_promise_that_was_kept_is_good(self):
        self.import_file(self.flow, "two_accounts")
        slot = self.promise()
        self.env.flush_all()
        self.env.cr.execute("UPDATE fin_slot SET state = 'met' WHERE id = %s", (slot.id,))
        self.env.invalidate_all()
        self.assertEqual(self.answer().state, "good")

    def test_a_held_run_delays_its_accounts(self):
        run = self.import_file(self.flow, "two_accounts")
        self.env.cr.execute("UPDATE fin_run SET state = 'held' WHERE id = %s", (run.id,))
        self.env.invalidate_all()
        self.assertEqual({row.state for row in self.answer().rows}, {"bad"})
