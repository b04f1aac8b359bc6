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
        """A run over these rows, as far as the gates."""
        self.bring(*rows)
        return self.gated(self.budget_flow(**vals))

    def gated(self, flow):
        run = self.queue(flow)
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate", "map", "gate"))
        self.env.invalidate_all()
        return run

    def texts(self, run, code):
        return sorted(
            self.env["fin.exception"].search([("run_ids", "in", run.ids), ("code", "=", code)]).mapped("text")
        )

    def test_unknown_accounts_wait_each_under_its_name_and_row(self):
        run = self.refused(self.row(), self.row("999999"), self.row("888888"), self.row("610000"))
        first, second = self.texts(run, "mapping_gap")
        self.assertRegex(first, r"888888 \(row 4 of budget\.csv\)")
        self.assertRegex(second, r"999999 \(row 3 of budget\.csv\)")
        self.assertEqual(sorted(run.item_ids.mapped("outcome")), ["held"] * 4 + ["open"] * 4, "nothing is lost")

    def test_unknown_members_and_partners_wait_with_their_rows(self):
        head = "Version;Company;Account;Currency;2026-01;2026-02;Analytic;Partner"
        self.bring(self.row() + ";Moon=Dark;", self.row("610000") + ";;Nobody Canary", head=head)
        run = self.gated(self.budget_flow())
        member, partner = self.texts(run, "mapping_gap")
        self.assertRegex(member, r"Dark is no member of an analytic plan Moon \(row 2 of")
        self.assertRegex(partner, r"no partner has this .* \(row 3 of")
        self.assertNotIn("Canary", partner, "who is planned with is nobody's business but the file's")

    def test_a_cell_that_stands_twice_is_refused_with_its_cell_and_row(self):
        run = self.refused(self.row(), self.row(january="-1"))
        self.assertEqual(len(run.item_ids.filtered(lambda item: item.outcome == "rejected")), 2)
        told = self.texts(run, "contract_violation")
        self.assertEqual(len(told), 2)
        self.assertIn("E3 breaks the contract (read: stands twice) in row 3", told[0])

    def test_law2_a_cell_that_is_spelled_in_two_ways_is_taken_once_and_named(self):
        self.bring(self.row(), head="Version;Company;Account;Currency;2026-01;FY2026-P01")
        run = self.queue(self.budget_flow())
        run._transition("start", digest=run.version_digest)
        self.go_on(run, ("extract", "validate", "map", "gate", "deliver"))
        self.env.invalidate_all()
        self.assertEqual(sorted(run.item_ids.mapped("outcome")), ["delivered", "rejected"])
        self.assertEqual(self.figures(), {("700000", "2026-01"): -100})
        self.assertIn("row 2 of budget.csv", self.texts(run, "duplicate_cell")[0])

    def test_text_in_a_number_is_refused_with_its_cell_and_row_and_the_rest_goes_on(self):
        run = self.refused(self.row(), self.row("610000", "about 30"))
        self.assertEqual(run.item_ids.mapped("outcome").count("rejected"), 1)
        self.assertIn("E3 breaks the contract (read: no number) in row 3", self.texts(run, "contract_violation")[0])

    def test_another_fiscal_calendar_is_refused_with_its_rows(self):
        self.bring(self.row(), self.row("610000"), head="Version;Company;Account;Currency;2027-01;FY2026-P02")
        run = self.gated(self.budget_flow())
        [told] = self.texts(run, "other_calendar")
        self.assertRegex(told, r"2027-01 .* \(rows 2, 3 of budget\.csv\)")

    def test_another_currency_and_an_unknown_version_are_refused_with_their_rows(self):
        run = self.refused(self.row(currency="USD"), self.row("610000", version="nope"))
        self.assertRegex(self.texts(run, "other_currency")[0], r"USD \(row 2 of")
        self.assertRegex(self.texts(run, "unknown_version")[0], r"nope \(row 3 of")

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
