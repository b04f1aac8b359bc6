from odoo.fields import Command
from odoo.tests import tagged

from .budget_scene import BudgetCase

BESIDE = ("partner_id", "tax_id", "journal_type", "transaction_currency_id", "ledger_id")


@tagged("post_install", "-at_install")
class TestBudgetVariance(BudgetCase):
    """Plan and actuals meet at the grain that the plan of each account has; each item is counted once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"].create([{"name": f"Variance canary {number}"} for number in range(3)])
        cls.other = cls.env["account.journal"].create(
            {"name": "Second books", "code": "SEC", "type": "sale", "company_id": cls.company.id}
        )
        cls.dollar = cls.env.ref("base.USD")
        cls.company.account_fiscal_country_id = cls.env.ref("base.be")

    def book(self, amount, partner=None, journal=None, share=None, **line):
        """Sales of this amount in January."""
        partner_id = partner and partner.id
        lines = [
            {"account_id": self.sales.id, "balance": -amount, "analytic_distribution": share, **line},
            {"account_id": self.bank.id, "balance": amount},
        ]
        vals = {"journal_id": (journal or self.journal).id, "date": "2026-01-20"}
        lines = [Command.create({"partner_id": partner_id, **one}) for one in lines]
        move = self.env["account.move"].create({**vals, "line_ids": lines})
        move.action_post()
        return move

    def tax(self, name):
        place = {"company_id": self.company.id, "country_id": self.company.account_fiscal_country_id.id}
        group = self.env["account.tax.group"].create({"name": name, **place})
        return self.env["account.tax"].create({"name": name, "amount": 7, "tax_group_id": group.id, **place})

    def part(self, tax):
        """The part of a tax that makes an item a line of it."""
        return tax.invoice_repartition_line_ids.filtered(lambda one: one.repartition_type == "tax")

    def planned(self, amount, **by):
        line = {"version_id": self.budget.id, "account_id": self.sales.id, "on": "2026-01-31", "amount": -amount}
        return self.env["fin.budget.line"].create({**line, **by})

    def rows(self, *names):
        """What a row is about -> (planned, actual, variance, percent, verdict) of the sales account."""
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.env["fin.budget.variance"].search(
            [("version_id", "=", self.budget.id), ("account_id", "=", self.sales.id)]
        )
        self.assertEqual(len({one.id for one in found}), len(found))
        return {tuple(one[name] for name in names): one for one in found}

    def figures_by(self, *names):
        return {place: (one.planned, one.actual) for place, one in self.rows(*names).items()}

    def items(self, row):
        return self.env["account.move.line"].search(row.action_open_items()["domain"])

    def test_a_figure_without_partner_stands_against_all_partners(self):
        self.planned(100)
        for partner in self.partners:
            self.book(30, partner)
        [row] = self.rows().values()
        self.assertEqual((row.planned, row.actual, row.variance, row.verdict), (100, 90, -10, "unfavourable"))
        self.assertAlmostEqual(row.percent, -0.1)
        self.assertEqual(len(self.items(row)), 3)

    def test_partners_that_are_planned_stand_by_themselves_and_the_others_together(self):
        first, second, third = self.partners
        self.planned(50, partner_id=first.id)
        self.planned(20)
        moves = [self.book(60, first), self.book(5, second), self.book(4, third), self.book(3)]
        nobody = self.env["res.partner"]
        self.assertEqual(self.figures_by("partner_id"), {(first,): (50, 60), (nobody,): (20, 12)})
        rows = self.rows("partner_id")
        self.assertEqual(self.items(rows[first,]).move_id, moves[0])
        self.assertEqual(len(self.items(rows[nobody,])), 3)
        self.assertEqual(rows[first,].verdict, "favourable")

    def test_what_no_figure_stands_for_is_there_without_a_plan(self):
        first, second, _third = self.partners
        self.planned(50, partner_id=first.id)
        self.book(7, second)
        nobody = self.env["res.partner"]
        self.assertEqual(self.figures_by("partner_id"), {(first,): (50, 0), (nobody,): (0, 7)})

    def test_the_most_exact_figure_comes_first_and_nothing_counts_twice(self):
        first, second, _third = self.partners
        self.planned(10, partner_id=first.id)
        self.planned(20, partner_id=first.id, journal_type="sale")
        self.planned(30, journal_type="sale")
        self.book(1, first)
        self.book(2, first, self.other)
        self.book(4, second, self.other)
        self.book(8, second)
        nobody = self.env["res.partner"]
        expected = {
            (first, False): (10, 1),
            (first, "sale"): (20, 2),
            (nobody, "sale"): (30, 4),
            (nobody, False): (0, 8),
        }
        self.assertEqual(self.figures_by("partner_id", "journal_type"), expected)
        for row in self.rows(*BESIDE).values():
            self.assertEqual(-sum(self.items(row).mapped("balance")), row.actual)

    def test_a_figure_of_a_tax_or_a_document_currency_stands_against_its_own_items_only(self):
        tax, other = self.tax("Canary 7"), self.tax("Canary 9")
        self.planned(10, tax_id=tax.id)
        self.planned(20, transaction_currency_id=self.dollar.id)
        taxed = self.book(1, tax_repartition_line_id=self.part(tax).id)
        self.book(8, tax_repartition_line_id=self.part(other).id)
        self.book(2, currency_id=self.dollar.id, amount_currency=-3)
        self.book(4)
        self.assertEqual(taxed.line_ids.tax_line_id, tax)
        no_tax, no_currency = self.env["account.tax"], self.env["res.currency"]
        expected = {(tax, no_currency): (10, 1), (no_tax, self.dollar): (20, 2), (no_tax, no_currency): (0, 12)}
        self.assertEqual(self.figures_by("tax_id", "transaction_currency_id"), expected)
        self.assertEqual(self.items(self.rows("tax_id")[tax,]).move_id, taxed)

    def test_an_item_of_several_ledgers_stands_against_a_figure_of_each(self):
        group = {"name": "Local canary", "company_id": self.company.id, "sequence": 99}
        local, group = self.env["account.journal.group"].create(
            [
                {**group, "excluded_journal_ids": [Command.set(self.other.ids)]},
                {**group, "name": "Group canary", "excluded_journal_ids": [Command.set(self.journal.ids)]},
            ]
        )
        self.planned(10, ledger_id=local.id)
        self.planned(20)
        self.book(1)
        self.book(2, journal=self.other)
        none = self.env["account.journal.group"]
        self.assertEqual(self.figures_by("ledger_id"), {(local,): (10, 1), (none,): (20, 3)})
        self.planned(5, ledger_id=group.id)
        self.assertEqual(self.figures_by("ledger_id"), {(local,): (10, 1), (group,): (5, 2), (none,): (20, 3)})

    def test_an_account_that_is_planned_as_a_whole_is_compared_as_a_whole_where_others_are_by_member(self):
        plan = self.env["account.analytic.plan"].create({"name": "Canary team"})
        member = self.env["account.analytic.account"].create({"name": "One", "plan_id": plan.id})
        rent = {"version_id": self.budget.id, "account_id": self.rent.id, "on": "2026-01-31", "amount": 1}
        self.env["fin.budget.line"].create({**rent, "analytic": "Canary team=One"})
        self.planned(10)
        self.book(4, share={str(member.id): 50})
        self.assertEqual(self.figures_by("analytic"), {(False,): (10, 4)})

    def test_all_rows_of_a_version_add_up_to_the_plan_and_to_the_ledger(self):
        first, second, third = self.partners
        self.planned(10, partner_id=first.id)
        self.planned(20, partner_id=second.id, journal_type="sale")
        for number, partner in enumerate((first, second, third, None)):
            self.book(2**number, partner)
            self.book(2 ** (number + 4), partner, self.other)
        rows = self.rows(*BESIDE).values()
        self.assertEqual((sum(one.planned for one in rows), sum(one.actual for one in rows)), (30, 255))

    # The same dimensions, by file and by workbook

    def test_two_versions_are_never_added_up(self):
        self.planned(100)
        forecast = self.budget.copy({"name": "Forecast", "code": "forecast", "scenario": "forecast"})
        self.planned(70, version_id=forecast.id)
        self.book(90)
        self.env.flush_all()
        mine = [("version_id", "in", (self.budget | forecast).ids), ("account_id", "=", self.sales.id)]
        told = ["planned:sum", "actual:sum", "variance:sum", "percent:avg"]
        grouped = self.env["fin.budget.variance"]._read_group(mine, ["version_id"], told[:3])
        self.assertEqual({version: sums for version, *sums in grouped}, {
            self.budget: [100, 90, -10], forecast: [70, 90, 20]
        })  # fmt: skip
        [sums] = self.env["fin.budget.variance"]._read_group(mine, [], told)
        self.assertFalse(any(sums))

    def test_figures_come_by_all_dimensions_and_go_out_as_they_came(self):
        first = self.partners[0]
        self.tax("Canary 9")
        self.env["account.journal.group"].create({"name": "Canary ledger", "company_id": self.company.id})
        head = "Version;Company;Account;Currency;2026-01;2026-02;Partner;Tax;Journal type;Document currency;Ledger"
        by = f";{first.name};Canary 9;sale;USD;Canary ledger"
        self.bring(self.row() + by, self.row(), head=head)
        run = self.run_once(self.budget_flow())
        self.assertEqual((run.state, run.delivered), ("done", 4))
        line = self.budget.line_ids.filtered("tax_id")[:1]
        told = [line[name].display_name if name.endswith("_id") else line[name] for name in BESIDE]
        self.assertEqual(told, [first.name, line.tax_id.display_name, "sale", "USD", "Canary ledger"])
        before = self.budget.line_ids.ids
        mine = self.budget.with_user(self.operator)
        mine._take_sheet(mine._as_sheet())
        self.assertEqual(self.budget.line_ids.ids, before)
        self.assertIn("tax=Canary 9", self.budget._told_text())

    def test_the_fingerprint_of_a_plan_without_them_is_what_it_was(self):
        line = self.planned(10)
        self.assertEqual(line._places(), ["700000", "2026-01-31", "", ""])
