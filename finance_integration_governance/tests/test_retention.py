import datetime as dt
import os

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from ..core.contract import Finding
from ..core.errors import ConfigurationError
from .common import LawScene, fact


@tagged("post_install", "-at_install")
class TestRetention(LawScene, TransactionCase):
    """Contents go after the days that the version names; digests, sums and a certificate stay; a hold stops it."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.purges, self.holds = self.env["fin.purge"], self.env["fin.hold"]
        self.run_ = self.start(fact("a", "12.50", words="Ann Canary"), fact("b"))

    def a_year_passes(self, run=None):
        self.sql("UPDATE fin_run SET finished_at = now() - interval '366 days' WHERE id = %s", (run or self.run_).id)

    def purge(self):
        self.purges._cron_purge()
        self.env.invalidate_all()

    def contents(self, run=None):
        return {item.content for item in (run or self.run_).item_ids}

    def test_what_is_young_stays(self):
        self.purge()
        self.assertNotIn("{}", self.contents())
        self.assertFalse(self.purges.search([]))

    def test_what_is_old_goes_and_its_digests_and_sums_stay(self):
        before = [(item.key, item.digest, item.amount, item.outcome) for item in self.run_.item_ids]
        path = self.run_.payload_ids._path(self.run_.payload_ids.digest)
        os.utime(path, (1, 1))
        self.a_year_passes()
        self.purge()
        self.assertEqual(self.contents(), {"{}"})
        self.assertEqual([(i.key, i.digest, i.amount, i.outcome) for i in self.run_.item_ids], before)
        with self.assertRaises(ConfigurationError):
            self.run_.payload_ids._open()
        self.assertFalse(path.exists())
        [certificate] = self.purges.search([])
        told = (
            certificate.kind,
            certificate.rule,
            certificate.item_count,
            certificate.payload_count,
            certificate.flow_id,
        )
        self.assertEqual(told, ("retention", "payload_days=365", 2, 1, self.flow))
        self.assertIn('"USD":"22.5"', certificate.totals)
        self.seal()
        self.assertIsNone(self.env["fin.audit.seal"]._verify())

    def test_the_approved_version_says_how_long(self):
        self.sql("UPDATE fin_run SET finished_at = now() - interval '40 days' WHERE id = %s", self.run_.id)
        self.flow.payload_days = 30
        self.purge()
        self.assertNotIn("{}", self.contents())
        self.approve(self.flow)
        self.purge()
        self.assertEqual(self.contents(), {"{}"})

    def test_purging_goes_in_batches(self):
        self.a_year_passes()
        self.assertTrue(self.purges._purge_batch(1))
        self.assertEqual(self.run_.item_ids.mapped("purge_id").mapped("item_count"), [1])
        self.assertFalse(self.purges._purge_batch(10))
        self.assertEqual((self.contents(), self.run_.is_purged), ({"{}"}, True))
        self.purge()
        self.assertEqual(len(self.purges.search([])), 2)

    def test_bytes_that_another_payload_needs_stay(self):
        other = self.start(fact("c"), name="one.txt")
        self.assertEqual(other.payload_ids.digest, self.run_.payload_ids.digest)
        os.utime(other.payload_ids._path(other.payload_ids.digest), (1, 1))
        self.a_year_passes()
        self.purge()
        other.payload_ids._open().close()

    def test_what_was_told_again_after_the_purge_is_still_known(self):
        self.a_year_passes()
        self.purge()
        again = self.start(fact("a", "12.50", words="Ann Canary"), name="again.txt")
        self.assertEqual(set(again.item_ids.mapped("outcome")), {"duplicate"})

    def test_a_run_with_a_held_part_waits_for_it(self):
        run = self.start(fact("x"), fact("y"), Finding("odd", "looks odd", document="y"), name="held.txt")
        self.assertEqual(run.child_ids.state, "held")
        self.a_year_passes(run)
        self.purge()
        self.assertNotIn("{}", self.contents(run))

    # Legal hold

    def held_by(self, **narrowed):
        hold = self.by("auditor", self.holds)._set("law suit", self.company, **narrowed)
        self.a_year_passes()
        self.purge()
        return hold, self.contents() != {"{}"}

    def test_a_legal_hold_stops_the_purge(self):
        self.assertTrue(self.held_by()[1])

    def test_a_hold_on_a_flow_stops_that_flow(self):
        self.assertTrue(self.held_by(flow=self.flow)[1])

    def test_a_hold_on_another_flow_does_not(self):
        self.assertFalse(self.held_by(flow=self.new_flow("other"))[1])

    def test_a_hold_on_the_period_stops_it(self):
        self.assertTrue(self.held_by(date_from=dt.date(2026, 3, 1), date_to=dt.date(2026, 3, 31))[1])

    def test_a_hold_on_another_period_does_not(self):
        self.assertFalse(self.held_by(date_to=dt.date(2020, 1, 1))[1])

    def test_a_hold_on_a_person_stops_it(self):
        self.assertTrue(self.held_by(terms=["ann canary"])[1])

    def test_a_hold_on_somebody_else_does_not(self):
        self.assertFalse(self.held_by(terms=["Bob", "%"])[1])

    def test_the_registers_hold_stops_it_too(self):
        self.flow.legal_hold = True
        self.a_year_passes()
        self.purge()
        self.assertNotIn("{}", self.contents())

    def test_a_hold_is_lifted_by_two_persons(self):
        hold, _held = self.held_by()
        with self.assertRaises(UserError):
            hold._transition("lift")
        self.by("auditor", hold).action_request_lift()
        for group in ("auditor", "administrator", "operator"):
            with self.subTest(group), self.assertRaises(AccessError):
                self.by(group, hold)._approve_lift()
        self.by("approver", hold)._approve_lift()
        self.assertEqual(hold.state, "lifted")
        self.purge()
        self.assertEqual(self.contents(), {"{}"})

    def test_only_auditors_and_administrators_set_and_lift(self):
        hold, _held = self.held_by()
        for group in ("viewer", "operator", "approver", "support"):
            with self.subTest(group), self.assertRaises(AccessError):
                self.by(group, self.holds)._set("x", self.company)
            with self.subTest(group), self.assertRaises(AccessError):
                self.by(group, hold).action_request_lift()

    def test_s09_a_hold_is_not_written_by_hand(self):
        hold, _held = self.held_by()
        for group in ("auditor", "administrator"):
            mine = self.by(group, hold)
            for attack in (
                lambda mine=mine: mine.write({"state": "lifted"}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.create({"name": "x", "reason": "x", "company_id": self.company.id}),
            ):
                with self.subTest(group), self.assertRaises(AccessError):
                    attack()
