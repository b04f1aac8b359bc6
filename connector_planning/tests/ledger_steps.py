"""What happens to random ledgers, step by step; nothing of it stays."""

import os
import random
from contextlib import suppress

from hypothesis import HealthCheck, Phase, example, given, seed, settings
from hypothesis import strategies as st

from odoo.addons.finance_integration_governance.core.errors import TransientError
from odoo.addons.finance_integration_governance.core.stages import STAGES
from odoo.addons.finance_integration_governance.tests.forgotten import forgotten

from .test_planning_restatement import RestatementCase

SEED = int(os.environ.get("FIN_SEED") or random.randrange(1 << 32))
EXAMPLES = int(os.environ.get("FIN_EXAMPLES") or 8)
MONTHS = ("2026-01", "2026-02", "2026-03")
LAST_DAYS = {"2026-01": "2026-01-31", "2026-02": "2026-02-28", "2026-03": "2026-03-31"}
CENTS = st.integers(1, 10**7).map(lambda cents: cents / 100)


def ledgers(post, faults, *more, worked, **drawn):
    """Decorator: the test is called with the steps of random ledgers, and with what else is `drawn`, by name.

    `post`: what is posted; `faults`: names of what the other side may do; `more`: further steps; `worked`: arguments of
    ledgers that are tried each time, before the random ones.
    """
    steps = st.one_of(
        post,
        post,
        st.tuples(st.sampled_from(("draft", "repost", "reverse", "move")), st.integers(0, 9), st.sampled_from(MONTHS)),
        st.tuples(st.just("close"), st.sampled_from((*MONTHS, None))),
        st.tuples(st.just("deliver"), st.sampled_from(faults)),
        st.tuples(st.just("accept")),
        *more,
    )

    def decorated(test):
        told = {
            "max_examples": EXAMPLES,
            "deadline": None,
            "database": None,
            "phases": (Phase.explicit, Phase.generate),
        }
        kept = settings(**told, suppress_health_check=list(HealthCheck))
        tried = given(steps=st.lists(steps, min_size=3, max_size=10), **drawn)(test)
        for arguments in reversed(worked):
            tried = example(**arguments)(tried)
        return seed(SEED)(kept(tried))

    return decorated


class LedgerCase(RestatementCase):
    """Steps that happen to `self.actuals`, a flow into `self.double`; `check` says what holds after each delivery."""

    refused = ()  # errors by which Odoo refuses what would happen to an entry

    def setUp(self):
        super().setUp()
        print(f"ledgers of seed {SEED}, {EXAMPLES} of them (FIN_SEED, FIN_EXAMPLES)")

    def play(self, steps):
        """These steps, and a last delivery; nothing of it stays, here or there."""
        self.moves = self.env["account.move"]
        try:
            with forgotten(self.env):
                for step in steps:
                    getattr(self, f"do_{step[0]}")(*step[1:])
                self.do_deliver(None)
        finally:
            self.double.ask("/control/reset", all=True)

    # What happens to a ledger

    def do_draft(self, number, _month):
        self.each(number, "posted", lambda move: move.button_draft())

    def do_repost(self, number, _month):
        self.each(number, "draft", lambda move: move.action_post())

    def do_move(self, number, month):
        self.each(number, "draft", lambda move: move.write({"date": f"{month}-15", "name": "/"}))

    def do_reverse(self, number, month):
        self.each(number, "posted", lambda m: self.add(m._reverse_moves([{"date": f"{month}-20"}])).action_post())

    def do_close(self, month):
        self.close(LAST_DAYS.get(month))

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
                self.work(run)
                break
            except TransientError:
                self.env.flush_all()
        self.double.ask("/control/faults", faults={"slow": 0})
        self.finish_superseded()
        self.assertEqual(run.state, "done")
        self.check()

    def work(self, run):
        """What is left of a run's stages."""
        self.go_on(run, STAGES[STAGES.index(run.stage) :])

    def finish_superseded(self):
        """The engine takes up what was released because something newer took its place."""
        queued = [("flow_id", "=", self.actuals.id), ("state", "=", "queued")]
        for run in self.env["fin.run"].search(queued, order="id"):
            self.take_up(run)

    def add(self, moves):
        self.moves |= moves
        return moves

    def each(self, number, state, what):
        """One of the entries in this state, if there is any; what Odoo may refuse does not happen then."""
        self.moves = self.moves.exists()
        found = self.moves.filtered(lambda move: move.state == state)
        if found:
            with suppress(*self.refused), self.env.cr.savepoint():
                self.reopened(lambda: what(found[number % len(found)]))

    def reopened(self, what):
        """The books are open while it happens, and closed again up to the same day."""
        until = self.company.fiscalyear_lock_date
        self.close(False)
        what()
        self.close(until)
        self.env.flush_all()
