from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from .common import PlanningCase


@tagged("post_install", "-at_install")
class TestPlanningScope(PlanningCase):
    """Nothing leaves but the fields that were approved."""

    def test_a_field_outside_of_the_approved_scope_does_not_leave(self):
        double = self.start_double()
        flow = self.flow(url=double.url)
        self.entry("2026-03-10", 100)
        flow.scope_ids.filtered(lambda row: row.field_name == "account_name").is_allowed = False
        self.approve(flow)
        self.env["fin.audit.seal"]._seal_waiting()
        run = self.queue(flow)
        with self.assertRaisesRegex(ConfigurationError, "planning.actual.account_name"):
            self.complete(run)
        self.assertFalse(run.attempt_ids)

    def test_the_scope_of_the_pinned_version_counts(self):
        double = self.start_double()
        flow = self.flow(url=double.url)
        self.entry("2026-03-10", 100)
        flow.scope_ids.is_allowed = False
        run = self.complete(self.queue(flow))
        self.assertEqual(run.state, "done")

    def test_a_flow_that_may_send_nothing_is_not_submitted(self):
        flow = self.flow()
        flow.scope_ids.is_allowed = False
        with self.assertRaisesRegex(UserError, "which fields may leave"):
            self.approve(flow)

    def test_every_field_of_the_contract_is_proposed(self):
        flow = self.flow()
        self.assertEqual(set(flow.scope_ids.mapped("entity")), {"planning.actual"})
        self.assertIn("balance", flow.scope_ids.filtered("is_allowed").mapped("field_name"))
