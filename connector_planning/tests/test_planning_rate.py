from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import TransientError

from .common import PlanningCase


@tagged("post_install", "-at_install")
class TestPlanningRate(PlanningCase):
    """Each call to the planning system takes its place in the bucket of its connection."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.double = self.start_double()
        for day in range(1, 6):
            self.entry(f"2026-01-0{day}", 100 + day)
        self.planned = self.flow(self.double.url)

    def limited(self, calls):
        self.planned.connection_id.write({"rate_calls": calls, "rate_seconds": 3600})
        self.approve(self.planned)
        self.env["fin.audit.seal"]._seal_waiting()

    def asked(self):
        """The requests that reached the system, without those of the test itself."""
        log = self.double.ask("/control/log")
        lines = log if isinstance(log, list) else log.get("log", log.get("requests", []))
        return [line for line in lines if "/control/" not in str(line)]

    def left(self):
        rate = self.env["fin.rate"].search([("code", "=", "to-actuals-test")])
        rate.invalidate_recordset()
        return rate.left

    def test_r18_every_call_takes_one_place(self):
        self.limited(100)
        run = self.complete(self.queue(self.planned))
        self.assertEqual(run.state, "done")
        calls = self.env["fin.audit.event"].search([("code", "=", "fin.run.calls"), ("subject_key", "=", run.name)])
        self.assertTrue(self.asked())
        self.assertEqual(100 - self.left(), len(self.asked()), calls.mapped("facts"))

    def test_r18_with_an_empty_bucket_nothing_leaves_and_nothing_is_unknown(self):
        self.limited(1)
        error = self.cut_off(self.queue(self.planned))
        self.assertIsInstance(error, TransientError)
        self.assertEqual((error.code, error.facts["sent"]), ("rate_limited", False))
        self.assertLessEqual(len(self.asked()), 1)
        states = self.env["fin.attempt"].search([("run_id.flow_id", "=", self.planned.id)]).mapped("state")
        self.assertNotIn("unknown", states)
