import os
import time

from odoo.tests import tagged

from .budget_scene import BudgetCase


@tagged("post_install", "-at_install")
class TestFinObjectBudget(BudgetCase):
    """Figures of planning land in the draft that they name, or are refused with row and reason."""

    def reasons(self, run):
        return {exception.code for exception in self.env["fin.exception"].search([("run_ids", "in", run.ids)])}

    def test_a_file_lands_in_its_draft_and_ties(self):
        self.bring(self.row(), self.row("610000", "30.5", "30.5"))
        run = self.run_once(self.budget_flow())
        self.assertEqual((run.state, run.delivered, run.reconciliation_state), ("done", 4, "tied"))
        expected = {("700000", "2026-01"): -100, ("700000", "2026-02"): -110}
        expected |= {("610000", "2026-01"): 30.5, ("610000", "2026-02"): 30.5}
        self.assertEqual(self.figures(), expected)

    def test_another_amount_replaces_the_one_before_and_the_same_is_unchanged(self):
        flow = self.budget_flow()
        self.bring(self.row())
        self.run_once(flow)
        self.bring(self.row(february="-120"), name="later.csv")
        run = self.run_once(flow)
        self.assertEqual((run.delivered, run.unchanged), (1, 1))
        self.assertEqual(self.figures(), {("700000", "2026-01"): -100, ("700000", "2026-02"): -120})

    def test_law3_what_was_approved_takes_no_figures(self):
        flow = self.budget_flow()
        self.bring(self.row())
        self.run_once(flow)
        self.approve_budget(self.budget)
        self.bring(self.row(january="-999"), name="later.csv")
        run = self.queue(flow)
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate", "map", "gate"))
        self.assertEqual((run.state, run.delivered), ("held", 0))
        self.assertIn("version_closed", self.reasons(run))
        self.assertEqual(self.figures()["700000", "2026-01"], -100)

    def refused(self, *rows, **vals):
        """Outcome of each item, and the codes of what was noticed."""
        self.bring(*rows)
        run = self.queue(self.budget_flow(**vals))
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate", "map", "gate"))
        self.env.invalidate_all()
        return run

    def test_an_unknown_account_waits_and_is_named(self):
        run = self.refused(self.row(), self.row("999999"))
        self.assertIn("mapping_gap", self.reasons(run))
        waiting = self.env["fin.exception"].search([("run_ids", "in", run.ids), ("code", "=", "mapping_gap")])
        self.assertIn("999999", waiting.text)

    def test_a_cell_that_stands_twice_is_refused_with_its_cell(self):
        run = self.refused(self.row(), self.row(january="-1"))
        self.assertEqual(len(run.item_ids.filtered(lambda item: item.outcome == "rejected")), 2)
        told = self.env["fin.exception"].search([("run_ids", "in", run.ids), ("code", "=", "contract_violation")])
        self.assertEqual(len(told), 2)
        self.assertIn("E3", "".join(told.mapped("text")))

    def test_text_in_a_number_is_refused_with_its_cell_and_the_rest_goes_on(self):
        run = self.refused(self.row(), self.row("610000", "about 30"))
        self.assertEqual(run.item_ids.mapped("outcome").count("rejected"), 1)
        told = self.env["fin.exception"].search([("run_ids", "in", run.ids)])
        self.assertIn("E3", told.text)

    def test_another_fiscal_calendar_is_refused(self):
        head = "Version;Company;Account;Currency;2027-01;FY2026-P02"
        self.bring(self.row(), head=head)
        run = self.queue(self.budget_flow())
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate", "map", "gate"))
        told = self.env["fin.exception"].search([("run_ids", "in", run.ids), ("code", "=", "other_calendar")])
        self.assertIn("2027-01", told.text)

    def test_another_currency_another_company_and_another_version_are_refused(self):
        run = self.refused(self.row(currency="USD"), self.row("610000", version="nope"))
        self.assertEqual(
            self.reasons(run) & {"other_currency", "unknown_version"}, {"other_currency", "unknown_version"}
        )

    def test_law1_whole_or_not_at_all_where_the_version_says_so(self):
        run = self.refused(self.row(), self.row("610000", "about 30"), all_or_nothing=True)
        self.assertEqual((run.state, run.rejected), ("held", 1))
        self.assertFalse(self.budget.line_ids)

    def test_law4_part_of_a_file_is_not_read(self):
        path = self.bring(self.row(), self.row("610000", "30", "30"))
        path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
        os.utime(path, (time.time() - 3600,) * 2)
        run = self.queue(self.budget_flow())
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate", "map", "gate"))
        self.assertIn("no_total", self.reasons(run))
        self.assertFalse(self.budget.line_ids)

    def test_a_fiscal_period_lands_in_its_month(self):
        self.bring(self.row(), head="Version;Company;Account;Currency;FY2026-P01;FY2026-P02")
        self.run_once(self.budget_flow())
        self.assertEqual(set(self.figures()), {("700000", "2026-01"), ("700000", "2026-02")})
