import json
from decimal import Decimal

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import json_default

from ..core.analytic import shares
from .common import PlanningCase

PLACES = ["partner", "tax", "journal_type", "transaction_currency"]


@tagged("post_install", "-at_install")
class TestPlanningDrill(PlanningCase):
    """From a delivered period to its figures, and from a figure to the journal items that add up to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls.person("reader", "group_viewer")
        cls.partners = cls.env["res.partner"].create(
            [{"name": "Zoë | Söhne"}, {"name": "Second", "ref": "C-2"}, {"name": "Third", "ref": "C-2"}]
        )
        plans = cls.env["account.analytic.plan"].create([{"name": "Department"}, {"name": "Project"}])
        made = [("Sales", 0), ("Legal", 0), ("P1", 1)]
        cls.members = cls.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plans[number].id, "company_id": cls.company.id} for name, number in made]
        )
        belgium = cls.env.ref("base.be")
        group = cls.env["account.tax.group"].create({"name": "VAT", "country_id": belgium.id})
        tax = {"name": "VAT 21", "amount": 21, "company_id": cls.company.id, "country_id": belgium.id}
        cls.tax = cls.env["account.tax"].create({**tax, "tax_group_id": group.id})
        cls.dollar = cls.env.ref("base.USD")
        cls.dollar.active = True
        cls.services = cls.account("700100", "Services", "income")

    def book(self, date, amount, partner=None, journal=None, credit=None, **line):
        credit = {"account_id": (credit or self.sales).id, "balance": -amount, **line}
        debit = {"account_id": self.bank.id, "balance": amount}
        if "currency_id" in line:
            debit |= {"currency_id": line["currency_id"], "amount_currency": -line["amount_currency"]}
        lines = [Command.create({"partner_id": partner and partner.id, **one}) for one in (debit, credit)]
        journal = journal or self.journal
        self.env["account.move"].create({"journal_id": journal.id, "date": date, "line_ids": lines}).action_post()

    def figures(self, business="fin.object.cell", crosswalk=None, **options):
        more = {"crosswalk_ids": [Command.set(crosswalk.ids)]} if crosswalk else {}
        run = self.collect(self.flow(object=business, options=options, **more))
        self.env.invalidate_all()
        return run.item_ids

    def opened(self, item):
        """The items that the web client shows: the domain has gone there and come back."""
        action = item.with_user(self.reader).action_open_journal_items()
        domain = json.loads(json.dumps(action["domain"], default=json_default))
        lines = self.env["account.move.line"].with_user(self.reader)
        return lines.with_context(allowed_company_ids=self.company.ids).search(domain)

    def assertAddsUp(self, items):
        """Each figure is the sum of its items, and each posted item stands behind one figure."""
        self.assertTrue(items)
        seen = []
        for item in items:
            lines, told = self.opened(item), json.loads(item.content)
            sums = [sum(Decimal(str(value)) for value in lines.mapped(name)) for name in ("debit", "credit", "balance")]
            with self.subTest(item.key):
                self.assertEqual(sums, [Decimal(told[name]) for name in ("debit", "credit", "balance")])
            seen += lines.ids
        self.assertEqual(len(seen), len(set(seen)))
        return set(seen)

    def posted(self, *domain):
        mine = [("company_id", "=", self.company.id), ("parent_state", "=", "posted")]
        return set(self.env["account.move.line"].search([*mine, *domain]).ids)

    def ledger(self):
        """Entries around the turn of a month and a week, by every place that a figure can have."""
        other = self.env["account.journal"].create({"name": "Sales", "code": "SOLD", "type": "sale"})
        self.book("2026-01-30", 100, self.partners[0])
        self.book("2026-01-31", 10, self.partners[1], other)
        self.book("2026-02-01", 20, self.partners[2], other, tax_line_id=self.tax.id)
        self.book("2026-02-02", 5, credit=self.services, currency_id=self.dollar.id, amount_currency=-6)
        self.book("2026-02-02", 2, self.partners[2], credit=self.services)
        self.entry("2026-02-02", 77, post=False)
        return other

    def test_actuals_by_month(self):
        self.ledger()
        self.assertEqual(self.assertAddsUp(self.figures("fin.object.actual")), self.posted())

    def test_a_figure_says_what_it_is_about_and_its_items_are_called_so(self):
        self.book("2026-01-31", 10, self.partners[1])
        items = self.figures(dimensions=["partner", "journal_type"])
        mine = items.filtered(lambda item: "|700000|" in item.key).with_user(self.reader)
        self.assertEqual(mine.about, "700000 · Sales · C-2 · general")
        self.assertEqual(mine.action_open_journal_items()["name"], f"Journal items of {mine.about}")
        self.assertEqual(mine.direction, "outbound")

    def test_every_grain(self):
        self.company.write({"fiscalyear_last_month": "6", "fiscalyear_last_day": 30})
        self.ledger()
        for period in ("day", "week", "month", "fiscal"):
            with self.subTest(period), self.env.cr.savepoint() as point:
                self.assertEqual(self.assertAddsUp(self.figures(period=period)), self.posted())
                point.rollback()

    def test_every_dimension_and_all_of_them(self):
        self.ledger()
        for places in (*([place] for place in PLACES), PLACES):
            with self.subTest(places), self.env.cr.savepoint() as point:
                self.assertEqual(self.assertAddsUp(self.figures(dimensions=places, period="week")), self.posted())
                point.rollback()

    def test_the_flows_own_filters_count(self):
        other = self.ledger()
        self.env["account.journal.group"].create(
            {"name": "IFRS", "company_id": self.company.id, "excluded_journal_ids": [Command.set(other.ids)]}
        )
        for options, expected in (
            ({"ledger": "IFRS"}, [("journal_id", "=", self.journal.id)]),
            ({"journals": ["SOLD"]}, [("journal_id", "=", other.id)]),
            ({"accounts": ["7001", "55"]}, [("account_id", "in", (self.services | self.bank).ids)]),
            ({"period_from": "2026-02"}, [("date", ">=", "2026-02-01")]),
        ):
            with self.subTest(options), self.env.cr.savepoint() as point:
                self.assertEqual(self.assertAddsUp(self.figures(**options)), self.posted(*expected))
                point.rollback()

    def test_through_the_crosswalk_as_it_holds_on_each_day(self):
        """Until the 31st services are revenue, from then on a target of their own; sales are revenue throughout."""
        crosswalk = self.new_crosswalk()
        crosswalk.line_ids.filtered(lambda line: line.target == "REV").unlink()
        crosswalk.line_ids = [
            Command.create({"source": "700000", "target": "REV"}),
            Command.create({"source": "700100", "target": "REV", "valid_to": "2026-01-30"}),
            Command.create({"source": "700100", "target": "SERV", "valid_from": "2026-01-31"}),
        ]
        self.ledger()
        self.book("2026-01-30", 3, credit=self.services)
        self.book("2026-01-31", 4, credit=self.services)
        items = self.figures(crosswalk=crosswalk, dimensions=["partner"])
        self.assertEqual(self.assertAddsUp(items), self.posted())
        accounts = {json.loads(item.content)["account"]: self.opened(item).account_id for item in items}
        self.assertEqual((set(accounts), accounts["SERV"]), ({"REV", "SERV", "CASH"}, self.services))

    def test_by_analytic_plans_items_are_those_of_which_a_share_falls_there(self):
        sales, legal, project = (str(member.id) for member in self.members)
        self.book("2026-01-10", 100, analytic_distribution={f"{sales},{project}": 60, legal: 40})
        self.book("2026-01-11", 10, analytic_distribution={sales: 100})
        self.book("2026-01-12", 8, analytic_distribution={sales: 50})
        self.book("2026-01-13", 7)
        members = {one.id: (one.root_plan_id.name, one.name) for one in self.members}
        plans = ["Department", "Project"]
        found = {}
        for item in self.figures(plans=plans):
            told, lines = json.loads(item.content), self.opened(item)
            place = dict(part.split("=") for part in filter(None, told.get("analytic", "").split(";")))
            wanted = tuple(place.get(plan) for plan in plans)
            total = sum(
                Decimal(str(line.balance)) * share
                for line in lines
                for at, share in shares(json.dumps(line.analytic_distribution or {}), members, tuple(plans))
                if at == wanted
            )
            self.assertEqual(total, Decimal(told["balance"]), item.key)
            found[told["account"], told.get("analytic")] = sorted(lines.mapped("credit"))
        self.assertEqual(found["700000", "Department=Sales"], [8.0, 10.0])
        self.assertEqual(found["700000", "Department=Sales;Project=P1"], [100.0])
        self.assertEqual(found["700000", None], [7.0, 8.0])

    def test_whatever_company_the_reader_has_chosen_the_accounts_are_those_of_the_figure(self):
        self.ledger()
        item = self.figures(accounts=["7000"])[0]
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.reader.company_ids = [Command.link(elsewhere.id)]
        lines = self.env["account.move.line"].with_user(self.reader)
        both = lines.with_context(allowed_company_ids=[elsewhere.id, self.company.id])
        domain = item.with_user(self.reader).action_open_journal_items()["domain"]
        self.assertEqual(both.search(domain), self.opened(item))

    def test_s11_the_items_open_under_the_rights_of_who_looks(self):
        self.ledger()
        item = self.figures()[0]
        self.env["ir.rule"].create(
            {
                "name": "nothing",
                "model_id": self.env["ir.model"]._get_id("account.move.line"),
                "domain_force": "[(0, '=', 1)]",
            }
        )
        self.assertFalse(self.opened(item))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.reader.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            item.with_user(self.reader).action_open_journal_items()

    def test_a_delivered_period_opens_its_figures(self):
        self.ledger()
        items = self.figures()
        periods = self.env["fin.actual.period"].search([("run_id", "=", items.run_id.id)])
        self.assertEqual([f"{period.last_on}" for period in periods], ["2026-02-28", "2026-01-31"])
        for period in periods:
            action = period.with_user(self.reader).action_open_cells()
            self.assertEqual(action["display_name"], f"Figures of {period.display_name}", "what the client calls it")
            found = self.env["fin.item"].with_user(self.reader).search(action["domain"])
            mine = items.filtered(lambda item, last=period.last_on: item.on == last)
            self.assertEqual((action["res_model"], found), ("fin.item", mine))
            debit = sum(Decimal(json.loads(item.content)["debit"]) for item in mine)
            self.assertEqual(debit, Decimal(str(period.debit)))

    def test_what_is_no_sum_of_a_periods_items_says_so(self):
        self.ledger()
        item = self.figures("fin.object.trial_balance")[0]
        self.assertFalse(item.has_journal_items)
        with self.assertRaisesRegex(UserError, "No journal items"):
            item.with_user(self.reader).action_open_journal_items()
