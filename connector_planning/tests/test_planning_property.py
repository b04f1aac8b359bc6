"""Whatever is posted, taken back, dated back, closed and cut off: planning holds the ledger, but for what waits."""

import os
import random
from contextlib import contextmanager
from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import TransientError
from odoo.addons.finance_integration_governance.core.http import HttpClient
from odoo.addons.finance_integration_governance.core.stages import STAGES

from .common import TOKEN
from .test_planning_restatement import RestatementCase

SEED = int(os.environ.get("FIN_SEED") or random.randrange(1 << 32))
EXAMPLES = int(os.environ.get("FIN_EXAMPLES") or 8)
MONTHS = ("2026-01", "2026-02", "2026-03")
FAULTS = (None, None, "drop_connection", "drop_connection_after_store", "503_once")
CENTS = st.integers(1, 10**7).map(lambda cents: cents / 100)

POST = st.tuples(st.just("post"), st.sampled_from(MONTHS), st.integers(1, 28), CENTS, st.booleans())
STEPS = st.one_of(
    POST,
    POST,
    st.tuples(st.sampled_from(("draft", "repost", "reverse", "move")), st.integers(0, 9), st.sampled_from(MONTHS)),
    st.tuples(st.just("close"), st.sampled_from((*MONTHS, None))),
    st.tuples(st.just("deliver"), st.sampled_from(FAULTS)),
    st.tuples(st.just("accept")),
)


@tagged("post_install", "-at_install")
class TestPlanningProperty(RestatementCase):
    def setUp(self):
        super().setUp()
        self.other = self.account("610000", "Services", "expense")
        self.actuals = self.flow(self.double.url, options={"delta": True})
        print(f"ledgers of seed {SEED}, {EXAMPLES} of them (FIN_SEED, FIN_EXAMPLES)")

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(steps=st.lists(STEPS, min_size=3, max_size=10))
    def test_law_1_delivered_cells_and_open_restatements_are_the_trial_balance(self, steps):
        with self.forgotten():
            for step in steps:
                getattr(self, f"do_{step[0]}")(*step[1:])
            self.do_deliver(None)

    @contextmanager
    def forgotten(self):
        """What happens within it leaves nothing behind, here or there."""
        self.env.flush_all()
        self.moves = self.env["account.move"]
        point = self.env.cr.savepoint()
        try:
            yield
        finally:
            self.env.invalidate_all(flush=False)
            point.rollback()
            point.close()
            self.env.invalidate_all(flush=False)
            self.env.registry.clear_cache()
            self.double.ask("/control/reset", all=True)

    # What happens to a ledger

    def do_post(self, month, day, amount, is_cost):
        self.reopened(lambda: self.add(self.entry(f"{month}-{day:02d}", amount, debit=self.other if is_cost else None)))

    def do_draft(self, number, _month):
        self.each(number, "posted", lambda move: move.button_draft())

    def do_repost(self, number, _month):
        self.each(number, "draft", lambda move: move.action_post())

    def do_move(self, number, month):
        self.each(number, "draft", lambda move: move.write({"date": f"{month}-15", "name": "/"}))

    def do_reverse(self, number, month):
        self.each(number, "posted", lambda m: self.add(m._reverse_moves([{"date": f"{month}-20"}])).action_post())

    def do_close(self, month):
        self.close(f"{month}-28" if month and month != "2026-02" else month and "2026-02-28")
        if month:
            last = {"2026-01": "2026-01-31", "2026-02": "2026-02-28", "2026-03": "2026-03-31"}[month]
            self.close(last)

    def do_accept(self):
        for exception in self.waiting():
            if exception._held_runs():
                self.say_yes(exception)
                self.env.invalidate_all()

    def do_deliver(self, fault):
        self.double.ask("/control/faults", faults={fault: 1} if fault else {"slow": 0})
        self.env.flush_all()
        run = self.queue(self.actuals)
        run._transition("start", digest=run.version_digest)
        for _try in range(5):
            try:
                self.go_on(run, STAGES[STAGES.index(run.stage) :])
                break
            except TransientError:
                self.env.flush_all()
        self.double.ask("/control/faults", faults={"slow": 0})
        self.finish_superseded()
        self.assertEqual(run.state, "done")
        self.check()

    def finish_superseded(self):
        """The engine takes up what was released because something newer took its place."""
        queued = [("flow_id", "=", self.actuals.id), ("state", "=", "queued")]
        for run in self.env["fin.run"].search(queued, order="id"):
            self.take_up(run)

    def add(self, moves):
        self.moves |= moves
        return moves

    def each(self, number, state, what):
        """One of the entries in this state, if there is any."""
        found = self.moves.filtered(lambda move: move.state == state)
        if found:
            self.reopened(lambda: what(found[number % len(found)]))

    def reopened(self, what):
        """The books are open while it happens, and closed again up to the same day."""
        until = self.company.fiscalyear_lock_date
        self.close(False)
        what()
        self.close(until)
        self.env.flush_all()

    # What holds

    def check(self):
        there = {place: amount for place, amount in self.there().items() if amount}
        bound = {place: amount for place, amount in self.bound().items() if amount}
        self.assertEqual(there, bound, "planning holds what was delivered, and nothing else")
        ours = {place: amount for place, amount in self.ledger().items() if amount}
        told = {place: amount for place, amount in {**bound, **self.waits()}.items() if amount}
        self.assertEqual(told, ours, "delivered and waiting figures are the trial balance")

    def there(self):
        http = HttpClient(self.double.url, token=TOKEN, allowed_hosts=("127.0.0.1",))
        cells = http.get("/v1/cells").json()["cells"]
        return {(cell["account"], cell["period"]): Decimal(cell["balance"]) for cell in cells}

    def bound(self):
        return self.cells("JOIN fin_binding b ON b.item_id = i.id WHERE b.live")

    def waits(self):
        return self.cells("JOIN fin_run r ON r.id = i.run_id WHERE r.state = 'held' AND i.outcome = 'open'")

    def cells(self, where):
        self.env.flush_all()
        query = f"SELECT i.key, i.amount::text FROM fin_item i {where} AND i.scope = 'to-actuals-test' ORDER BY i.id"
        self.env.cr.execute(query)
        return {tuple(key.split("|")[2:]): Decimal(amount) for key, amount in self.env.cr.fetchall()}

    def ledger(self):
        """Odoo's own trial balance."""
        domain = [("company_id", "=", self.company.id), ("parent_state", "=", "posted")]
        groups = self.env["account.move.line"]._read_group(domain, ["account_id", "date:month"], ["balance:sum"])
        return {(a.code, f"{month:%Y-%m}"): Decimal(f"{balance:.2f}") for a, month, balance in groups}
