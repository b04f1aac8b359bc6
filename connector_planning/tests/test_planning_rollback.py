from decimal import Decimal

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.http import HttpClient
from odoo.addons.finance_integration_governance.core.stages import STAGES
from odoo.addons.finance_integration_governance.models.writer import by_program

from .common import TOKEN, PlanningCase


@tagged("post_install", "-at_install")
class TestPlanningRollback(PlanningCase):
    """What has left is compensated: the target is given again what it held before, announced and read back."""

    def setUp(self):
        super().setUp()
        self.double = self.start_double()
        self.entry("2026-01-10", 100)
        self.plan = self.flow(self.double.url)
        self.first = self.complete(self.queue(self.plan))

    def held(self):
        http = HttpClient(self.double.url, token=TOKEN, allowed_hosts=("127.0.0.1",))
        return {
            (cell["account"], cell["period"]): Decimal(cell["balance"])
            for cell in http.get("/v1/cells").json()["cells"]
        }

    def roll_back(self, run):
        asked = self.env["fin.remedy"].with_user(self.operator)
        with self.enter_registry_test_mode():
            remedy = asked._ask_rollback(run.with_user(self.operator), "wrong month").with_env(self.env)
        by_program(remedy.with_user(self.approver))._approve()
        self.env["fin.audit.seal"]._seal_waiting()
        back = remedy.run_ids
        back._transition("start", digest=back.version_digest)
        for stage in STAGES:
            back._reached(stage)
            for _kept in getattr(self.env["fin.engine"]._pipeline(back), f"_{stage}")(back):
                self.env.flush_all()
        self.env.flush_all()
        return back

    def test_the_target_holds_again_what_it_held_before(self):
        before = self.held()
        self.entry("2026-01-20", 7)
        second = self.complete(self.queue(self.plan))
        self.assertNotEqual(self.held(), before)
        back = self.roll_back(second)
        self.assertEqual((back.state, back.reconciliation_state, back.delivered), ("done", "tied", 2))
        self.assertEqual((back.trigger, back.attempt_ids.mapped("state")), ("rollback", ["accepted"]))
        self.assertEqual(self.held(), before)
        # The ledger still says otherwise: the next run tells it again.
        again = self.complete(self.queue(self.plan))
        self.assertEqual((again.state, again.delivered), ("done", 2))

    def test_what_the_target_did_not_hold_before_is_zero(self):
        back = self.roll_back(self.first)
        self.assertEqual((back.state, back.reconciliation_state), ("done", "tied"))
        self.assertEqual(set(self.held().values()), {Decimal(0)})
