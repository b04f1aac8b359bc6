"""What keeps the engine fast: plans that need no statistics, and ticks that cost the same whatever the history."""

import datetime as dt

from odoo import fields
from odoo.tests import tagged
from odoo.tests.common import TransactionCase
from odoo.tools import SQL

from ..models.item.stretch import known_of
from .common import LawScene, fact

WHICH = "SELECT i.id FROM fin_item i CROSS JOIN LATERAL %s AS b WHERE i.run_id = %s AND i.outcome = 'open'"


@tagged("post_install", "-at_install")
class TestEngineSpeed(LawScene, TransactionCase):
    def plan(self, query):
        return "\n".join(line for (line,) in self.env.execute_query(SQL("EXPLAIN %s", query)))

    def test_what_is_known_is_looked_up_by_its_key_whatever_the_planner_knows(self):
        run = self.collected(*[fact(f"P{number}") for number in range(3)])
        self.env.cr.execute("SET LOCAL enable_seqscan = off")  # a table of a page is read whole, whatever its indexes
        plan = self.plan(SQL(WHICH, known_of("id"), run.id))
        by_scope = [line for line in plan.splitlines() if "Index Cond" in line and "(i.scope)" in line]
        self.assertFalse(by_scope, plan)

    def test_batches_bring_every_open_item_once_and_in_order(self):
        run = self.collected(*[fact(f"B{number}") for number in range(7)])
        batches = list(self.env["fin.item"]._batches(run, 3))
        self.assertEqual([len(batch) for batch in batches], [3, 3, 1])
        self.assertEqual([item.key for batch in batches for item in batch], [f"B{number}" for number in range(7)])

    def test_an_item_that_got_its_outcome_meanwhile_is_in_no_later_batch(self):
        run, items = self.collected(*[fact(f"C{number}") for number in range(4)]), self.env["fin.item"]
        batches = items._batches(run, 2)
        next(batches)
        items._set_outcome(run, "skipped", items.search([("run_id", "=", run.id), ("key", "=", "C3")]).ids)
        self.assertEqual([item.key for item in next(batches)], ["C2"])

    def test_a_tick_asks_the_same_after_a_month_of_history(self):
        self.flow.write({"schedule_kind": "interval", "interval_minutes": 60})
        self.approve(self.flow)
        # Whole hours, so that both ticks find one moment.
        base = fields.Datetime.now().replace(minute=30, second=0, microsecond=0) + dt.timedelta(hours=1)
        self._tick_at(base)
        before = self._tick_at(base + dt.timedelta(hours=1))
        self._a_month_passes()
        after = self._tick_at(base + dt.timedelta(hours=2))
        self.assertLessEqual(after, before)

    def _tick_at(self, now):
        """How many queries a tick takes that finds one moment due."""
        self.env.flush_all()
        self.env.invalidate_all()
        count, slots = self.env.cr.sql_log_count, self.env["fin.slot"].search_count([])
        self.env["fin.slot"]._tick(now)
        self.env.flush_all()
        taken = self.env.cr.sql_log_count - count
        self.assertEqual(self.env["fin.slot"].search_count([]), slots + 1)
        return taken

    def _a_month_passes(self):
        self.sql(
            """INSERT INTO fin_slot (flow_id, company_id, due_at, state)
            SELECT %s, %s, now() - make_interval(hours => n + 5), 'met' FROM generate_series(1, 800) n""",
            self.flow.id,
            self.company.id,
        )
        self.sql(
            """INSERT INTO fin_run (name, flow_id, direction, company_id, state, stage, lane, trigger, concurrency_key,
                reconciliation_state, finished_at)
            SELECT 'OLD-' || n, %s, 'inbound', %s, 'done', 'reconcile', 'batch', 'schedule', 'flow', 'tied', now()
            FROM generate_series(1, 2000) n""",
            self.flow.id,
            self.company.id,
        )
