import json
from decimal import Decimal

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, TransientError
from odoo.addons.finance_integration_governance.core.stages import STAGES
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .common import PlanningCase

HELD = ("700000", "2026-01")


@tagged("post_install", "-at_install")
class TestPlanningHeld(PlanningCase):
    """A gate holds one figure of four: the others leave without it, and it leaves by itself once somebody said yes."""

    def setUp(self):
        super().setUp()
        self.entry("2026-01-10", 100)
        self.entry("2026-02-10", 7)
        self.double = self.start_double()

    def split(self, flow=None):
        """A run whose third figure was held; the rest is done."""
        run = self.queue(flow or self.flow(self.double.url))
        run._transition("start", digest=run.version_digest)
        self.go_on(run, STAGES[:2])
        self.mark(run)
        self.go_on(run, STAGES[2:])
        self.env.invalidate_all()
        return run

    def mark(self, run):
        exception = self.env["fin.exception"]._raise(run, "looks_wrong", "somebody has to look at it")
        self.env["fin.item"]._attach(exception, self.to_hold(run).ids)

    def to_hold(self, run):
        self.env.invalidate_all()
        return run.item_ids.filtered(lambda item: item.key.endswith("|".join(HELD)))

    def let_go(self, run):
        """Two persons say yes to what the exception holds, and the engine takes it up."""
        exception = run.exception_ids.filtered(lambda e: e.code == "looks_wrong")
        exception.with_user(self.operator)._request_waiver("it is right")
        exception.with_user(self.approver)._approve_waiver()
        self.env["fin.audit.seal"]._seal_waiting()
        return self.take_up(run)

    def take_up(self, run):
        self.env.flush_all()
        run._transition("start", digest=run.version_digest)
        return self.go_on(run, STAGES[STAGES.index(run.stage) :])

    def sent(self):
        """Every upload in order: its figures as (account, period) -> balance."""
        requests = self.double.ask("/control/log")["requests"]
        return [entry["key"] for entry in requests if entry["method"] == "POST"]

    def told(self, run):
        """What the run's payloads say, (account, period) -> balance, from the bytes that were sent."""
        figures = {}
        for payload in run.payload_ids:
            with payload._open() as stream:
                for cell in json.load(stream)["cells"]:
                    figures[cell["account"], cell["period"]] = Decimal(cell["balance"])
        return figures

    def parts(self, run):
        return self.env["fin.item"]._totals_by_outcome(run)

    def test_law1_what_a_gate_holds_does_not_leave_with_the_rest(self):
        run = self.split()
        child = run.child_ids
        self.assertEqual((run.state, run.reconciliation_state, run.delivered, run.held), ("done", "tied", 3, 1))
        self.assertEqual((child.state, len(child.payload_ids), len(child.item_ids)), ("held", 0, 1))
        self.assertNotIn(HELD, self.told(run))
        self.assertEqual(len(self.told(run)), 3)
        self.assertEqual(sorted(self.sent()), sorted(run.attempt_ids.mapped("idempotency_key")))

    def test_law1_held_in_the_parent_is_received_in_the_child_out_of_odoo_too(self):
        run = self.split()
        parts, held = self.parts(run), self.parts(run.child_ids)
        self.assertEqual(parts["held"].differences(sum(held.values(), ControlTotals())), [])
        self.assertEqual(run.received, sum(total.count for total in parts.values()))

    def test_law2_the_held_part_leaves_by_itself_and_once(self):
        run = self.split()
        before = self.sent()
        child = self.let_go(run.child_ids)
        self.assertEqual((child.state, child.reconciliation_state, child.delivered), ("done", "tied", 1))
        self.assertEqual(self.told(child), {HELD: Decimal(-100)})
        self.assertEqual(self.sent()[len(before) :], child.attempt_ids.mapped("idempotency_key"))
        self.assertEqual(child.item_ids.payload_id.run_id, child)
        run = self.complete(self.queue(run.flow_id))
        self.assertEqual((run.unchanged, run.delivered, len(self.sent())), (4, 0, len(before) + 1))

    def test_law2_a_newer_figure_is_not_overwritten_by_the_one_that_was_held(self):
        run = self.split()
        self.entry("2026-01-11", 5)
        self.complete(self.queue(run.flow_id))
        before = self.sent()
        child = self.let_go(run.child_ids)
        self.assertEqual((child.state, child.superseded, child.received), ("done", 1, 1))
        self.assertEqual(self.sent(), before)

    def test_law2_a_figure_that_was_sent_meanwhile_is_not_sent_again(self):
        run = self.split()
        self.complete(self.queue(run.flow_id))
        before = self.sent()
        child = self.let_go(run.child_ids)
        self.assertEqual((child.state, child.unchanged, self.sent()), ("done", 1, before))

    def test_what_was_refused_while_it_was_held_does_not_leave(self):
        run = self.queue(self.flow(self.double.url))
        run._transition("start", digest=run.version_digest)
        self.go_on(run, STAGES[:4])
        run._transition("hold", reason="somebody looks")
        self.env["fin.item"]._set_outcome(run, "rejected", self.to_hold(run).ids, reason="wrong")
        run._release()
        self.take_up(run)
        self.assertEqual((run.state, run.rejected, run.delivered), ("done", 1, 3))
        self.assertNotIn(HELD, self.told(run))

    def test_law3_held_under_an_older_version_it_is_collected_anew(self):
        flow = self.flow(self.double.url)
        run = self.split(flow)
        flow.purpose = "Another purpose"
        self.approve(flow)
        self.env["fin.audit.seal"]._seal_waiting()
        child = run.child_ids
        child._release()
        self.assertEqual((child.state, child.skipped), ("cancelled", 1))
        again = self.env["fin.run"].search([("flow_id", "=", flow.id)], limit=1)
        self.assertEqual((again.state, again.trigger), ("queued", "release"))

    def test_a_payload_with_something_that_was_sent_by_another_run_is_not_sent(self):
        flow = self.flow(self.double.url)
        run = self.queue(flow)
        send = type(run._connector()).send
        self.patch(type(run._connector()), "send", lambda *_: (_ for _ in ()).throw(TransientError("cut off")))
        self.cut_off(run)
        self.patch(type(run._connector()), "send", send)
        run._transition("fail", reason="cut off")
        self.env.flush_all()
        self.entry("2026-01-11", 5)
        self.complete(self.queue(flow))
        run._transition("requeue")
        run._transition("start", digest=run.version_digest)
        before = self.sent()
        with self.assertRaisesRegex(ConfigurationError, "do not go any more"):
            self.go_on(run, STAGES[4:])
        self.assertEqual(self.sent(), before)
