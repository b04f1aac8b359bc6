import json
from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import MappingError
from odoo.addons.finance_integration_governance.core.http import HttpClient
from odoo.addons.finance_integration_governance.models.writer import by_program

from .common import TOKEN, PlanningCase

STAGES = ("extract", "validate", "map", "gate", "deliver", "reconcile")


@tagged("post_install", "-at_install")
class TestPlanningCrosswalk(PlanningCase):
    """Figures by the target's accounts: what does not map holds the load before anything is collected."""

    def setUp(self):
        super().setUp()
        self.services = self.account("700100", "Services", "income")
        self.entry("2026-01-10", 100)
        self.entry("2026-01-20", 20.5, credit=self.services)
        self.entry("2026-02-10", 7)
        self.crosswalk = self.new_crosswalk()

    def go(self, run):
        """As the engine does: no further once the run is not running any more."""
        if run.state == "queued":
            run._transition("start", digest=run.version_digest)
        for stage in STAGES[STAGES.index(run.stage) :]:
            if run.state == "running":
                run._reached(stage)
                for _kept in getattr(self.env["fin.pipeline.outbound"], f"_{stage}")(run):
                    self.env.flush_all()
        self.env.flush_all()
        return run

    def start(self, flow):
        return self.go(self.queue(flow))

    def held(self, double):
        cells = HttpClient(double.url, token=TOKEN, allowed_hosts=("127.0.0.1",)).get("/v1/cells").json()["cells"]
        return {(cell["account"], cell["period"]): Decimal(cell["balance"]) for cell in cells}

    def planned(self, double):
        return self.flow(double.url, crosswalk_ids=[Command.set(self.crosswalk.ids)])

    def add(self, flow, **line):
        self.crosswalk.line_ids = [Command.create(line)]
        self.approve(flow)
        self.env["fin.audit.seal"]._seal_waiting()

    def test_figures_are_added_up_by_the_targets_accounts_and_tie(self):
        double = self.start_double()
        run = self.start(self.planned(double))
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 4))
        self.assertEqual(
            self.held(double),
            {
                ("CASH", "2026-01"): Decimal("120.5"),
                ("REV", "2026-01"): Decimal("-120.5"),
                ("CASH", "2026-02"): Decimal(7),
                ("REV", "2026-02"): Decimal(-7),
            },
        )
        self.env.invalidate_all()
        item = run.item_ids.filtered(lambda i: i.key.endswith("REV|2026-01"))
        self.assertEqual(json.loads(item.content)["account_name"], "Revenue")
        told = json.loads(item.mapped_values)["crosswalk"]["account"]
        self.assertEqual(told, {"crosswalk": "accounts", "digest": self.crosswalk.digest, "lines": [2]})
        self.assertIn("REV", str(item.crosswalk_table))
        self.assertEqual(run.answer_ids[0].answer, "proceed")

    def test_law8_an_account_without_a_line_holds_the_load_before_anything_is_sent(self):
        double = self.start_double()
        flow = self.planned(double)
        nowhere = self.account("620000", "Wages", "expense")
        self.entry("2026-02-15", 50, debit=nowhere)
        run = self.start(flow)
        self.assertEqual((run.state, run.stage, len(run.item_ids), len(run.attempt_ids)), ("held", "extract", 0, 0))
        self.assertEqual(double.ask("/control/log"), {"requests": []})
        exception = run.exception_ids
        self.assertEqual((exception.code, exception.is_blocking), ("not_covered", True))
        self.assertIn("620000", exception.text)
        self.assertIn("620000 Wages: 1 × 2026-02-15", str(exception.message_ids.mapped("body")))
        # Released without a line, it waits again; with an approved one it goes on, on the version that is live then.
        run._release()
        self.assertEqual(self.go(run).state, "held")
        self.add(flow, source="620000", target="WAGES")
        run._release()
        self.go(run)
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))
        self.assertEqual(self.held(double)["WAGES", "2026-02"], Decimal(50))
        self.assertEqual(exception.state, "resolved")

    def test_what_is_missing_is_mapped_at_the_desk_before_anything_was_collected(self):
        double = self.start_double()
        flow = self.planned(double)
        self.entry("2026-02-15", 50, debit=self.account("620000", "Wages", "expense"))
        run = self.start(flow)
        case = run.exception_ids.with_user(self.operator)
        opened = case.action_map_codes()
        coverage = self.env["fin.crosswalk.coverage"].with_user(self.operator).browse(opened["res_id"])
        self.assertEqual((coverage.is_whole, coverage.gap_ids.mapped("code")), (False, ["620000"]))
        coverage.gap_ids.write({"is_taken": True, "target": "WAGES"})
        asked = coverage.action_add_and_propose()
        dialog = self.env[asked["res_model"]].with_user(self.operator).with_context(**asked["context"]).create({})
        dialog.action_submit()
        self.assertIn("waits for a second person's yes", case.next_step)
        by_program(case.change_id.with_user(self.approver))._approve()
        self.env["fin.audit.seal"]._seal_waiting()
        again = flow.run_ids.filtered(lambda one: one.state == "queued")
        self.assertEqual((self.go(again).state, case.state), ("done", "resolved"))
        self.assertEqual(self.held(double)["WAGES", "2026-02"], Decimal(50))

    def test_the_day_of_the_entry_decides_which_line_holds(self):
        double = self.start_double()
        flow = self.planned(double)
        self.crosswalk.line_ids = [
            Command.create({"source": "700000", "target": "OLD", "valid_to": "2026-01-14"}),
            Command.create({"source": "700000", "target": "NEW", "valid_from": "2026-01-15"}),
        ]
        self.entry("2026-01-15", 3)
        self.approve(flow)
        self.env["fin.audit.seal"]._seal_waiting()
        self.start(flow)
        january = {account: amount for (account, period), amount in self.held(double).items() if period == "2026-01"}
        self.assertEqual(january["OLD"], Decimal(-100))
        self.assertEqual(january["NEW"], Decimal(-3))
        self.assertEqual(january["REV"], Decimal("-20.5"))

    def test_another_target_moves_the_figures_and_clears_the_old_cell(self):
        double = self.start_double()
        flow = self.planned(double)
        self.start(flow)
        self.add(flow, source="700000", target="GOODS")
        run = self.start(flow)
        self.assertEqual((run.state, run.reconciliation_state, run.unchanged), ("done", "tied", 2))
        held = self.held(double)
        self.assertEqual((held["REV", "2026-01"], held["GOODS", "2026-01"]), (Decimal("-20.5"), Decimal(-100)))
        self.assertEqual(held["REV", "2026-02"], Decimal(0))

    def test_law3_the_working_copy_changes_no_load(self):
        double = self.start_double()
        flow = self.planned(double)
        self.crosswalk.line_ids.filtered(lambda line: line.target == "REV").target = "STOLEN"
        self.start(flow)
        self.assertEqual({account for account, _period in self.held(double)}, {"REV", "CASH"})

    def test_law_1_without_the_hold_an_unmapped_account_is_an_error_and_never_left_out(self):
        flow = self.planned(self.start_double())
        self.entry("2026-02-15", 50, debit=self.account("620000", "Wages", "expense"))
        with self.assertRaises(MappingError):
            self.collect(flow)

    def test_an_account_posted_to_meanwhile_does_not_disturb_the_totals(self):
        double = self.start_double()
        flow = self.planned(double)
        run = self.queue(flow)
        run._transition("start", digest=run.version_digest)
        for stage in STAGES[:-1]:
            run._reached(stage)
            for _kept in getattr(self.env["fin.pipeline.outbound"], f"_{stage}")(run):
                self.env.flush_all()
        wages = self.account("620000", "Wages", "expense")
        self.entry("2026-03-15", 50, debit=wages, credit=self.account("630000", "Other", "expense"))
        self.go(run)
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))

    def test_payloads_of_an_older_configuration_never_leave_under_the_newer_ones_name(self):
        double = self.start_double()
        flow = self.planned(double)
        run = self.queue(flow)
        run._transition("start", digest=run.version_digest)
        for stage in STAGES[:3]:
            run._reached(stage)
            for _kept in getattr(self.env["fin.pipeline.outbound"], f"_{stage}")(run):
                self.env.flush_all()
        run._transition("hold", reason="somebody looks")
        self.add(flow, source="700000", target="GOODS")
        run._release()
        self.assertEqual((run.state, run.skipped), ("cancelled", 4))
        again = self.env["fin.run"].search([("flow_id", "=", flow.id)], limit=1)
        self.env.flush_all()
        again._pin()
        self.go(again)
        self.assertEqual(again.state, "done")
        self.assertIn(("GOODS", "2026-01"), self.held(double))

    def test_a_preview_of_other_lines_shows_the_accounts_and_calls_nobody(self):
        double = self.start_double()
        flow = self.planned(double)
        self.start(flow)
        before = double.ask("/control/log")
        self.crosswalk.line_ids = [Command.create({"source": "700000", "target": "GOODS"})]
        version = self.env["fin.version"].with_user(self.operator)._propose(flow.with_user(self.operator))
        with self.enter_registry_test_mode():
            told = version._preview(self.env["fin.run"])
        totals = {one["account"]: (one["before"], one["after"]) for one in told["totals"]}
        self.assertEqual(totals["GOODS"], (0, Decimal(-107)))
        self.assertEqual(totals["REV"], (Decimal("-127.5"), Decimal("-20.5")))
        self.assertEqual(double.ask("/control/log"), before)
        self.assertEqual(self.env["fin.run"].search_count([("flow_id", "=", flow.id)]), 1)

    def test_a_preview_tells_the_accounts_that_would_hold_the_load(self):
        flow = self.planned(self.start_double())
        self.crosswalk.line_ids.filtered(lambda line: line.target == "CASH").unlink()
        version = self.env["fin.version"].with_user(self.operator)._propose(flow.with_user(self.operator))
        with self.enter_registry_test_mode():
            told = version._preview(self.env["fin.run"])
        self.assertIn("550000", told["uncovered"])
