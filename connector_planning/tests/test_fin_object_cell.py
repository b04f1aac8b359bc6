"""Actuals by dimensions: whatever they are cut by, they add up to the ledger."""

import json
from collections import defaultdict
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.canonical import canonical, digest
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MappingError
from odoo.addons.finance_integration_governance.core.reading import read

from ..core.cell import Cell
from .common import PlanningCase


@tagged("post_install", "-at_install")
class TestFinObjectCell(PlanningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"].create(
            [{"name": "Zoë | Söhne", "ref": False}, {"name": "Second", "ref": "C-2"}, {"name": "Third", "ref": "C-2"}]
        )
        plans = cls.env["account.analytic.plan"].create([{"name": "Department"}, {"name": "Project = A;B"}])
        accounts = [("Sales", 0), ("Legal", 0), ("P1", 1), ("P2", 1)]
        made = [{"name": name, "plan_id": plans[number].id, "company_id": cls.company.id} for name, number in accounts]
        cls.members = cls.env["account.analytic.account"].create(made)

    def book(self, date, amount, partner=None, share=None, **line):
        sales = {"account_id": self.sales.id, "balance": -amount, "analytic_distribution": share, "quantity": 2, **line}
        bank = {"account_id": self.bank.id, "balance": amount}
        if "currency_id" in line:
            bank |= {"currency_id": line["currency_id"], "amount_currency": -line["amount_currency"]}
        lines = [Command.create({"partner_id": partner and partner.id, **one}) for one in (bank, sales)]
        move = self.env["account.move"].create({"journal_id": self.journal.id, "date": date, "line_ids": lines})
        move.action_post()
        return move

    def told(self, **options):
        """The cells that a flow with these options collects."""
        flow = self.flow(object="fin.object.cell", options=options)
        run = self.collect(flow)
        self.env.cr.execute('SELECT content, digest, key, "on" FROM fin_item WHERE run_id = %s ORDER BY row', [run.id])
        cells = []
        for content, told, key, on in self.env.cr.fetchall():
            cell = read(Cell, json.loads(content))
            self.assertEqual((content, told, key), (canonical(cell), digest(content), cell.key))
            self.assertIn(on, (cell.on, on if cell.on is None else None))
            cells.append(cell)
        return cells

    def by(self, cells, *names):
        sums = defaultdict(Decimal)
        for cell in cells:
            sums[tuple(getattr(cell, name) for name in names)] += cell.balance
        return dict(sums)

    def test_without_dimensions_they_are_actuals(self):
        self.book("2026-01-10", 100)
        found = self.by(self.told(), "account", "period")
        self.assertEqual(found, {("550000", "2026-01"): Decimal(100), ("700000", "2026-01"): Decimal(-100)})

    def test_by_partner_reference_else_name_and_equal_names_are_one(self):
        for partner in self.partners:
            self.book("2026-01-10", 10, partner)
        found = self.by((c for c in self.told(dimensions=["partner"]) if c.account == "550000"), "partner")
        self.assertEqual(found, {("Zoë / Söhne",): Decimal(10), ("C-2",): Decimal(20)})

    def test_days_weeks_and_fiscal_periods(self):
        self.company.write({"fiscalyear_last_month": "6", "fiscalyear_last_day": 30})
        self.book("2026-12-31", 1)
        self.book("2027-01-01", 2)
        expected = {
            "day": {"2026-12-31", "2027-01-01"},
            "week": {"2026-W53"},
            "month": {"2026-12", "2027-01"},
            "fiscal": {"FY2027-P06", "FY2027-P07"},
        }
        for period, names in expected.items():
            with self.subTest(period), self.env.cr.savepoint() as point:
                self.assertEqual({cell.period for cell in self.told(period=period)}, names)
                point.rollback()

    def test_shares_of_several_plans_add_up_to_the_item(self):
        sales, legal, one, two = (str(member.id) for member in self.members)
        self.book("2026-01-10", 100, share={f"{sales},{one}": 60, f"{legal},{two}": 40})
        self.book("2026-01-11", 10, share={sales: 100, one: 50})
        self.book("2026-01-12", 0.01, share={sales: 33.33, legal: 33.33})
        self.book("2026-01-13", 7)
        cells = [c for c in self.told(plans=["Department", "Project = A;B"]) if c.account == "700000"]
        self.assertEqual(sum(cell.balance for cell in cells), Decimal("-117.01"))
        found = self.by(cells, "analytic")
        project = "Project %3D A%3BB"
        self.assertEqual(found[f"Department=Sales;{project}=P1",], Decimal(-65))
        self.assertEqual(found[f"Department=Legal;{project}=P2",], Decimal(-40))
        self.assertEqual(found["Department=Sales",], Decimal("-5.003333"))
        self.assertEqual(found["Department=Legal",], Decimal("-0.003333"))
        self.assertEqual(found[None,], Decimal("-7.003334"))

    def test_money_of_the_documents_and_quantities(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.book("2026-01-10", 100, currency_id=dollar.id, amount_currency=-120)
        options = {"dimensions": ["transaction_currency"], "measures": ["transaction_balance", "quantity"]}
        found = {cell.transaction_currency: cell for cell in self.told(**options) if cell.account == "700000"}
        self.assertEqual(found["USD"].transaction_balance, Decimal(-120))
        self.assertEqual(found["USD"].quantity, Decimal(2))

    def test_money_of_the_documents_travels_with_its_currency_or_not_at_all(self):
        self.book("2026-01-10", 100)
        with self.assertRaisesRegex(ConfigurationError, "send transaction_currency with it"):
            self.told(measures=["transaction_balance"])

    def test_by_the_tax_whose_amount_it_is(self):
        country = self.env.ref("base.be").id
        self.company.account_fiscal_country_id = country
        group = self.env["account.tax.group"].create({"name": "VAT", "country_id": country})
        told = {"name": "VAT | 21", "amount": 21, "country_id": country, "tax_group_id": group.id}
        tax = self.env["account.tax"].create(told)
        part = tax.invoice_repartition_line_ids.filtered(lambda line: line.repartition_type == "tax")
        self.book("2026-01-10", 100, tax_repartition_line_id=part.id)
        found = self.by(self.told(dimensions=["tax"]), "account", "tax")
        self.assertEqual(found, {("550000", None): Decimal(100), ("700000", "VAT / 21"): Decimal(-100)})

    def test_law_4_measures_that_are_not_the_ledgers_never_leave(self):
        self.rates(january=2, end=8)
        self.book("2026-01-10", 100)
        honest = type(self.env["fin.object.cell"])._figures
        group = {"currency": "XGR", "rate": "closing", "days": 11}
        sent = {"dimensions": ["transaction_currency"], "measures": ["transaction_balance", "quantity"], "group": group}
        for name in ("transaction_balance", "quantity", "group_balance"):

            def wrong(business, options, name=name):
                figures = honest(business, options)
                return {**figures, name: SQL("%s + 1", figures[name])}

            with self.subTest(name), self.env.cr.savepoint() as point:
                with (
                    patch.object(type(self.env["fin.object.cell"]), "_figures", wrong),
                    self.assertRaisesRegex(ConfigurationError, f"{name} is not the ledger's"),
                ):
                    self.told(**sent)
                point.rollback()
        self.assertTrue(self.told(**sent))

    def rates(self, **rates):
        currency = self.env["res.currency"].create({"name": "XGR", "symbol": "G"})
        dates = {"january": "2026-01-01", "middle": "2026-01-16", "end": "2026-01-31"}
        rows = [
            {"currency_id": currency.id, "name": dates[day], "rate": r, "company_id": self.company.id}
            for day, r in rates.items()
        ]
        self.env["res.currency.rate"].create(rows)

    def test_the_groups_currency_at_closing_average_and_historic_rate(self):
        self.rates(january=2, middle=4, end=8)
        self.book("2026-01-10", 100)
        expected = {"closing": 800, "historic": 200, "average": Decimal("316.13")}
        for rate, amount in expected.items():
            with self.subTest(rate), self.env.cr.savepoint() as point:
                cells = self.told(group={"currency": "XGR", "rate": rate, "days": 11})
                found = {cell.account: (cell.group_currency, cell.group_balance) for cell in cells}
                self.assertEqual(found["550000"], ("XGR", Decimal(amount)))
                point.rollback()

    def test_without_any_rate_the_load_is_refused(self):
        self.rates()
        self.book("2026-01-10", 100)
        with self.assertRaises(MappingError):
            self.told(group={"currency": "XGR", "rate": "closing"})

    def test_law8_an_old_rate_is_not_used_again_in_silence(self):
        """The rate of the 16th is six working days old on the 26th, and eleven at the month's end."""
        self.rates(january=2, middle=4)
        self.book("2026-01-26", 100)
        with self.assertRaisesRegex(MappingError, "for 2026-01-31: the last one is of 2026-01-16, approved are 9"):
            self.told(group={"currency": "XGR", "rate": "closing", "days": 9})

    def test_law8_an_old_rate_of_the_companys_own_currency_is_not_used_again_in_silence(self):
        """Where a third currency measures both, the older of the two rates says how old the amount is."""
        self.rates(january=2, end=8)
        own = {"currency_id": self.company.currency_id.id, "company_id": self.company.id}
        self.env["res.currency.rate"].create({**own, "name": "2026-01-16", "rate": 1.25})
        self.book("2026-01-26", 100)
        name = self.company.currency_id.name
        group = {"currency": "XGR", "rate": "closing"}
        old = f"no rate of {name} .* for 2026-01-31: the last one is of 2026-01-16"
        with self.env.cr.savepoint() as point:
            with self.assertRaisesRegex(MappingError, old):
                self.told(group={**group, "days": 9})
            point.rollback()
        found = {cell.account: cell.group_balance for cell in self.told(group={**group, "days": 11})}
        self.assertEqual(found["550000"], Decimal(640))

    def test_a_rate_is_old_by_default_after_one_working_day(self):
        self.rates(middle=4)
        self.book("2026-01-20", 100)
        with self.assertRaisesRegex(MappingError, "approved are 1 working days"):
            self.told(group={"currency": "XGR", "rate": "historic"})

    def test_a_ledger_leaves_out_the_journals_of_the_others(self):
        local = self.env["account.journal"].create({"name": "Local", "code": "LOCL", "type": "general"})
        self.book("2026-01-10", 100)
        self.env["account.journal.group"].create(
            {"name": "IFRS", "company_id": self.company.id, "excluded_journal_ids": [Command.set(local.ids)]}
        )
        self.journal = local
        self.book("2026-01-11", 5)
        cells = self.told(ledger="IFRS", dimensions=["journal_type"])
        self.assertEqual(
            {(c.ledger, c.journal_type, abs(c.balance)) for c in cells}, {("IFRS", "general", Decimal(100))}
        )

    def test_a_journal_that_is_archived_stays_outside_of_the_ledger(self):
        local = self.env["account.journal"].create({"name": "Local", "code": "LOCL", "type": "general"})
        self.book("2026-01-10", 100)
        self.env["account.journal.group"].create(
            {"name": "IFRS", "company_id": self.company.id, "excluded_journal_ids": [Command.set(local.ids)]}
        )
        self.journal = local
        self.book("2026-01-11", 5)
        local.active = False
        self.assertEqual({abs(cell.balance) for cell in self.told(ledger="IFRS")}, {Decimal(100)})

    def test_law_8_a_word_that_means_nothing_stops(self):
        self.unchecked()
        wrong = [{"dimensions": ["partners"]}, {"period": "quarter"}, {"measures": ["x"]}, {"plans": ["Nope"]}]
        for options in [*wrong, {"group": {"currency": "XGR", "rate": "best"}}, {"ledger": "Nope"}]:
            self.book("2026-01-10", 1)
            with self.subTest(options), self.env.cr.savepoint() as point:
                with self.assertRaises(ConfigurationError):
                    self.told(**options)
                point.rollback()

    def test_who_may_not_read_the_ledger_collects_nothing(self):
        self.book("2026-01-10", 1)
        flow = self.flow(object="fin.object.cell")
        self.company._fin_service_user().group_ids = self.env.ref("base.group_user")
        with self.assertRaises(AccessError):
            self.collect(flow)

    def test_a_crosswalk_adds_up_by_the_targets_accounts(self):
        crosswalk = self.new_crosswalk()
        self.book("2026-01-10", 100, self.partners[0])
        flow = self.flow(
            object="fin.object.cell", options={"dimensions": ["partner"]}, crosswalk_ids=[Command.set(crosswalk.ids)]
        )
        run = self.collect(flow)
        self.assertEqual({key.split("|")[3] for key, _amount, _outcome in self.rows(run)}, {"REV", "CASH"})
