import json
from collections import defaultdict
from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.http import HttpClient

from .budget_scene import BudgetCase
from .close import CODE
from .common import TOKEN
from .test_dataset import DatasetCase


@tagged("post_install", "-at_install")
class TestPlanningWholeCase(BudgetCase, DatasetCase):
    """Three companies, two currencies: actuals to planning, a budget back, datasets to readers, and a late posting."""

    def setUp(self):
        super().setUp()
        made = self.env["res.company"].create(
            [
                {"name": "Actuals Ltd", "fin_code": "PLAN-US", "currency_id": self.env.ref("base.USD").id},
                {"name": "Actuals SA", "fin_code": "PLAN-FR", "currency_id": self.env.ref("base.EUR").id},
            ]
        )
        self.companies = self.company | made
        self.env.user.company_ids |= self.companies
        self.companies_of(self.operator | self.approver, self.companies)
        self.env = self.env(context={**self.env.context, "allowed_company_ids": self.companies.ids})
        self.books = {company: self.books_of(company) for company in self.companies}
        self.double = self.start_double()
        for company in self.companies:
            self.close_calendar(company=company)
            self.post(company, "2026-01-10", 100)

    def books_of(self, company):
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        if company == self.company:
            return self.journal, self.bank, self.sales
        journal = env["account.journal"].create({"name": "Misc", "code": "PLAN", "type": "general"})
        account = env["account.account"].create
        bank = account({"code": "550000", "name": "Bank", "account_type": "asset_cash"})
        return journal, bank, account({"code": "700000", "name": "Sales", "account_type": "income"})

    def post(self, company, date, amount):
        journal, bank, sales = self.books[company]
        lines = [
            Command.create({"account_id": bank.id, "debit": amount}),
            Command.create({"account_id": sales.id, "credit": amount}),
        ]
        move = self.env["account.move"].create({"journal_id": journal.id, "date": date, "line_ids": lines})
        move.action_post()
        self.env.flush_all()
        self.env.cr.precommit.run()
        return move

    def held_by_planning(self):
        """(company, account, month) -> what planning holds."""
        http = HttpClient(self.double.url, token=TOKEN, allowed_hosts=("127.0.0.1",))
        cells = http.get("/v1/cells").json()["cells"]
        return {(c["company"], c["account"], c["period"]): Decimal(c["balance"]) for c in cells}

    def trial_balance(self):
        found = defaultdict(Decimal)
        lines = self.env["account.move.line"].search(
            [("company_id", "in", self.companies.ids), ("parent_state", "=", "posted")]
        )
        for line in lines:
            code = line.account_id.with_company(line.company_id).code
            found[line.company_id.fin_code, code, f"{line.date:%Y-%m}"] += Decimal(str(line.balance))
        return dict(found)

    def test_actuals_out_budget_back_dataset_published_and_a_late_posting_stops_the_next(self):
        companies = {"company_ids": [Command.set(self.companies.ids)]}
        actuals = self.flow(self.double.url, options={"checkpoint": CODE}, **companies)
        budgets, datasets = self.budget_flow(), self.dataset_flow(**companies)

        # Every day what is new travels, and what planning holds is the ledger.
        self.assertEqual(self.run_once(actuals).reconciliation_state, "tied")
        self.post(self.companies[1], "2026-01-20", 7)
        second = self.run_once(actuals)
        self.assertEqual((second.delivered, second.unchanged), (2, 4))
        self.assertEqual(self.held_by_planning(), self.trial_balance())

        # The budget comes back, and another person than its owner approves it.
        self.bring(self.row(), self.row("610000", "30", "30"))
        self.assertEqual(self.run_once(budgets).reconciliation_state, "tied")
        self.approve_budget(self.budget)
        self.assertTrue(self.budget.is_proved)
        forecast = self.version("forecast-1", scenario="forecast")
        self.plan(forecast, (self.sales, "2026-02-28", -50))
        forecast.write({"actuals_run_id": second.id, "actuals_until": "2026-01-31"})
        self.approve_budget(forecast)

        # Nothing is published before the signature; behind it each company's month is, once.
        self.assertEqual(self.publish(datasets).received, 0)
        for company in self.companies:
            self.sign("2026-01", company)
        self.run_once(actuals)
        self.assertEqual(self.publish(datasets).reconciliation_state, "tied")
        self.assertEqual(len(list(self.folder.glob("trial_balance_*.csv"))), 3)
        self.assertFalse(forecast.is_stale)

        # A late posting suspends the signature and marks what stands on it; the next publication has nothing else.
        late = self.post(self.companies[0], "2026-01-25", 5)
        held = self.run_once(actuals)
        self.assertEqual((held.delivered, held.held), (0, 2))
        waiting = self.env["fin.exception"].search([("code", "=", "restatement"), ("run_ids", "in", held.ids)])
        self.assertIn(f"{late.name} (new)", waiting.text)
        self.assertEqual(self.checkpoint("2026-01").state, "suspended")
        told = self.publish(datasets)
        self.assertEqual((set(told.item_ids.mapped("contract")), told.delivered), ({"ledger.manifest/1.0"}, 2))
        [manifest] = self.folder.glob(f"trial_balance_{self.code}_2026-01.manifest.json")
        self.assertEqual(json.loads(manifest.read_text())["status"], "suspended")
        self.assertEqual(len(list(self.folder.glob("trial_balance_*.csv"))), 3)
        marks = {(one.company_id, one.signature) for one in self.env["fin.dataset"].search([])}
        self.assertEqual(marks, {(c, "suspended" if c == self.company else "signed") for c in self.companies})
        self.env.invalidate_all()
        self.assertEqual((forecast.is_stale, forecast.stale_text), (True, "2026-01"))
        # Planning still holds what was signed, and what waits is the difference.
        apart = {place: now - self.held_by_planning()[place] for place, now in self.trial_balance().items()}
        self.assertEqual({place: gap for place, gap in apart.items() if gap}, {
            (self.code, "550000", "2026-01"): 5, (self.code, "700000", "2026-01"): -5
        })  # fmt: skip
