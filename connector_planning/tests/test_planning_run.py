from decimal import Decimal

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.http import HttpClient
from odoo.addons.finance_integration_governance.core.stages import STAGES

from .common import TOKEN, PlanningCase


@tagged("post_install", "-at_install")
class TestPlanningRun(PlanningCase):
    """The whole way out, to the real double, read back and tied."""

    def setUp(self):
        super().setUp()
        self.entry("2026-01-10", 100)
        self.entry("2026-01-20", 20.5)
        self.entry("2026-02-10", 7)

    def held(self, double):
        """What the planning system holds: (account, period) -> balance."""
        cells = HttpClient(double.url, token=TOKEN, allowed_hosts=("127.0.0.1",)).get("/v1/cells").json()["cells"]
        return {(cell["account"], cell["period"]): Decimal(cell["balance"]) for cell in cells}

    def test_actuals_arrive_and_tie(self):
        double = self.start_double()
        run = self.complete(self.queue(self.flow(double.url)))
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 4))
        expected = {("550000", "2026-01"): Decimal("120.5"), ("700000", "2026-01"): Decimal("-120.5")}
        expected |= {("550000", "2026-02"): Decimal("7"), ("700000", "2026-02"): Decimal("-7")}
        self.assertEqual(self.held(double), expected)
        self.assertEqual(run._object()._totals(run).differences(self.delivered(run)), [])

    def test_law8_a_copy_of_a_run_on_its_way_sends_nothing(self):
        double = self.start_double()
        run = self.queue(self.flow(double.url))
        run._transition("start", digest=run.version_digest)
        self.go_on(run, STAGES[: STAGES.index("deliver")])
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        with self.assertRaises(ConfigurationError) as refused:
            self.go_on(run, ("deliver",))
        self.assertEqual((refused.exception.code, self.held(double)), ("not_released", {}))

    def test_calls_are_on_record_whatever_was_kept_or_undone_before(self):
        run = self.queue(self.flow(self.start_double().url))
        connector = run._connector()
        for _unit in range(2):
            self.env.flush_all()
            self.env.cr.clear()  # as each commit and each rollback does
            connector.probe()
            run._log_calls()
        wanted = [("code", "=", "fin.run.call"), ("subject_key", "=", run.name)]
        self.assertEqual(self.env["fin.audit.event"].search_count(wanted), 2)

    def delivered(self, run):
        return self.env["fin.item"]._totals_by_outcome(run)["delivered"]

    def test_only_what_changed_travels_again(self):
        double = self.start_double()
        flow = self.flow(double.url)
        self.complete(self.queue(flow))
        self.entry("2026-02-11", 3)
        run = self.complete(self.queue(flow))
        self.assertEqual((run.state, run.unchanged, run.delivered, run.received), ("done", 2, 2, 4))
        self.assertEqual(self.held(double)["550000", "2026-02"], Decimal("10"))
        run = self.complete(self.queue(flow))
        self.assertEqual((run.state, run.unchanged, run.delivered), ("done", 4, 0))

    def test_a_cell_that_is_gone_travels_once_as_zero(self):
        double = self.start_double()
        flow = self.flow(double.url)
        self.complete(self.queue(flow))
        february = self.env["account.move"].search([("date", "=", "2026-02-10"), ("journal_id", "=", self.journal.id)])
        february.button_draft()
        run = self.complete(self.queue(flow))
        self.assertEqual((run.state, run.unchanged, run.delivered), ("done", 2, 2))
        self.assertEqual(self.held(double)["550000", "2026-02"], Decimal("0"))
        self.assertEqual(run._object()._totals(run).differences(self.delivered(run)), [])
        self.assertEqual(self.complete(self.queue(flow)).unchanged, 4)

    def test_the_connection_is_tested_with_a_real_call(self):
        double = self.start_double()
        words = self.flow(double.url).connection_id._answer()
        self.assertIn("holds 0 cells", words)
        self.assertNotIn(TOKEN, words)

    def test_an_empty_ledger_is_done_without_a_call(self):
        double = self.start_double()
        self.env["account.move"].search([("journal_id", "=", self.journal.id)]).button_draft()
        run = self.complete(self.queue(self.flow(double.url)))
        self.assertEqual((run.state, run.received), ("done", 0))
        self.assertEqual(double.ask("/control/log"), {"requests": []})

    def test_a_double_that_loses_a_row_holds_the_run(self):
        double = self.start_double("--fault", "lose_one_row:1")
        run = self.complete(self.queue(self.flow(double.url)))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))

    def test_a_refused_row_is_rejected_and_the_rest_ties_where_the_version_allows_one(self):
        double = self.start_double("--fault", "reject_row:1")
        run = self.complete(self.queue(self.flow(double.url, left_out_rows=1)))
        self.assertEqual((run.state, run.rejected, run.delivered), ("done", 1, 3))

    def test_rows_are_counted_over_all_requests_of_a_run(self):
        double = self.start_double("--fault", "reject_row:2")
        run = self.queue(self.flow(double.url, left_out_rows=1))
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate", "map", "gate"))
        run._reached("deliver")
        for _kept in self.env["fin.pipeline.outbound"]._deliver(run):
            if run.state != "running":
                break
        self.assertEqual((run.state, run.rejected), ("held", 1))
        self.assertIn("rows left out: 2, and the version allows 1", run.exception_ids.filtered("is_blocking").text)

    def test_a_closed_month_is_told_all_the_same(self):
        self.company.fiscalyear_lock_date = "2026-01-31"
        double = self.start_double()
        run = self.complete(self.queue(self.flow(double.url)))
        self.assertEqual((run.state, run.delivered), ("done", 4))

    def test_law_2_a_lost_answer_is_asked_about_and_not_sent_again(self):
        double = self.start_double("--fault", "drop_connection_after_store:1")
        flow = self.flow(double.url)
        run = self.queue(flow)
        self.assertTrue(self.cut_off(run).facts["sent"])
        self.go_on(run, ("deliver", "reconcile"))
        self.assertEqual((run.state, run.delivered), ("done", 4))
        self.assertEqual(sorted(run.attempt_ids.mapped("state")), ["accepted", "confirmed"])
        sent = [entry["key"] for entry in double.ask("/control/log")["requests"] if entry["method"] == "POST"]
        self.assertEqual(len(sent), len(set(sent)))
