from odoo.exceptions import UserError
from odoo.tests import tagged

from .budget_scene import BudgetCase


@tagged("post_install", "-at_install")
class TestBudgetStale(BudgetCase):
    """Which actuals did this forecast use?"""

    def setUp(self):
        super().setUp()
        self.entry("2026-01-10", 100)
        self.entry("2026-02-10", 7)
        self.double = self.start_double()
        self.actuals = self.flow(self.double.url)
        self.told = self.run_once(self.actuals)
        self.forecast = self.version("forecast-1", scenario="mix")
        self.plan(self.forecast, (self.sales, "2026-03-31", -50))

    def built(self):
        self.forecast.write({"actuals_run_id": self.told.id, "actuals_until": "2026-01-31"})
        return self.forecast

    def test_a_forecast_that_names_no_actuals_is_not_submitted(self):
        with self.assertRaises(UserError):
            self.forecast.with_user(self.operator).action_submit()

    def test_a_forecast_names_the_stamp_of_its_actuals(self):
        stamp = self.env["fin.actual.period"].search([("run_id", "=", self.told.id)], limit=1).stamp
        self.assertEqual(self.built().actuals_stamp, stamp)
        self.assertIn(stamp, self.forecast._told_text())

    def test_a_later_restatement_makes_it_stale_and_its_owner_knows(self):
        self.approve_budget(self.built())
        self.run_once(self.actuals)
        self.assertFalse(self.forecast.is_stale)
        self.entry("2026-02-11", 1)
        self.run_once(self.actuals)
        self.assertFalse(self.forecast.is_stale, "what was not known then makes nothing stale")
        self.entry("2026-01-11", 5)
        self.run_once(self.actuals)
        self.assertEqual((self.forecast.is_stale, self.forecast.stale_text), (True, "2026-01"))
        self.assertEqual(self.env["fin.budget.version"].search([("is_stale", "=", True)]), self.forecast)
        self.assertEqual(self.forecast.activity_ids.user_id, self.operator)
        self.assertEqual(self.forecast.state, "approved")

    def test_a_mix_begins_with_what_has_happened(self):
        mine = self.built().with_user(self.operator)
        mine.action_take_actuals()
        expected = {("550000", "2026-01"): 100, ("700000", "2026-01"): -100, ("700000", "2026-03"): -50}
        self.assertEqual(self.figures(self.forecast), expected)
        self.assertEqual(sum(self.forecast.line_ids.mapped("is_actual")), 2)

    def test_actuals_that_have_changed_since_are_not_taken_over(self):
        self.built()
        self.entry("2026-01-11", 5)
        self.run_once(self.actuals)
        with self.assertRaises(UserError):
            self.forecast.with_user(self.operator).action_take_actuals()

    def cells(self, period):
        """A run that has told the ledger in days or weeks."""
        settings = {"location": self.folder.as_uri(), "format": "csv"}
        flow = self.made_flow(
            "planning.actual_files", settings, "fin.object.cell", f"cells-{period}", options={"period": period}
        )
        self.forecast.write({"actuals_run_id": self.run_once(flow).id, "actuals_until": "2026-01-31"})
        return self.forecast.with_user(self.operator)

    def test_days_are_added_up_to_their_months(self):
        self.entry("2026-01-20", 3)
        self.cells("day").action_take_actuals()
        expected = {("550000", "2026-01"): 103, ("700000", "2026-01"): -103, ("700000", "2026-03"): -50}
        self.assertEqual(self.figures(self.forecast), expected)

    def test_weeks_are_taken_over_where_each_lies_in_one_month(self):
        self.entry("2026-01-20", 3)
        self.cells("week").action_take_actuals()
        self.assertEqual(self.figures(self.forecast)["550000", "2026-01"], 103)

    def test_a_week_that_lies_in_two_months_is_not_taken_for_either(self):
        self.entry("2026-01-30", 3)
        mine = self.cells("week")
        with self.assertRaises(UserError):
            mine.action_take_actuals()
