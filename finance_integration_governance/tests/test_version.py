import datetime as dt

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from .common import LawScene


@tagged("post_install", "-at_install")
class TestVersion(LawScene, TransactionCase):
    """One version: its number, what it says that changes, and whom its state, its request and its date leave alone."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def changed(self, purpose, flow=None):
        """A version with another purpose, live."""
        flow = flow or self.flow
        flow.purpose = purpose
        return self.approve(flow)

    def together(self):
        """Two flows, proposed in one change request."""
        other = self.new_flow("law-other")
        self.flow.purpose = "both"
        change = self.by("operator", "fin.change")._propose(self.by("operator", self.flow | other), "both")
        return change, other, change.version_ids.filtered(lambda v: v.flow_id == self.flow)

    # What it says

    def test_versions_are_counted_from_one(self):
        other = self.new_flow("law-other")
        self.assertEqual([self.propose(other).number, self.propose(other).number], [1, 2])
        self.assertEqual((self.version.number, self.changed("second").number), (1, 2))

    def test_a_version_belongs_to_a_flow_or_to_a_policy(self):
        policy = self.by("administrator", "fin.policy")._of(self.company)
        policy.approvals_high = 2
        version = self.by("administrator", "fin.change")._propose(policy).version_ids
        self.assertEqual((version.policy_id, version.flow_id.id), (policy, False))
        self.assertEqual((self.version.flow_id, self.version.policy_id.id), (self.flow, False))
        self.assertEqual((version.document_id.kind, self.version.document_id.kind), ("policy", "flow"))

    def test_what_changes_is_told_against_the_version_that_was_live_before(self):
        second = self.changed("Café")
        third = self.changed("third")
        self.assertEqual(second.changes, 'flow.purpose: nothing → "Café"')
        self.assertEqual(third.changes, 'flow.purpose: "Café" → "third"')
        self.assertEqual((third._before(), second._before()), (second, self.version))
        self.assertFalse(self.version._before())
        self.assertIn('lane: nothing → "batch"', self.version.changes.splitlines())

    def test_a_company_that_is_not_ticked_stays_in_the_document(self):
        other = self.env["res.company"].create({"name": "Not ticked"})
        self.people["operator"].company_ids += other
        self.flow.company_ids = other
        self.approve(self.flow)
        self.env.invalidate_all()
        mine = self.by("operator", self.flow).with_context(allowed_company_ids=self.company.ids)
        self.assertFalse(mine.company_ids, "a rule hides it")
        self.assertFalse(mine.is_changed)
        self.assertIn(other.fin_code, mine._written()[0])

    def test_what_is_live_by_another_version_meanwhile_changes_nothing(self):
        self.later("the same", 2)
        again = self.propose(self.flow)
        self.assertEqual(again.changes, 'flow.purpose: nothing → "the same"')
        self.due(3)
        again.invalidate_recordset()
        self.assertEqual(again.changes, "nothing")

    def test_what_was_never_live_is_compared_with_nothing(self):
        self.flow.purpose = "never live"
        never = self.propose(self.flow)
        self.flow.purpose = "after it"
        after = self.propose(self.flow)
        self.assertEqual((never.state, after._before()), ("superseded", self.version))

    # What is decided together

    def test_as_many_say_yes_to_each_as_the_most_critical_of_them_needs(self):
        policy = self.by("administrator", "fin.policy")._of(self.company)
        policy.approvals_high = 2
        change = self.by("administrator", "fin.change")._propose(policy)
        change.action_submit()
        self.by("approver", change)._approve()
        self.seal()
        other = self.new_flow("law-other", criticality="high")
        self.flow.purpose = "both"
        change = self.by("operator", "fin.change")._propose(self.by("operator", self.flow | other), "both")
        change.action_submit()
        self.assertEqual([len(version.approval_ids) for version in change.version_ids], [2, 2])

    def test_what_gave_way_to_another_proposal_is_not_submitted_with_the_rest(self):
        change, other, version = self.together()
        other.purpose = "again"
        self.propose(other)
        change.action_submit()
        self.assertEqual((version.state, (change.version_ids - version).state), ("review", "superseded"))

    def test_what_was_applied_at_once_is_not_submitted_with_the_rest(self):
        change, _other, version = self.together()
        urgent = change.version_ids - version
        type(urgent).action_apply_emergency.__wrapped__(self.by("administrator", urgent))
        change.action_submit()
        self.assertEqual((version.state, urgent.state), ("review", "live"))

    # Whom it asks

    def test_a_request_for_another_content_is_no_request_for_this(self):
        self.flow.purpose = "asked"
        version = self.propose(self.flow)
        self.without_triggers("fin_approval")
        for digest in ("0" * 64, "f" * 64):
            self.sql("UPDATE fin_approval SET digest = %s WHERE version_id = %s", digest, version.id)
            version.approval_ids.invalidate_recordset()
            with self.subTest(digest[0]):
                self.assertFalse(version._open_approval())
                with self.assertRaises(UserError):
                    self.by("approver", version)._approve()

    def test_what_was_edited_since_is_not_approved_however_its_digest_sorts(self):
        self.flow.purpose = "asked"
        version, seen = self.propose(self.flow), set()
        for number in range(64):
            self.sql("UPDATE fin_flow SET purpose = %s WHERE id = %s", f"by sql {number}", self.flow.id)
            self.flow.invalidate_recordset()
            sorts = self.flow._written()[1] > version.digest
            if sorts not in seen:
                seen.add(sorts)
                with self.subTest(sorts=sorts), self.assertRaisesRegex(UserError, "propose it again"):
                    version._guard_approve()
        self.assertEqual(seen, {True, False})

    # Emergency

    def emergency(self, purpose):
        self.flow.purpose = purpose
        version = self.propose(self.flow, "administrator")
        type(version).action_apply_emergency.__wrapped__(self.by("administrator", version))
        return version.with_user(self.env.user)

    def test_an_emergency_version_that_is_rejected_after_its_end_stays_ended(self):
        version = self.emergency("at once")
        self.env["fin.version"]._expire(fields.Datetime.now() + dt.timedelta(hours=73))
        self.by("approver", version)._reject()
        self.assertEqual((version.state, version.approval_ids.state), ("expired", "rejected"))

    def test_an_emergency_version_that_is_rejected_after_another_is_live_ends_nothing(self):
        version = self.emergency("at once")
        newer = self.changed("the next")
        self.by("approver", version)._reject()
        self.assertEqual((version.state, newer.state), ("superseded", "live"))

    def test_what_has_ended_is_not_superseded_by_what_comes_next(self):
        version = self.emergency("at once")
        self.env["fin.version"]._expire(fields.Datetime.now() + dt.timedelta(hours=73))
        newer = self.changed("the next")
        self.assertEqual((version.state, newer.state), ("expired", "live"))

    # From when

    def later(self, purpose, hours):
        self.flow.purpose = purpose
        at = fields.Datetime.now() + dt.timedelta(hours=hours)
        change = self.by("operator", "fin.change")._propose(self.by("operator", self.flow), None, at)
        change.action_submit()
        self.by("approver", change)._approve()
        self.seal()
        return change.version_ids.with_user(self.env.user)

    def due(self, hours):
        self.env["fin.version"]._apply_due(fields.Datetime.now() + dt.timedelta(hours=hours))

    def test_what_waits_for_a_later_date_waits_on_where_an_older_one_becomes_live(self):
        sooner, later = self.later("sooner", 2), self.later("later", 4)
        self.due(3)
        self.assertEqual((sooner.state, later.state), ("live", "approved"))
        self.due(5)
        self.assertEqual((sooner.state, later.state), ("superseded", "live"))

    def test_of_two_that_are_due_the_newer_one_is_live_in_the_end(self):
        sooner, later = self.later("sooner", 2), self.later("later", 4)
        self.due(5)
        self.assertEqual((sooner.state, later.state), ("superseded", "live"))

    def test_what_became_due_out_of_its_turn_gives_way(self):
        older, newer = self.later("older", 4), self.later("newer", 2)
        self.due(3)
        self.assertEqual((older.state, newer.state), ("superseded", "live"))
        self.due(5)
        self.assertEqual((older.state, newer.state), ("superseded", "live"))
