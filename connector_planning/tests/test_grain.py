from odoo.tests import BaseCase, tagged

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from ..models.grain import Grain


@tagged("post_install", "-at_install")
class TestGrain(BaseCase):
    """Which periods a version tells, whatever they are called."""

    def told(self, name, *periods, **options):
        grain = Grain(name, {"period_from": "2026-02", "period_until": "2026-03", **options}, last_month=6, last_day=30)
        return [period for period in periods if grain.is_told(period)]

    def test_days_of_the_last_month_are_told(self):
        days = ("2026-01-31", "2026-02-01", "2026-03-01", "2026-03-31", "2026-04-01")
        self.assertEqual(self.told("day", *days), list(days[1:4]))

    def test_weeks_are_told_that_reach_into_the_months(self):
        """Of the week in which February begins, and of the one in which March ends, a part is told."""
        self.assertEqual(
            self.told("week", "2026-W04", "2026-W05", "2026-W13", "2026-W14", "2026-W15"),
            ["2026-W05", "2026-W13", "2026-W14"],
        )

    def test_fiscal_periods_are_told_by_their_months(self):
        """The fiscal year 2026 began in July 2025: February is its eighth period."""
        periods = ("FY2026-P07", "FY2026-P08", "FY2026-P09", "FY2026-P10", "FY2027-P08")
        self.assertEqual(self.told("fiscal", *periods), ["FY2026-P08", "FY2026-P09"])

    def test_months_are_told_as_before(self):
        self.assertEqual(self.told("month", "2026-01", "2026-02", "2026-03", "2026-04"), ["2026-02", "2026-03"])

    def test_without_bounds_all_is_told(self):
        grain = Grain("day", {})
        self.assertTrue(grain.is_told("1999-12-31") and grain.is_told("2100-01-01"))

    def test_the_days_of_fiscal_periods_over_the_turn_of_the_year(self):
        grain = Grain("fiscal", {}, last_month=6, last_day=30)
        days = [tuple(map(str, grain.days_of(name))) for name in ("FY2027-P06", "FY2027-P07")]
        self.assertEqual(days, [("2026-12-01", "2026-12-31"), ("2027-01-01", "2027-01-31")])

    def test_law8_a_fiscal_year_that_ends_within_a_month_has_no_periods_of_months(self):
        for month, day in ((12, 30), (2, 27), (6, 1)):
            with self.subTest(month), self.assertRaisesRegex(ConfigurationError, "ends with a month"):
                Grain("fiscal", {}, month, day)
        for month, day in ((12, 31), (2, 28), (2, 29), (6, 30)):
            self.assertTrue(Grain("fiscal", {}, month, day))
