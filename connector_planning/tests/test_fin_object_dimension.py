import json

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.reading import read

from ..core.member import Member
from .extract_scene import ExtractCase


@tagged("post_install", "-at_install")
class TestFinObjectDimension(ExtractCase):
    """Members travel with what they hang below; what retires is told, and refused while it has a balance."""

    def told(self, rows, **wanted):
        """code -> row of the members that are like this."""
        rows = [row for _file, row in rows]
        return {row["code"]: row for row in rows if all(row[name] == value for name, value in wanted.items())}

    def test_accounts_leave_with_their_groups_and_tie(self):
        self.env["account.group"].create({"name": "Turnover", "code_prefix_start": "70", "company_id": self.company.id})
        run, rows = self.tell(self.extract_flow("fin.object.dimension", {"kinds": ["account"]}))
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))
        sales = self.told(rows, level="member")["700000"]
        self.assertEqual((sales["parent"], sales["account_type"], sales["state"]), ("70", "income", "active"))
        self.assertEqual(self.told(rows, level="group")["70"]["name"], "Turnover")
        self.assertEqual({name for name, _row in rows}, {f"account_{self.company.fin_code}"})

    def test_only_what_has_changed_travels_again(self):
        flow = self.extract_flow("fin.object.dimension", {"kinds": ["account", "currency"]})
        self.tell(flow)
        self.sales.name = "Turnover"
        run, rows = self.tell(flow)
        self.assertEqual([(row["code"], row["name"]) for _file, row in rows], [("700000", "Turnover")])
        self.assertEqual((run.state, run.delivered, run.received - run.unchanged), ("done", 1, 1))
        run, rows = self.tell(flow)
        self.assertEqual((run.state, run.delivered, rows), ("done", 0, []))

    def test_analytic_members_leave_by_plan_with_the_plans_above_them(self):
        plan = self.env["account.analytic.plan"].create({"name": "Departments"})
        below = plan.create({"name": "Support", "parent_id": plan.id})
        accounts = self.env["account.analytic.account"]
        accounts.create({"name": "Legal | Tax", "plan_id": below.id, "company_id": self.company.id})
        accounts.create({"name": "Sales", "code": "S1", "plan_id": plan.id, "company_id": False})
        options = {"kinds": ["analytic"], "plans": ["Departments"]}
        _run, rows = self.tell(self.extract_flow("fin.object.dimension", options))
        members = self.told(rows, level="member")
        self.assertEqual({row["plan"] for row in members.values()}, {"Departments"})
        legal = members["Legal / Tax"]
        self.assertEqual((legal["parent"], legal["company"]), ("Departments / Support", self.company.fin_code))
        self.assertEqual((members["S1"]["parent"], members["S1"]["company"]), ("Departments", ""))
        groups = self.told(rows, level="group")
        self.assertEqual({code: row["parent"] for code, row in groups.items()}, {
            "Departments": "", "Departments / Support": "Departments"
        })  # fmt: skip

    def test_companies_products_and_currencies_leave_with_what_they_hang_below(self):
        category = self.env["product.category"].create({"name": "Consulting"})
        product = {"name": "Advice", "default_code": "ADV", "categ_id": category.id, "company_id": self.company.id}
        self.env["product.product"].create(product)
        options = {"kinds": ["entity", "product", "currency"]}
        _run, rows = self.tell(self.extract_flow("fin.object.dimension", options))
        company = self.told(rows, kind="entity")[self.company.fin_code]
        self.assertEqual((company["name"], company["currency_code"]), ("Actuals Inc", self.company.currency_id.name))
        self.assertEqual(self.told(rows, kind="product", level="member")["ADV"]["parent"], "Consulting")
        self.assertEqual(self.told(rows, kind="currency")[self.company.currency_id.name]["state"], "active")

    def test_a_member_that_retires_without_a_balance_is_told_as_retired(self):
        spare = self.account("640000", "Spare", "expense")
        flow = self.extract_flow("fin.object.dimension", {"kinds": ["account"]})
        self.tell(flow)
        spare.active = False
        run, rows = self.tell(flow)
        self.assertEqual((run.state, self.told(rows)["640000"]["state"]), ("done", "retired"))

    def test_a_member_that_is_gone_is_told_once_more_as_retired(self):
        spare = self.account("640000", "Spare", "expense")
        flow = self.extract_flow("fin.object.dimension", {"kinds": ["account"]})
        self.tell(flow)
        spare.unlink()
        run, rows = self.tell(flow)
        self.assertEqual((run.reconciliation_state, self.told(rows)["640000"]["state"]), ("tied", "retired"))
        self.assertEqual(self.tell(flow)[1], [])

    def test_law8_a_member_that_retires_with_a_balance_is_refused_in_words(self):
        self.entry("2026-01-10", 100)
        flow = self.extract_flow("fin.object.dimension", {"kinds": ["account"]})
        self.bank.active = False
        run, rows = self.tell(flow)
        self.assertEqual((run.state, run.rejected), ("done", 1))
        self.assertNotIn("550000", self.told(rows))
        case = self.cases("retired_with_balance")
        self.assertIn(f"550000 Bank (100.00 {self.company.currency_id.name})", case.text)
        self.bank.active = True
        self.entry("2026-01-11", 100, debit=self.sales, credit=self.bank)
        self.bank.active = False
        _run, rows = self.tell(flow)
        self.assertEqual(self.told(rows)["550000"]["state"], "retired")
        self.assertEqual(case.state, "resolved")

    def test_an_analytic_account_with_costs_of_this_year_is_refused(self):
        plan = self.env["account.analytic.plan"].create({"name": "Departments"})
        legal = self.env["account.analytic.account"].create({"name": "Legal", "plan_id": plan.id})
        line = {"name": "x", "amount": -7, plan._column_name(): legal.id, "company_id": self.company.id}
        self.env["account.analytic.line"].create(line)
        legal.active = False
        run, _rows = self.tell(self.extract_flow("fin.object.dimension", {"kinds": ["analytic"]}))
        self.assertEqual(run.rejected, 1)
        self.assertIn("Legal Legal (-7.00", self.cases("retired_with_balance").text)

    def test_a_currency_with_open_items_is_refused(self):
        claims = self.account("400000", "Customers", "asset_receivable")
        franc = self.env.ref("base.CHF")
        franc.active = True
        move = self.entry("2026-01-10", 100, debit=claims, post=False)
        move.line_ids.filtered(lambda line: line.account_id == claims).write({"currency_id": franc.id})
        move.action_post()
        self.env["res.currency.rate"].create({"currency_id": franc.id, "name": "2026-01-01", "rate": 1})
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_currency SET active = FALSE WHERE id = %s", [franc.id])
        self.env.invalidate_all()
        run, _rows = self.tell(self.extract_flow("fin.object.dimension", {"kinds": ["currency"]}))
        self.assertEqual(run.rejected, 1)
        self.assertIn("CHF", self.cases("retired_with_balance").text)

    def test_what_the_version_tells_no_more_is_left_as_it_was(self):
        for plan in ("Departments", "Projects"):
            root = self.env["account.analytic.plan"].create({"name": plan})
            self.env["account.analytic.account"].create({"name": f"One of {plan}", "plan_id": root.id})
        flow = self.extract_flow("fin.object.dimension", {"kinds": ["account", "analytic"]})
        self.tell(flow)
        flow.options = {"kinds": ["analytic"], "plans": ["Projects"]}
        self.approve(flow)
        self.env["fin.audit.seal"]._seal_waiting()
        self.assertEqual(self.tell(flow)[1], [])

    def test_two_members_of_one_code_are_both_refused(self):
        plan = self.env["account.analytic.plan"].create({"name": "Departments"})
        for name in ("One", "Two"):
            self.env["account.analytic.account"].create({"name": name, "code": "D1", "plan_id": plan.id})
        run, rows = self.tell(self.extract_flow("fin.object.dimension", {"kinds": ["analytic"]}))
        self.assertEqual((run.rejected, "D1" in self.told(rows)), (2, False))
        self.assertIn("D1", self.cases("ambiguous_member").text)

    def test_law8_a_word_that_means_nothing_stops(self):
        self.unchecked()
        for options in ({"kinds": ["vessels"]}, {"kinds": ["analytic"], "plans": ["Nope"]}):
            flow = self.env["fin.flow"].search([("code", "=", "extracts-test")])
            if flow:
                flow.options = options
                self.approve(flow)
                self.env["fin.audit.seal"]._seal_waiting()
            with self.subTest(options), self.assertRaises(ConfigurationError):
                self.collect(flow or self.extract_flow("fin.object.dimension", options))

    def test_what_is_stored_is_what_the_contract_spells(self):
        run, _rows = self.tell(self.extract_flow("fin.object.dimension"))
        self.env.cr.execute("SELECT content, digest, key FROM fin_item WHERE run_id = %s", [run.id])
        for content, told, key in self.env.cr.fetchall():
            one = read(Member, json.loads(content))
            self.assertEqual((content, told, key), (canonical(one), digest(content), one.key))

    def test_what_another_system_owns_does_not_leave(self):
        flow = self.extract_flow("fin.object.dimension", {"kinds": ["account"]})
        sap = self.env["fin.system"].create({"name": "SAP", "code": "sap", "company_id": self.company.id})
        vals = {"subject": "account/name", "steward_id": self.operator.id, "outside_system_id": sap.id}
        self.env["fin.authority"].with_user(self.operator).create(vals)
        policy = self.env["fin.policy"].with_user(self.operator)._of(self.company)
        change = policy.env["fin.change"]._propose(policy)
        change.action_submit()
        change.with_user(self.approver)._approve()
        self.env["fin.audit.seal"]._seal_waiting()
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, r"Account, name \(sap\)"):
            self.approve(flow)


@tagged("post_install", "-at_install")
class TestRatesOut(ExtractCase):
    """Rates leave as they stand in Odoo, for one unit of the company's currency."""

    def rate(self, currency, day, figure, company=None):
        company = self.company if company is None else company
        vals = {"currency_id": self.env.ref(f"base.{currency}").id, "name": day, "rate": figure}
        self.env["res.currency.rate"].create({**vals, "company_id": company.id})

    def test_rates_leave_once_and_the_companys_own_before_everybodys(self):
        self.company.currency_id = self.env.ref("base.EUR")
        self.env["res.currency.rate"].search([]).unlink()
        (self.env.ref("base.USD") | self.env.ref("base.CHF")).active = True
        self.rate("USD", "2026-03-02", 1.2, self.company.browse())
        self.rate("USD", "2026-03-02", 1.0837)
        self.rate("CHF", "2026-03-02", 0.95, self.company.browse())
        self.rate("CHF", "2025-03-02", 0.9)
        flow = self.extract_flow("fin.object.rate", {"since": "2026-01-01"})
        run, rows = self.tell(flow)
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))
        self.assertEqual(
            {(row["base"], row["currency"], row["dated_on"], row["rate"]) for _file, row in rows},
            {("EUR", "USD", "2026-03-02", "1.0837"), ("EUR", "CHF", "2026-03-02", "0.95")},
        )
        self.assertEqual(self.tell(flow)[1], [])
