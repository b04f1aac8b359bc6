from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from ..core.planning_api import PlanningApi
from .common import PlanningCase


@tagged("post_install", "-at_install")
class TestPlanningAuthority(PlanningCase):
    """Rules over figures: what does not belong to Odoo does not leave it, and both sides can be compared."""

    def setUp(self):
        super().setUp()
        self.entry("2026-01-10", 100)

    def rule(self, subject="actual/balance", **vals):
        steward = {"steward_id": self.operator.id}
        rules = self.env["fin.authority"].with_user(self.operator)
        return rules.create({"subject": subject, **steward, **vals})

    def policy_in_force(self):
        policy = self.env["fin.policy"].with_user(self.operator)._of(self.company)
        change = policy.env["fin.change"]._propose(policy)
        change.action_submit()
        change.with_user(self.approver)._approve()
        self.env["fin.audit.seal"]._seal_waiting()
        self.env.invalidate_all()

    def elsewhere(self):
        return self.env["fin.system"].create({"name": "SAP", "code": "sap", "company_id": self.company.id})

    def test_what_another_system_owns_is_not_submitted_for_leaving_odoo(self):
        self.flow()
        self.rule(outside_system_id=self.elsewhere().id)
        self.policy_in_force()
        flow = self.env["fin.flow"].search([("code", "=", "actuals-test")])
        with self.assertRaisesRegex(UserError, r"Actual, balance \(sap\)"):
            self.approve(flow)

    def test_what_may_not_leave_by_the_pinned_rules_stops_the_run_before_anything_is_sent(self):
        double = self.start_double()
        flow = self.flow(double.url)
        self.rule("actual/*", direction="none")
        self.policy_in_force()
        guard = self.env.registry["fin.version"]
        self.patch(guard, "_guard_register", lambda *_: None)
        submit = guard._keeps_in
        self.patch(guard, "_keeps_in", lambda *_: None)
        self.approve(flow)
        self.env["fin.audit.seal"]._seal_waiting()
        self.patch(guard, "_keeps_in", submit)
        run = self.queue(flow)
        with self.assertRaisesRegex(ConfigurationError, "do not leave Odoo"):
            self.complete(run)
        self.assertEqual(double.ask("/control/log"), {"requests": []})

    def test_what_odoo_owns_leaves(self):
        double = self.start_double()
        self.rule("actual/*")
        self.policy_in_force()
        run = self.complete(self.queue(self.flow(double.url)))
        self.assertEqual((run.state, run.delivered), ("done", 2))

    def test_what_another_system_owns_leaves_where_it_goes_both_ways(self):
        double = self.start_double()
        self.rule(outside_system_id=self.elsewhere().id, direction="both")
        self.policy_in_force()
        self.assertEqual(self.complete(self.queue(self.flow(double.url))).state, "done")

    # Drift

    def compared(self, flow, person):
        drift = self.env["fin.drift"].with_user(person).create({"flow_id": flow.id})
        drift.action_compare()
        return drift.compared_with, {(line.key[-14:], line.field): (line.ours, line.theirs) for line in drift.line_ids}

    def test_what_the_destination_holds_is_compared_with_the_ledger(self):
        double = self.start_double()
        flow = self.flow(double.url)
        self.complete(self.queue(flow))
        self.assertEqual(self.compared(flow, self.operator), ("held", {}))
        self.entry("2026-01-11", 5)
        with self.enter_registry_test_mode():
            how, found = self.compared(flow, self.operator)
        self.assertEqual((how, found["550000|2026-01", "balance"]), ("held", ("105", "100")))
        calls = self.env["fin.audit.event"].search([("code", "=", "fin.run.call")])
        self.assertIn('"why":"drift"', calls[:1].content)

    def test_a_figure_that_is_gone_over_there_is_a_difference_though_it_was_delivered(self):
        double = self.start_double()
        flow = self.flow(double.url)
        self.complete(self.queue(flow))
        self.patch(PlanningApi, "held", lambda _api: iter(()))
        _how, found = self.compared(flow, self.operator)
        self.assertEqual(found["700000|2026-01", "balance"], ("-100", "0"))

    def test_who_only_looks_sees_what_was_sent_last_and_calls_nobody(self):
        double = self.start_double()
        flow = self.flow(double.url)
        self.complete(self.queue(flow))
        self.entry("2026-01-11", 5)
        before = double.ask("/control/log")
        viewer = self.person("viewer", "group_viewer")
        how, found = self.compared(flow, viewer)
        self.assertEqual((how, found["700000|2026-01", "balance"]), ("told", ("-105", "-100")))
        self.assertEqual(double.ask("/control/log"), before)
