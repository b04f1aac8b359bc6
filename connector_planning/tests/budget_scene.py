"""A draft of a company's budget, and files with figures for it."""

import os
import time

from .common import PlanningCase

HEAD = "Version;Company;Account;Currency;2026-01;2026-02"


class BudgetCase(PlanningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rent = cls.account("610000", "Rent", "expense")
        cls.company.currency_id = cls.env.ref("base.EUR")
        cls.code = cls.company.fin_code
        cls.budget = cls.version()

    @classmethod
    def version(cls, code="budget-2026", **vals):
        return cls.env["fin.budget.version"].create(
            {
                "name": "Budget 2026",
                "code": code,
                "company_id": cls.company.id,
                "date_from": "2026-01-01",
                "date_to": "2026-12-31",
                "owner_id": cls.operator.id,
                **vals,
            }
        )

    def setUp(self):
        super().setUp()
        self.folder = self.folder_of_files()

    @classmethod
    def plan(cls, version, *figures):
        """Figures as (account, last day of a month, amount)."""
        return cls.env["fin.budget.line"].create(
            [
                {"version_id": version.id, "account_id": account.id, "on": on, "amount": amount}
                for account, on, amount in figures
            ]
        )

    def approve_budget(self, version):
        """Submitted by the one, approved by the other, sealed."""
        version.with_user(self.operator).action_submit()
        version.with_user(self.approver)._approve()
        self.env["fin.audit.seal"]._seal_waiting()
        return version

    # By a flow

    def row(self, account="700000", january="-100", february="-110", version="budget-2026", currency=None):
        currency = currency or self.company.currency_id.name
        return ";".join((version, self.code, account, currency, january, february))

    def bring(self, *rows, head=HEAD, name="budget.csv"):
        """A file that the other side has put there a while ago, with its totals."""
        columns = [[row.split(";")[place] for row in rows] for place in (4, 5)]
        sums = [sum(float(cell) for cell in column if _is_number(cell)) for column in columns]
        totals = ";".join(["Total", "", "", "", *(f"{one:g}" for one in sums)])
        path = self.folder / name
        path.write_text("\n".join([head, *rows, totals]) + "\n")
        os.utime(path, (time.time() - 3600,) * 2)
        return path

    def budget_flow(self, **vals):
        settings = {"location": self.folder.as_uri(), "pattern": "*.csv"}
        return self.made_flow("planning.budget_file", settings, "fin.object.budget", "budgets-test", **vals)

    def run_once(self, flow):
        self.env.flush_all()
        run = self.complete(self.queue(flow))
        self.env.invalidate_all()
        return run

    def figures(self, version=None):
        """(account, month) -> figure."""
        lines = (version or self.budget).line_ids
        return {(line.account_id.code, f"{line.on:%Y-%m}"): line.amount for line in lines}


def _is_number(text):
    return text.lstrip("-").replace(".", "", 1).isdigit()
