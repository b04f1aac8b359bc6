import json
from decimal import Decimal

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.reading import read

from ..core.trial_balance import OpeningBalance, TrialBalance
from ..models.fin_object_trial_balance import FinObjectTrialBalance
from .extract_scene import ExtractCase


@tagged("post_install", "-at_install")
class TestTrialBalance(ExtractCase):
    """Balances month by month are those of the ledger, whatever was posted when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account("999998", "Undistributed", "equity_unaffected")

    def setUp(self):
        super().setUp()
        self.entry("2025-11-10", 11)
        self.entry("2026-01-10", 100)
        self.entry("2026-03-10", 7, debit=self.sales, credit=self.bank)

    def told(self, rows):
        """(month, account) -> (opening, debit, credit, balance)."""
        names = ("opening", "debit", "credit", "balance")
        return {(row["period"], row["account"]): tuple(map(Decimal, map(row.get, names))) for _file, row in rows}

    def test_each_month_opens_with_what_the_one_before_has_closed_with(self):
        run, rows = self.tell(self.extract_flow("fin.object.trial_balance"))
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))
        found = self.told(rows)
        self.assertEqual(found["2025-11", "550000"], (0, 11, 0, 11))
        self.assertEqual(found["2025-12", "550000"], (11, 0, 0, 11))
        self.assertEqual(found["2026-01", "550000"], (11, 100, 0, 111))
        self.assertEqual(found["2026-02", "550000"], (111, 0, 0, 111))
        self.assertEqual(found["2026-03", "550000"], (111, 0, 7, 104))

    def test_profit_and_loss_begins_with_its_fiscal_year(self):
        found = self.told(self.tell(self.extract_flow("fin.object.trial_balance"))[1])
        self.assertEqual(found["2025-12", "700000"], (-11, 0, 0, -11))
        self.assertEqual(found["2026-01", "700000"], (0, 0, 100, -100))
        self.assertEqual(found["2026-01", "999998"], (-11, 0, 0, -11))
        self.assertNotIn(("2025-12", "999998"), found)

    def test_every_month_adds_up_to_nothing(self):
        found = self.told(self.tell(self.extract_flow("fin.object.trial_balance"))[1])
        months = {month for month, _account in found}
        sums = {month: sum(row[3] for place, row in found.items() if place[0] == month) for month in months}
        self.assertEqual((len(months), set(sums.values())), (5, {Decimal(0)}))

    def test_what_was_before_the_first_month_that_is_told_stands_in_its_opening(self):
        found = self.told(self.tell(self.extract_flow("fin.object.trial_balance", {"period_from": "2026-02"}))[1])
        self.assertEqual({month for month, _account in found}, {"2026-02", "2026-03"})
        self.assertEqual(found["2026-02", "550000"], (111, 0, 0, 111))

    def test_a_back_dated_entry_changes_every_month_after_it_and_no_other(self):
        for options in ({}, {"delta": True}):
            flow = self.env["fin.flow"].search([("code", "=", "extracts-test")])
            with self.subTest(options):
                if flow:
                    flow.options = options
                    self.approve(flow)
                    self.env["fin.audit.seal"]._seal_waiting()
                flow = flow or self.extract_flow("fin.object.trial_balance", options)
                self.tell(flow)
                self.entry("2026-01-20", 1)
                run, rows = self.tell(flow)
                self.assertEqual(run.state, "done")
                self.assertEqual({month for month, _account in self.told(rows)}, {"2026-01", "2026-02", "2026-03"})
                self.assertEqual(self.tell(flow)[1], [])

    def test_law3_a_change_before_a_final_month_is_a_restatement_of_all_that_follow(self):
        self.company.fiscalyear_lock_date = "2026-02-28"
        flow = self.extract_flow("fin.object.trial_balance")
        self.tell(flow)
        self.company.fiscalyear_lock_date = False
        self.entry("2026-01-20", 1)
        run, rows = self.tell(flow)
        self.assertEqual({month for month, _account in self.told(rows)}, {"2026-03"})
        self.assertEqual(run.child_ids.state, "held")
        told = "; ".join(self.cases("restatement").mapped("text"))
        self.assertRegex(told, r"2026-01-31 were told as final and change: PLAN/2026/01/\d+ \(new\)")
        self.assertIn("2026-02-28 were told as final and change: no entry of its own", told)

    def test_law4_balances_that_are_not_the_ledger_never_leave(self):
        honest = FinObjectTrialBalance._ledger

        def doubled(*given, **more):
            ledger = honest(*given, **more)
            columns = "company, account, account_name, period, ends, currency, opening, debit, credit"
            return type(ledger)(f"SELECT {columns}, balance * 2 AS balance, mapped FROM (%s) wrong", ledger)

        self.patch(FinObjectTrialBalance, "_ledger", doubled)
        with self.assertRaisesRegex(ConfigurationError, "the balances are not the trial balance"):
            self.collect(self.extract_flow("fin.object.trial_balance"))

    def test_what_sql_spells_is_what_the_contract_spells(self):
        flow = self.extract_flow("fin.object.trial_balance")
        for cls, business in ((TrialBalance, "fin.object.trial_balance"), (OpeningBalance, "fin.object.opening")):
            if flow.object != business:
                flow.object = business
                self.approve(flow)
                self.env["fin.audit.seal"]._seal_waiting()
            run = self.collect(flow)
            self.env.cr.execute('SELECT content, digest, key, "on" FROM fin_item WHERE run_id = %s', [run.id])
            rows = self.env.cr.fetchall()
            self.assertTrue(rows)
            for content, told, key, on in rows:
                one = read(cls, json.loads(content))
                self.assertEqual((content, told, key, on), (canonical(one), digest(content), one.key, one.on))

    def test_each_fiscal_year_opens_with_the_balances_of_the_day_before(self):
        run, rows = self.tell(self.extract_flow("fin.object.opening"))
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))
        found = {(row["year"], row["opened_on"], row["account"]): Decimal(row["balance"]) for _file, row in rows}
        self.assertEqual(found, {
            ("FY2026", "2026-01-01", "550000"): Decimal(11), ("FY2026", "2026-01-01", "999998"): Decimal(-11)
        })  # fmt: skip

    def test_an_entry_of_the_year_before_changes_what_the_next_one_opens_with(self):
        flow = self.extract_flow("fin.object.opening")
        self.tell(flow)
        self.entry("2025-12-10", 4)
        _run, rows = self.tell(flow)
        self.assertEqual({row["account"]: Decimal(row["balance"]) for _file, row in rows}, {
            "550000": Decimal(15), "999998": Decimal(-15)
        })  # fmt: skip

    def test_law4_openings_that_are_not_the_ledger_never_leave(self):
        honest = FinObjectTrialBalance._stands
        self.patch(FinObjectTrialBalance, "_stands", lambda *given: {**honest(*given), "550000": Decimal(1)})
        with self.assertRaisesRegex(ConfigurationError, "550000 at the end of 2025-12-31"):
            self.collect(self.extract_flow("fin.object.opening"))

    def test_nothing_posted_is_nothing_told(self):
        self.env["account.move"].search([("company_id", "=", self.company.id)]).button_draft()
        run, rows = self.tell(self.extract_flow("fin.object.trial_balance"))
        self.assertEqual((run.state, rows), ("done", []))
