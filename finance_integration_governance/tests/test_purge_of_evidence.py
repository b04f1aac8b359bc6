from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from ..core.contract import Finding
from .common import LawScene, fact

LATER = "2060-01-02 03:04:05"


@tagged("post_install", "-at_install")
class TestPurgeOfEvidence(LawScene, TransactionCase):
    """After the years of the version, two persons let evidence go; digests, sums and the chain stay; a hold wins."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.run_ = self.start(fact("Ann-1", "12.50", words="Ann Canary"), fact("poison"), name="Ann Canary.txt")
        self.requests = self.env["fin.purge.request"]

    def ask(self, by="administrator"):
        return self.by(by, self.requests)._ask(self.by(by, self.flow))

    def agreed(self):
        request = self.ask()
        self.by("approver", request)._approve()
        self.seal()
        return request.with_user(self.env.user)

    def purge(self):
        self.env["fin.purge"]._cron_purge()
        self.env.invalidate_all()

    def totals(self):
        return {name: total.document() for name, total in self.env["fin.item"]._totals_by_outcome(self.run_).items()}

    def test_what_is_younger_than_the_version_says_is_not_asked_for(self):
        with self.assertRaises(UserError):
            self.ask()
        with freeze_time(fields.Datetime.add(fields.Datetime.now(), years=9)), self.assertRaises(UserError):
            self.ask()

    def test_a_policy_that_keeps_evidence_longer_is_obeyed(self):
        told = {**self.company._fin_policy(), "retention": {"evidence_years": 60}}
        self.patch(type(self.company), "_fin_policy", lambda _company: told)
        with freeze_time(LATER), self.assertRaises(UserError):
            self.ask()

    def test_after_the_years_it_goes_and_digests_and_sums_stay(self):
        before, totals = [(i.digest, i.amount, i.outcome, i.key_hash) for i in self.run_.item_ids], self.totals()
        exception = self.run_.exception_ids
        exception._close("resolve", "Ann Canary was told")
        with freeze_time(LATER):
            request = self.agreed()
            self.purge()
        self.assertEqual((request.state, self.run_.evidence_purged), ("done", True))
        self.assertEqual([(i.digest, i.amount, i.outcome, i.key_hash) for i in self.run_.item_ids], before)
        self.assertEqual(self.totals(), totals)
        self.assertEqual({i.key for i in self.run_.item_ids}, {f"purged {i.uid}" for i in self.run_.item_ids})
        self.assertEqual(set(self.run_.item_ids.mapped("content")), {"{}"})
        self.assertEqual(self.run_.payload_ids.name, f"purged {self.run_.payload_ids.uid}")
        self.assertEqual((exception.text, exception.facts), (exception.code, False))
        kinds = {(one.kind, one.flow_id, bool(one.approval)) for one in request.purge_ids}
        self.assertEqual(kinds, {("evidence", self.flow, True)})
        self.seal()
        self.assertIsNone(self.env["fin.audit.seal"]._verify())

    def test_what_was_purged_is_still_known_when_it_comes_again(self):
        with freeze_time(LATER):
            self.agreed()
            self.purge()
        again = self.start(fact("Ann-1", "12.50", words="Ann Canary"), name="again.txt")
        known = again.item_ids.filtered(lambda item: item.key == "Ann-1")
        self.assertEqual(set(known.mapped("outcome")), {"duplicate"})

    def test_it_goes_in_batches_with_a_certificate_each(self):
        with freeze_time(LATER):
            request = self.agreed()
            self.sql("UPDATE fin_run SET is_purged = TRUE WHERE id = %s", self.run_.id)  # what days say is done
            self.assertTrue(self.env["fin.purge"]._purge_batch(1))
            self.assertEqual((request.state, request.purge_ids.mapped("item_count")), ("approved", [1]))
            self.purge()
        self.assertEqual((request.state, sum(request.purge_ids.mapped("item_count"))), ("done", 2))

    def test_a_legal_hold_wins_also_after_the_yes(self):
        with freeze_time(LATER):
            request = self.agreed()
            self.by("auditor", "fin.hold")._set("law suit", self.company, terms=["ann canary"])
            self.purge()
        self.assertEqual((request.state, self.run_.item_ids[0].key), ("done", "Ann-1"))

    def test_the_registers_hold_wins_too(self):
        with freeze_time(LATER):
            self.flow.legal_hold = True
            with self.assertRaises(UserError):
                self.ask()

    def test_a_run_whose_part_still_waits_is_not_purged(self):
        run = self.start(fact("x"), fact("y"), Finding("odd", "looks odd", document="y"), name="held.txt")
        with freeze_time(LATER):
            self.agreed()
            self.purge()
        self.assertIn("x", run.item_ids.mapped("key"))

    def test_law3_evidence_is_purged_by_two_persons(self):
        with freeze_time(LATER):
            request = self.ask()
            for group in ("administrator", "operator", "auditor"):
                with self.subTest(group), self.assertRaises(AccessError):
                    self.by(group, request)._approve()
            with self.assertRaises(UserError):
                request.with_user(self.env.user)._transition("approve")
            for group in ("viewer", "operator", "approver", "auditor", "support"):
                with self.subTest(group), self.assertRaises(AccessError):
                    self.ask(group)
            self.purge()
        self.assertEqual(self.run_.item_ids[0].key, "Ann-1")

    def test_law3_a_state_without_a_sealed_yes_purges_nothing(self):
        with freeze_time(LATER):
            request = self.ask()
            self.sql("UPDATE fin_purge_request SET state = 'approved' WHERE id = %s", request.id)
            self.purge()
        self.assertEqual(self.run_.item_ids[0].key, "Ann-1")

    def test_a_request_that_is_closed_purges_nothing(self):
        with freeze_time(LATER):
            request = self.agreed()
            self.by("administrator", request).action_close()
            self.purge()
        self.assertEqual((request.state, self.run_.item_ids[0].key), ("closed", "Ann-1"))

    def test_s09_a_request_is_not_written_by_hand(self):
        with freeze_time(LATER):
            request = self.ask()
        for group in ("administrator", "approver", "auditor"):
            mine = self.by(group, request)
            for attack in (
                lambda mine=mine: mine.write({"before": "2099-01-01"}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.create({"name": "x", "flow_id": self.flow.id, "company_id": self.company.id}),
            ):
                with self.subTest(group), self.assertRaises(AccessError):
                    attack()

    def test_s11_another_company_sees_no_request(self):
        with freeze_time(LATER):
            request = self.ask()
        other = self.env["res.company"].create({"name": "Purge Other"})
        stranger = self.person("administrator+approver", "purge-stranger", company_id=other.id, company_ids=other.ids)
        self.assertFalse(self.requests.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            request.with_user(stranger)._approve()
