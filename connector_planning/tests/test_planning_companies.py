"""Books of several companies that share accounts or lock dates."""

from odoo.fields import Command
from odoo.tests import tagged

from .test_planning_restatement import RestatementCase


@tagged("post_install", "-at_install")
class TestPlanningCompanies(RestatementCase):
    def another(self, **vals):
        """A second company that everybody works in."""
        second = self.env["res.company"].create({"name": "Actuals Ltd", "fin_code": "LTD", **vals})
        for person in self.env.user | self.operator | self.approver:
            person.sudo().company_ids = [Command.link(second.id)]
        companies = self.company | second
        self.env = self.env(context={**self.env.context, "allowed_company_ids": companies.ids})
        return companies

    def books_of(self, company):
        """A journal, a bank and sales of its own."""
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        journal = env["account.journal"].create({"name": "Misc", "code": "PLAN", "type": "general"})
        bank = env["account.account"].create({"code": "121000", "name": "Cash", "account_type": "asset_cash"})
        sales = env["account.account"].create({"code": "400000", "name": "Profit", "account_type": "income"})
        return journal, bank, sales

    def booked(self, journal, bank, sales, date, amount, **vals):
        lines = [{"account_id": bank.id, "balance": amount}, {"account_id": sales.id, "balance": -amount}]
        vals |= {"journal_id": journal.id, "date": date, "line_ids": list(map(Command.create, lines))}
        self.env["account.move"].create(vals).action_post()

    def test_one_account_of_several_companies_has_the_code_of_each(self):
        """Odoo merges accounts of several companies into one record, which keeps a code for each of them."""
        companies = self.another()
        journal, bank, sales = self.books_of(companies[1])
        self.booked(journal, bank, sales, "2026-01-10", 5)
        self.entry("2026-01-10", 100)
        options = {"company_ids": [Command.set(companies.ids)], "options": {"delta": True}}
        flow = self.flow(self.double.url, **options)
        self.run_once(flow)
        before = self.told()
        self.assertEqual([before[place, "2026-01"] for place in ("550000", "121000", "400000")], [100, 5, -5])
        accounts = self.sales.with_env(self.env) | sales.with_env(self.env)
        self.env["account.merge.wizard"]._action_merge(accounts)
        self.assertFalse(accounts[1].exists())
        self.booked(journal, bank, self.sales, "2026-01-11", 2)
        self.run_once(flow)
        self.assertEqual(self.told(), {**before, ("121000", "2026-01"): 7, ("400000", "2026-01"): -7})

    def test_the_lock_date_of_the_company_above_closes_the_books_of_its_branch(self):
        companies = self.another(parent_id=self.company.id)
        book = (self.journal, self.bank, self.sales)
        self.booked(*book, "2026-01-10", 5, company_id=companies[1].id)
        flow = self.flow(self.double.url, company_ids=[Command.set(companies.ids)])
        self.close("2026-01-31")
        self.run_once(flow)
        self.close(False)
        self.booked(*book, "2026-01-11", 2, company_id=companies[1].id)
        self.assertEqual((self.run_once(flow).held, self.told()["550000", "2026-01"]), (2, 5))

    def test_who_works_in_one_of_the_companies_sees_how_it_stands(self):
        """The run is the first company's, and no record of theirs."""
        companies = self.another()
        journal, bank, sales = self.books_of(companies[1])
        self.booked(journal, bank, sales, "2026-01-10", 5)
        self.run_once(self.flow(self.double.url, company_ids=[Command.set(companies.ids)]))
        self.env.invalidate_all()
        periods = self.env["fin.actual.period"].with_user(self.operator)
        periods = periods.with_context(allowed_company_ids=companies[1].ids)
        self.assertFalse(periods.env["fin.run"].search([], limit=1))
        [row] = periods.matrix("2026-01-31")["rows"]
        self.assertEqual((row["company"], row["cells"][-1]["state"]), ("Actuals Ltd", "delivered"))
        [told] = periods.search([]).web_read({"state": {}, "run_id": {"fields": {"display_name": {}}}})
        self.assertEqual(told["state"], "delivered")
