"""Budgets and members out of Anaplan, by runs of the engine against a server that behaves like Anaplan."""

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import TransientError

from ..core import anaplan_export
from .anaplan_scene import AnaplanMixin
from .budget_scene import BudgetCase

PASSWORD = "canary-anaplan-password"
BUDGET, ACCOUNTS = "116000000001", "116000000002"
HEAD = "Line,Entity,Jan 26,Feb 26"
COLUMNS = 'Line = account; Entity = company; "budget-2026" = version; "EUR" = currency'
MEMBER_COLUMNS = '"account" = kind; Accounts = name; Parent = parent; Code = code; Type = account_type'


@tagged("post_install", "-at_install")
class TestAnaplanExport(AnaplanMixin, BudgetCase):
    def setUp(self):
        super().setUp()
        self.patch(anaplan_export, "_PAUSE", 0.01)
        self.start_anaplan()

    def from_anaplan(self, connector, business, export, columns, **vals):
        settings = self.anaplan(export_action=export, columns=columns)
        return self.made_flow(connector, settings, business, "from-anaplan", **vals)

    def budgets(self, **vals):
        return self.from_anaplan("anaplan.budgets", "fin.object.budget", BUDGET, COLUMNS, **vals)

    def fill(self, *rows, head=HEAD, export=BUDGET):
        self.double.ask("/control/export", id=export, text="\n".join([head, *rows]) + "\n", chunk=40)

    def plan_row(self, account="700000", january="-100", february="-110"):
        return ",".join((account, self.code, january, february))

    def begun(self, flow):
        self.env.flush_all()
        run = self.queue(flow)
        run._transition("start", digest=run.version_digest)
        return run

    def brought(self, run):
        """The run after every stage that it can pass."""
        for stage in ("extract", "validate", "map", "gate", "deliver", "reconcile"):
            if run.state == "running":
                self.go_on(run, (stage,))
        self.env.invalidate_all()
        return run

    # Budgets

    def test_a_budget_comes_from_anaplan_ties_and_waits_for_a_second_person(self):
        self.fill(self.plan_row(), self.plan_row("610000", "30.5", "30.5"))
        run = self.brought(self.begun(self.budgets()))
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 4))
        expected = {("700000", "2026-01"): -100, ("700000", "2026-02"): -110}
        expected |= {("610000", "2026-01"): 30.5, ("610000", "2026-02"): 30.5}
        self.assertEqual((self.figures(), self.budget.state), (expected, "draft"))
        self.budget.with_user(self.operator).action_submit()
        self.assertEqual(self.budget.state, "submitted")
        self.budget.with_user(self.approver)._approve()
        self.assertEqual(self.budget.state, "approved")

    def test_law7_the_file_of_the_export_is_kept_as_it_came(self):
        self.fill(self.plan_row())
        payload = self.brought(self.begun(self.budgets())).payload_ids
        self.assertEqual((payload.name, payload._is_intact()), (f"export-{BUDGET}.csv", True))
        with payload._open() as stream:
            self.assertEqual(stream.read().decode(), f"{HEAD}\n{self.plan_row()}\n")

    def test_the_next_run_brings_what_has_changed_and_knows_the_rest(self):
        flow = self.budgets()
        self.fill(self.plan_row())
        self.brought(self.begun(flow))
        self.fill(self.plan_row(february="-120"))
        run = self.brought(self.begun(flow))
        self.assertEqual((run.state, run.delivered, run.unchanged), ("done", 1, 1))
        self.assertEqual(self.figures()["700000", "2026-02"], -120)

    def test_law4_part_of_a_table_is_kept_and_not_booked(self):
        self.fill(self.plan_row(), "610000,BE04")
        run = self.brought(self.begun(self.budgets()))
        self.assertNotEqual(run.state, "done")
        self.assertIn("cut_off", run.exception_ids.mapped("code"))
        self.assertEqual((len(run.payload_ids), len(self.budget.line_ids)), (1, 0))

    def test_law2_cut_off_after_the_start_the_run_takes_the_export_that_it_began(self):
        self.fill(self.plan_row())
        self.double.ask("/control/faults", faults={"drop_after_start": 1})
        run = self.begun(self.budgets())
        self.waits(run)
        self.assertFalse(run.payload_ids)
        self.assertEqual((self.brought(run).state, self.started()), ("done", 1))

    def test_an_export_that_takes_long_costs_no_try_and_is_not_made_twice(self):
        self.fill(self.plan_row())
        self.patch(anaplan_export, "_FOLLOWING", 0)
        self.double.ask("/control/faults", faults={"never_ends": None})
        run = self.begun(self.budgets())
        error = self.waits(run)
        self.assertEqual((error.code, run._costs_a_try(error)), ("still_working", False))
        self.double.ask("/control/faults", faults={"hang": 0})
        self.assertEqual((self.brought(run).state, self.started()), ("done", 1))

    def waits(self, run):
        try:
            self.brought(run)
        except TransientError as error:
            return error
        raise AssertionError("the run went through")

    def started(self):
        """How often the export was started."""
        tasks = f"/exports/{BUDGET}/tasks"
        log = self.double.ask("/control/log")["log"]
        return sum(method == "POST" and path.endswith(tasks) for method, path, _kind in log)

    # Members

    def test_law3_members_of_a_list_become_proposals_for_the_steward(self):
        row = "Licences,61,611000,expense"
        self.fill(row, "Sales,70,700000,income", head="Accounts,Parent,Code,Type", export=ACCOUNTS)
        flow = self.from_anaplan("anaplan.members", "fin.object.member", ACCOUNTS, MEMBER_COLUMNS)
        run = self.brought(self.begun(flow))
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 2))
        proposal = self.env["fin.member.proposal"].search([])
        told = (proposal.code, proposal.label, proposal.parent, proposal.state)
        self.assertEqual(told, ("611000", "Licences", "61", "proposed"))
        self.assertFalse(self.env["account.account"].search([("code", "=", "611000")]), "nothing is made by itself")
        case = self.env["fin.exception"].search([("code", "=", "new_members"), ("flow_id", "=", flow.id)])
        self.assertIn("611000 Licences", case.text)
