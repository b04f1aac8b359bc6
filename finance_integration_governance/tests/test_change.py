from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from .common import LawScene


@tagged("post_install", "-at_install")
class TestChange(LawScene, TransactionCase):
    """Change requests: proposed together, decided together; and the policy of a company."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def policy(self, by="administrator", **vals):
        policy = self.by(by, "fin.policy")._of(self.company)
        policy.write(vals)
        return policy

    def approved(self, *subjects, by="administrator"):
        change = self.by(by, "fin.change")._propose(list(subjects), "because")
        change.action_submit()
        self.by("approver", change)._approve()
        self.seal()
        return change

    def test_versions_proposed_together_are_decided_by_one_act(self):
        other = self.new_flow("law-other")
        self.flow.purpose = "both"
        change = self.by("operator", "fin.change")._propose(self.by("operator", self.flow | other), "both")
        change.action_submit()
        self.assertEqual(change.state, "review")
        self.by("approver", change)._approve()
        approvals = change.version_ids.approval_ids
        self.assertEqual(change.version_ids.mapped("state"), ["live", "live"])
        self.assertEqual(set(approvals.mapped("digest")), set(change.version_ids.mapped("digest")))
        self.assertEqual((len(approvals), change.state), (2, "applied"))

    def test_a_rejected_change_changes_nothing(self):
        other = self.new_flow("law-other")
        self.flow.purpose = "both"
        change = self.by("operator", "fin.change")._propose(self.by("operator", self.flow | other), "both")
        change.action_submit()
        self.by("approver", change)._reject()
        self.assertEqual((change.state, self.flow.live_version_id), ("rejected", self.version))

    def test_what_did_not_change_is_not_proposed(self):
        with self.assertRaises(UserError):
            self.by("operator", "fin.change")._propose(self.by("operator", self.flow))

    def test_without_an_approved_policy_the_strict_one_holds(self):
        self.policy(approvals_high=2)
        self.assertEqual(self.company._fin_policy()["approvals"]["high"], 1)

    def test_an_approved_policy_is_in_force_once_its_approval_is_sealed(self):
        policy = self.policy(approvals_high=2)
        change = self.by("administrator", "fin.change")._propose(policy)
        change.action_submit()
        self.by("approver", change)._approve()
        self.assertEqual(self.company._fin_policy()["approvals"]["high"], 1)
        self.seal()
        self.assertEqual(self.company._fin_policy()["approvals"]["high"], 2)

    def test_asking_for_the_policy_costs_no_query(self):
        self.approved(self.policy(approvals_high=2))
        self.company._fin_policy()
        with self.assertQueryCount(0):
            self.company._fin_policy()

    def test_a_policy_that_sql_made_live_is_not_in_force(self):
        version = self.by("administrator", "fin.change")._propose(self.policy(approvals_high=2)).version_ids
        self.sql("UPDATE fin_version SET state = 'live', applied_at = now() WHERE id = %s", version.id)
        self.env.registry.clear_cache()
        self.assertEqual(self.company._fin_policy()["approvals"]["high"], 1)

    def test_only_an_administrator_proposes_a_policy(self):
        policy = self.policy(approvals_high=2)
        with self.assertRaises(AccessError):
            self.by("operator", "fin.change")._propose(self.by("operator", policy))
        with self.assertRaises(AccessError):
            self.by("operator", policy).approvals_high = 3

    def test_a_policy_knows_no_emergency(self):
        version = self.by("administrator", "fin.change")._propose(self.policy(approvals_high=2)).version_ids
        with self.assertRaises(UserError):
            type(version).action_apply_emergency.__wrapped__(version)

    def test_a_flow_and_a_policy_change_together(self):
        self.flow.purpose = "both"
        change = self.approved(self.by("administrator", self.flow), self.policy(approvals_high=3))
        self.assertEqual(change.version_ids.mapped("state"), ["live", "live"])
        self.assertEqual(self.company._fin_policy()["approvals"]["high"], 3)
