"""Whatever happens between release and the bank's last word: nothing is paid twice, and no payment is lost."""

import os
import random
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core import faults
from odoo.addons.finance_integration_governance.core.errors import TransientError
from odoo.addons.finance_integration_governance.tests.forgotten import forgotten

from .payment_flow_scene import Counter, PaymentFlowCase

SEED = int(os.environ.get("FIN_SEED") or random.randrange(1 << 32))
EXAMPLES = int(os.environ.get("FIN_EXAMPLES") or 6)
GONE = ("sent", "accepted", "settled", "returned")
POINTS = [
    "start.after",
    "outbound.extract.1.before",
    "outbound.extract.1.after",
    "outbound.gate.end.after",
    "outbound.deliver.1.after",
    "outbound.deliver.2.after",
    "outbound.deliver.send.before",
    "outbound.deliver.send.after",
    "outbound.deliver.end.before",
    "outbound.reconcile.1.after",
]
LOST, UNSENT = "lost", "unsent"
STEPS = st.one_of(
    st.tuples(st.just("work"), st.sampled_from((None, None, LOST, UNSENT, "refused"))),
    st.tuples(st.just("die"), st.sampled_from(POINTS)),
    st.tuples(st.just("tell"), st.sampled_from(("ACCP", "ACSC", "RJCT", "PART")), st.integers(0, 2)),
    st.tuples(st.just("again")),
    st.tuples(st.just("edit"), st.integers(0, 1)),
    st.tuples(st.just("mend")),
    st.tuples(st.just("let_go")),
    st.tuples(st.just("decide")),
    st.tuples(st.just("release")),
    st.tuples(st.just("take_back")),
)


class Killed(BaseException):
    """The worker dies."""


def _die(armed, point):
    if armed == point:
        raise Killed
    return False


@tagged("post_install", "-at_install")
class TestPaymentProperty(PaymentFlowCase):
    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(steps=st.lists(STEPS, min_size=3, max_size=8))
    def test_laws_2_and_8_never_sent_twice_and_never_lost(self, steps):
        print(f"histories of seed {SEED}, {EXAMPLES} of them (FIN_SEED, FIN_EXAMPLES)")
        with forgotten(self.env):
            self.begin()
            for step in steps:
                getattr(self, f"do_{step[0]}")(*step[1:])
                self.check()
            self.settle()

    def test_r01_a_worker_dies_at_each_point_of_the_way_out(self):
        points = [one for one in self.env["fin.engine"]._fault_points() if one.startswith("outbound.deliver.")]
        for point in {*points, *POINTS}:
            with self.subTest(point), forgotten(self.env):
                self.begin()
                self.do_die(point)
                self.work()
                self.check()
                self.settle()

    def begin(self):
        """A released batch of which the bank knows nothing yet."""
        Counter.got.clear()
        self.files = {}
        self.batch = self.released(100.0, 200.0)

    # What happens to a batch

    def do_work(self, how):
        error = TransientError("nothing came back", sent=how == LOST) if how in (LOST, UNSENT) else None
        with patch.object(Counter, "trouble", error), patch.object(Counter, "answer", how or "accepted"):
            self.work()

    def do_die(self, point):
        with patch.dict(os.environ, {faults.ENVIRONMENT: point}), patch.object(faults, "_hit", _die):
            try:
                self.work()
            except Killed:
                self.env.invalidate_all(flush=False)

    def do_tell(self, code, number):
        """The bank speaks only of what it has."""
        lines = self.batch.line_ids.filtered(lambda line: line.end_to_end_id in self.ids_got())
        if lines:
            of = self.batch if number == 2 else lines[number % len(lines)]
            name = f"{len(self.files)}.xml"
            self.files[name] = [self.status(of, code, "AC04" if code == "RJCT" else None, message=name)]
            self.tell(*self.files[name], name=name)

    def do_again(self):
        """A file comes a second time, whichever was the first."""
        for name, statuses in list(self.files.items())[:1]:
            self.tell(*statuses, name=f"again-{name}")

    def do_edit(self, number):
        self.batch.line_ids[number].partner_bank_id.acc_holder_name = "Somebody Else"

    def do_mend(self):
        self.batch.line_ids.partner_bank_id.acc_holder_name = False

    def do_let_go(self):
        for run in (self.batch.run_id | self.batch.run_id.child_ids).filtered(lambda run: run.state == "held"):
            run.with_user(self.operator).action_release()
        self.work()

    def do_decide(self):
        """Two people find out what is true, where the batch is in doubt."""
        if self.batch.state == "unknown":
            is_there = bool(set(self.ids_got()) & set(self.batch.line_ids.mapped("end_to_end_id")))
            self.batch.with_user(self.sender)._say_of_doubt("arrived" if is_there else "never_arrived", "asked them")
            self.batch.with_user(self.approver)._decide_doubt("approve")

    def do_release(self):
        if self.batch.state == "approved":
            self.batch.with_user(self.sender)._release()

    def do_take_back(self):
        if self.batch.state == "released":
            try:
                self.batch.with_user(self.sender).action_take_back()
            except UserError:
                return

    # What is true all the time, and at the end

    def check(self):
        got = self.ids_got()
        self.assertEqual(len(got), len(set(got)), "paid twice")
        runs = self.batch.run_id | self.batch.run_id.child_ids
        for line in self.batch.line_ids:
            if line.state in GONE:
                self.assertIn(line.end_to_end_id, got, "told to be sent, and was not")
            owed = line.move_line_ids.move_id.amount_residual
            is_open = line.state in ("rejected", "returned", "planned")
            self.assertEqual(bool(owed), is_open, (line.state, owed))
            if line.end_to_end_id in got and line.state == "ready":
                self.assertTrue(runs.attempt_ids.filtered(lambda one: one.state in ("announced", "unknown")))

    def settle(self):
        """Everybody does what is asked of them: then each payment has left once, or its bill is open."""
        self.do_mend()
        for _round in range(4):
            self.do_decide()
            self.do_release()
            if self.batch.run_id.state == "failed" and self.batch.state == "released":
                self.batch.run_id.with_user(self.operator).action_requeue()
            self.do_let_go()
            self.check()
        lines = self.batch.line_ids
        if self.batch.state == "draft":
            return  # every yes was void
        self.assertNotIn("ready", lines.mapped("state"), (self.batch.state, self.batch.run_id.last_error))
        self.assertLessEqual(set(self.ids_got()), set(lines.mapped("end_to_end_id")))
