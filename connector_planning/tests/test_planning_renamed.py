"""Books that are called otherwise than when they were told: the old names become zero, the new ones hold the ledger."""

from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged

from .anaplan_scene import AnaplanMixin
from .loading import LoadingCase


@tagged("post_install", "-at_install")
class TestPlanningRenamed(AnaplanMixin, LoadingCase):
    """Flows that look only at periods that have changed."""

    def setUp(self):
        super().setUp()
        self.start_anaplan()

    def telling(self, **options):
        vals = {"object": "fin.object.cell", "options": {**options, "delta": True}}
        self.actuals = self.flow_to("anaplan.actuals", self.anaplan_import(), "renamed", **vals)
        return self.tell()

    def tell(self):
        """What Anaplan holds of the bank after a run: period, partner, journal type ... -> balance."""
        self.env.flush_all()
        run = self.engine(self.begun(self.actuals))
        self.assertEqual(run.state, "done")
        self.env.invalidate_all()
        told = {}
        for cell in self.double.ask("/control/cells")["cells"]:
            _rule, _company, _ledger, account, *place = cell["Key"].split("|")
            if account == self.bank.code and Decimal(cell["Balance"]):
                told["|".join(filter(None, place))] = Decimal(cell["Balance"])
        return told

    def test_another_fiscal_year_names_all_its_periods_anew(self):
        """January 2026 was the seventh period of 2026; July 2026, once the year is the calendar's, is it too."""
        self.company.write({"fiscalyear_last_month": "6", "fiscalyear_last_day": 30})
        self.entry("2026-01-10", 100)
        self.assertEqual(self.telling(period="fiscal"), {"FY2026-P07": Decimal(100)})
        self.company.write({"fiscalyear_last_month": "12", "fiscalyear_last_day": 31})
        self.entry("2026-07-10", 5)
        self.assertEqual(self.tell(), {"FY2026-P01": Decimal(100), "FY2026-P07": Decimal(5)})

    def test_another_version_that_cuts_time_otherwise_leaves_nothing_of_the_first_behind(self):
        self.entry("2026-01-10", 100)
        months = {"2026-01": Decimal(100)}
        self.assertEqual(self.telling(period="month"), months)
        for period, told in (("day", {"2026-01-10": Decimal(100)}), ("month", months)):
            self.again(period)
            self.assertEqual(self.tell(), told)
            self.assertEqual(self.tell(), told)
        self.entry("2026-01-11", 5)
        self.assertEqual(self.tell(), {"2026-01": Decimal(105)})

    def test_what_was_told_as_final_by_months_waits_by_days(self):
        self.entry("2026-01-10", 100)
        self.telling(period="month")
        self.company.fiscalyear_lock_date = "2026-01-31"
        self.assertEqual(self.tell(), {"2026-01": Decimal(100)})
        self.again("day")
        self.assertEqual(self.tell(), {"2026-01": Decimal(100)})
        held = self.env["fin.run"].search([("flow_id", "=", self.actuals.id), ("state", "=", "held")])
        self.assertEqual(len(held.item_ids), 4)

    def test_a_journal_of_another_type_is_told_anew(self):
        self.entry("2026-01-10", 100)
        self.assertEqual(self.telling(dimensions=["journal_type"]), {"2026-01|general": Decimal(100)})
        self.journal.type = "sale"
        self.assertEqual(self.tell(), {"2026-01|sale": Decimal(100)})

    def test_an_analytic_account_that_moves_to_another_plan_is_told_there(self):
        plans = self.env["account.analytic.plan"].create([{"name": "Site"}, {"name": "Project"}])
        member = self.env["account.analytic.account"].create({"name": "A", "plan_id": plans[0].id})
        self.booked("2026-01-10", 100, analytic_distribution={str(member.id): 50})
        told = self.telling(plans=["Site", "Project"])
        self.assertEqual(told, {"2026-01|Site=A": Decimal(50), "2026-01": Decimal(50)})
        member.plan_id = plans[1]
        self.assertEqual(self.tell(), {"2026-01|Project=A": Decimal(50), "2026-01": Decimal(50)})

    def test_partners_that_are_merged_are_one(self):
        one, other = self.env["res.partner"].create([{"name": "One"}, {"name": "Other"}])
        self.booked("2026-01-10", 100, partner_id=one.id)
        self.booked("2026-01-11", 5, partner_id=other.id)
        told = self.telling(dimensions=["partner"])
        self.assertEqual(told, {"2026-01|One": Decimal(100), "2026-01|Other": Decimal(5)})
        self.env["base.partner.merge.automatic.wizard"]._merge((one | other).ids, one)
        self.assertEqual(self.tell(), {"2026-01|One": Decimal(105)})

    def test_what_is_archived_or_switched_off_is_told_as_before(self):
        crown = self.env["res.currency"].create({"name": "XCR", "symbol": "C"})
        partner = self.env["res.partner"].create({"name": "One"})
        plan = self.env["account.analytic.plan"].create({"name": "Site"})
        member = self.env["account.analytic.account"].create({"name": "A", "plan_id": plan.id})
        money = {"currency_id": crown.id, "amount_currency": 300}
        self.booked("2026-01-10", 100, partner_id=partner.id, analytic_distribution={str(member.id): 100}, **money)
        journal, dimensions = self.journal.code, ["partner", "journal_type", "transaction_currency"]
        options = {"accounts": ["55"], "journals": [journal], "plans": ["Site"], "dimensions": dimensions}
        before = {"2026-01|One|general|XCR|Site=A": Decimal(100)}
        self.assertEqual(self.telling(**options), before)
        for record in (self.bank, self.sales, self.journal, partner, member, crown):
            record.active = False
        self.assertEqual(self.tell(), before)
        self.again()
        self.assertEqual(self.tell(), before)

    def test_only_periods_that_a_name_or_a_rate_stands_in_are_looked_at(self):
        group = self.env["res.currency"].create({"name": "XGR", "symbol": "G"})
        rate = {"currency_id": group.id, "rate": 2, "company_id": self.company.id}
        self.env["res.currency.rate"].create({**rate, "name": "2026-01-30"})
        one, other = self.env["res.partner"].create([{"name": "One"}, {"name": "Other"}])
        self.booked("2026-01-10", 100, partner_id=one.id)
        self.booked("2026-02-10", 7, partner_id=other.id)
        told = {"2026-01|One": Decimal(100), "2026-02|Other": Decimal(7)}
        options = {"dimensions": ["partner"], "group": {"currency": "XGR", "rate": "closing", "days": 30}}
        self.assertEqual((self.telling(**options), self.looked_at()), (told, ["2026-01", "2026-02"]))
        self.env["res.partner"].create({"name": "A new one"})
        self.assertEqual((self.tell(), self.looked_at()), (told, []))
        self.env["res.currency.rate"].create({**rate, "name": "2026-02-27"})
        self.assertEqual((self.tell(), self.looked_at()), (told, ["2026-02"]))
        one.name = "First"
        told = {"2026-01|First": Decimal(100), "2026-02|Other": Decimal(7)}
        self.assertEqual((self.tell(), self.looked_at()), (told, ["2026-01"]))

    def looked_at(self):
        """The months of the last run's cells."""
        run = self.env["fin.run"].search([("flow_id", "=", self.actuals.id)], order="id desc", limit=1)
        return sorted({f"{item.on:%Y-%m}" for item in run.item_ids})

    def again(self, period="month"):
        """Another version looks at everything."""
        self.actuals.options = {**self.actuals.options, "period": period}
        self.actuals.purpose = "All of it"
        self.approve(self.actuals)
        self.env["fin.audit.seal"]._seal_waiting()

    def booked(self, date, amount, **bank):
        lines = [
            {"account_id": self.bank.id, "balance": amount, **bank},
            {"account_id": self.sales.id, "balance": -amount},
        ]
        entry = {"journal_id": self.journal.id, "date": date, "line_ids": list(map(Command.create, lines))}
        self.env["account.move"].create(entry).action_post()
