"""Budgets out of TM1, Adaptive Planning, Pigment, Vena and an OData table, by runs of the engine."""

import os
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.testing.double import Double

from .budget_scene import BudgetCase

SECRET = "canary-planning-secret"
REFERENCE = "conf:table_secret"
VERSION = '"budget-2026" = version'
BLOCK = "6f1f0f0e-0000-4000-8000-000000000002"


@tagged("post_install", "-at_install")
class TestBudgetSystems(BudgetCase):
    def setUp(self):
        super().setUp()
        self.enterContext(patch.dict(os.environ, {"FIN_TABLE_SECRET": SECRET}))

    def started(self, program, **bank):
        double = Double(program)
        self.addCleanup(double.stop)
        double.ask("/control/bank", **bank)
        return double

    def rows(self, **more):
        """The plan's two figures as the doubles keep rows of a table."""
        told = {"Company": self.code, "Account": "700000", "Currency": "EUR", **more}
        figures = (("2026-01", "-100"), ("2026-02", "-110"))
        return {month: {"Key": month, **told, "Period": month, "Balance": amount} for month, amount in figures}

    def comes_from(self, connector, **settings):
        """The budget comes by one run, ties, and waits as a draft."""
        flow = self.made_flow(connector, settings, "fin.object.budget", "budgets-from")
        run = self.run_once(flow)
        self.assertEqual((run.state, run.reconciliation_state, run.delivered), ("done", "tied", 2))
        self.assertEqual(self.figures(), {("700000", "2026-01"): -100, ("700000", "2026-02"): -110})
        self.assertEqual((self.budget.state, len(run.payload_ids)), ("draft", 1))

    def test_from_an_odata_table_over_two_pages(self):
        double = self.started("rest_table_server.py", cells=self.rows(), page=1)
        login = {"base_url": f"{double.url}/service", "table": "Actuals", "secret": REFERENCE}
        self.comes_from("planning.rest_budgets", **login, columns=f"Key = -; {VERSION}")

    def test_from_an_mdx_query_of_tm1(self):
        query = {"hierarchy": "Account", "columns": ["2026-01", "2026-02"], "rows": {"700000": [-100, -110]}}
        double = self.started("tm1_server.py", query=query)
        login = {"base_url": f"{double.url}/api/v1", "user": "planner", "password": REFERENCE}
        columns = f'"{self.code}" = company; "EUR" = currency; {VERSION}; Account = account'
        self.comes_from("tm1.budgets", **login, mdx="SELECT {} ON 0, {} ON 1 FROM [Budget]", columns=columns)

    def test_from_an_export_of_pigment(self):
        double = self.started("pigment_server.py", cells=self.rows())
        login = {"base_url": f"{double.url}/api", "token": REFERENCE, "block": BLOCK}
        self.comes_from("pigment.budgets", **login, columns=f"Key = -; {VERSION}")

    def test_from_intersections_of_vena_over_two_pages(self):
        double = self.started("vena_server.py", cells=self.rows(), page=1)
        login = {"base_url": double.url, "user": "planner", "api_key": REFERENCE, "model": "800000000000000001"}
        self.comes_from("vena.budgets", **login, columns=f"Key = -; {VERSION}")

    def test_from_an_export_of_adaptive_planning(self):
        figures = {"01/2026": "-100", "02/2026": "-110"}
        told = {"Account": "700000", "Level": self.code}
        cells = {name: {**told, "Period": name, "Amount": amount} for name, amount in figures.items()}
        double = self.started("adaptive_server.py", cells=cells)
        login = {"base_url": f"{double.url}/api/v40", "login": "planner", "password": REFERENCE}
        asked = {"plan_version": "Budget", "first": "2026-01", "last": "2026-12"}
        columns = f'Account Code = account; Level Name = company; Account Name = -; "EUR" = currency; {VERSION}'
        self.comes_from("adaptive.budgets", **login, **asked, columns=columns)
