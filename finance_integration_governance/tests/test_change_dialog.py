import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, freeze_time, tagged

from .common import LawScene, fact


@tagged("post_install", "-at_install")
class TestProposeDialog(LawScene, TransactionCase):
    """Whoever proposes says why, and from when, before there is a change request."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.flow.purpose = "changed"

    def asked(self, by="operator", record=None):
        return self.by(by, record or self.flow).action_propose()

    def changes(self):
        return self.env["fin.change"].search_count([])

    def test_a_proposal_carries_its_reason_and_its_date(self):
        tomorrow = fields.Datetime.now() + dt.timedelta(days=1)
        change = self.say_why("operator", self.asked(), "The bank has moved", effective_at=tomorrow)
        version = change.version_ids
        self.assertEqual((change.reason, version.reason), ("The bank has moved", "The bank has moved"))
        self.assertEqual((change.effective_at, version.effective_at), (tomorrow, tomorrow))
        self.assertEqual(change.state, "proposed")

    def test_the_dialog_alone_changes_nothing(self):
        before = self.changes()
        with Form(self.by("operator", "fin.change.propose").with_context(**self.asked()["context"])) as dialog:
            dialog.reason = "Never mind"
            self.assertIn("changed", dialog.changes_table)
        self.assertEqual(self.changes(), before)

    def test_without_a_reason_nothing_is_proposed(self):
        before = self.changes()
        with self.assertRaises(ValidationError):
            self.say_why("operator", self.asked(), "   ")
        self.assertEqual(self.changes(), before)

    def test_a_date_that_has_passed_is_refused(self):
        with self.assertRaises(ValidationError):
            self.say_why("operator", self.asked(), effective_at=fields.Datetime.now() - dt.timedelta(days=1))

    def test_with_nothing_to_propose_there_is_no_dialog(self):
        with self.assertRaises(UserError):
            self.by("operator", self.new_flow_live()).action_propose()

    def new_flow_live(self):
        flow = self.new_flow("same")
        self.approve(flow)
        return flow

    def test_who_may_not_propose_gets_no_dialog_and_can_fill_none(self):
        context = self.asked()["context"]
        for group in ("viewer", "approver", "auditor", "support"):
            with self.subTest(group):
                with self.assertRaises(AccessError):
                    self.asked(group)
                with self.assertRaises(AccessError):
                    dialog = self.by(group, "fin.change.propose").with_context(**context)
                    dialog.create({"reason": "because"}).action_propose()

    def test_proposed_and_submitted_in_one_step(self):
        dialog = self.by("operator", "fin.change.propose").with_context(**self.asked()["context"])
        opened = dialog.create({"reason": "because"}).action_submit()
        self.assertEqual(self.env[opened["res_model"]].browse(opened["res_id"]).state, "review")

    def test_a_rollback_carries_its_reason_and_its_date(self):
        second = self.approve(self.flow)
        tomorrow = fields.Datetime.now() + dt.timedelta(days=1)
        action = self.by("operator", self.version).action_roll_back()
        change = self.say_why("operator", action, "It booked twice", effective_at=tomorrow)
        self.assertEqual((change.version_ids.rollback_of_id, change.reason), (self.version, "It booked twice"))
        change.with_user(self.people["operator"]).action_submit()
        self.by("approver", change)._approve()
        self.seal()
        self.assertEqual((change.state, self.flow.live_version_id), ("approved", second))
        with freeze_time(tomorrow + dt.timedelta(hours=1)):
            self.env["fin.version"]._apply_due(fields.Datetime.now())
            self.assertEqual(self.flow.live_version_id, change.version_ids)
            self.assertEqual(self.start(fact("a")).version_id, change.version_ids)

    def test_a_policy_is_proposed_in_the_same_dialog(self):
        policy = self.env["fin.policy"]._of(self.company)
        self.by("administrator", policy).approvals_high = 2
        change = self.say_why("administrator", self.asked("administrator", policy), "Two see more")
        self.assertEqual((change.version_ids.policy_id, change.reason), (policy, "Two see more"))
