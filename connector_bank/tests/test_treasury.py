import datetime as dt
from unittest.mock import patch

from freezegun import freeze_time
from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.treasury.fin_cash_forecast import FinCashForecast
from .common import BankCase

FRIDAY = "2026-03-13"


class TreasuryCase(BankCase):
    """Statements made by hand on days that are chosen; today is a Friday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)

    def setUp(self):
        super().setUp()
        clock = freeze_time(f"{FRIDAY} 12:00:00")
        clock.start()
        self.addCleanup(clock.stop)

    def statement(self, day, opening, closing, journal=None):
        statement = self.env["account.bank.statement"].create(
            {"name": f"by hand {day}", "date": day, "balance_start": opening, "balance_end_real": closing}
        )
        statement.flush_recordset()
        statement.write({"journal_id": (journal or self.german).id, "date": day})
        statement.write({"balance_start": opening, "balance_end_real": closing})
        self.env.flush_all()
        return statement

    def days(self, journal=None, **more):
        domain = [("journal_id", "=", (journal or self.german).id)]
        domain += [(name, "=", value) for name, value in more.items()]
        self.env.invalidate_all()
        return self.env["fin.cash.day"].with_user(self.operator).search(domain, order="day")

    def states(self, since, journal=None):
        return {str(one.day)[5:]: one.state for one in self.days(journal) if str(one.day) >= since}

    def today(self, journal=None):
        return self.days(journal, day=FRIDAY)


@tagged("post_install", "-at_install")
class TestCashPosition(TreasuryCase):
    """Where the money is, how old the balance is, and what proves it."""

    def test_what_a_person_typed_proves_nothing(self):
        self.statement("2026-03-12", 0, 500)
        self.assertEqual((self.today().balance, self.today().is_proven), (500, False))

    def test_an_account_without_a_statement_has_no_balance(self):
        told = self.today(self.french)
        self.assertEqual((told.state, told.is_proven, told.proven_on), ("none", False, False))
        self.env.cr.execute(SQL("SELECT balance FROM (%s) q WHERE id = %s", told._table_query, told.id))
        self.assertEqual(self.env.cr.fetchone(), (None,))

    def test_a_day_is_covered_where_the_next_statement_goes_on(self):
        self.statement("2026-03-09", 0, 100)
        self.statement("2026-03-11", 100, 150)
        states = {"03-09": "received", "03-10": "covered", "03-11": "received", "03-12": "waiting", "03-13": "waiting"}
        self.assertEqual(self.states("2026-03-09"), states)
        self.assertEqual(self.days(day="2026-03-10").age, 0)
        self.assertEqual(self.today().age, 2)

    def test_a_day_is_missing_where_it_does_not(self):
        self.statement("2026-03-05", 0, 100)
        self.statement("2026-03-10", 120, 150)
        states = self.states("2026-03-05")
        self.assertEqual([states[day] for day in ("03-06", "03-07", "03-09", "03-10")], ["gap", "gap", "gap", "break"])
        missing = self.days(missing=1)
        self.assertEqual([str(one.day) for one in missing if one.state == "gap"], ["2026-03-06", "2026-03-09"])

    def test_several_statements_of_a_day_go_on_in_whatever_order_they_came(self):
        self.statement("2026-03-11", 0, 10)
        self.statement("2026-03-12", 30, 70)
        self.statement("2026-03-12", 10, 30)
        told = self.days(day="2026-03-12")
        self.assertEqual((told.state, told.balance, self.today().balance), ("received", 70, 70))

    def test_what_is_expected_follows_the_working_days_of_the_company(self):
        self.statement("2026-03-05", 0, 100)
        expected = {str(one.day)[5:]: one.expected for one in self.days()}
        self.assertEqual((expected["03-06"], expected["03-07"], expected["03-08"], expected["03-09"]), (1, 0, 0, 1))
        self.assertEqual(expected["03-13"], 0, "today is not over")

    def test_nothing_is_expected_where_no_flow_brings_statements(self):
        journal = self.new_journal("HAND", "DE02 1203 0000 0000 2020 51")
        self.statement("2026-03-05", 0, 100, journal)
        self.assertFalse(any(self.days(journal).mapped("expected")))

    def test_a_foreign_balance_is_told_with_its_rate_and_day(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        rates = self.env["res.currency.rate"]
        rates.search([("company_id", "in", (False, self.company.id)), ("currency_id", "=", dollar.id)]).unlink()
        journal = self.new_journal("DOLL", "DE02 1203 0000 0000 2020 51", currency_id=dollar.id)
        self.statement("2026-03-12", 0, 250, journal)
        self.assertFalse(self.today(journal).rate_on)
        self.assertFalse(self.today(journal).balance_company, "nobody assumes a rate of one")
        rates.create({"currency_id": dollar.id, "name": "2026-03-10", "rate": 1.25, "company_id": self.company.id})
        told = self.today(journal)
        self.assertEqual((told.balance, told.balance_company), (250, 200))
        self.assertEqual((told.rate, str(told.rate_on)), (1.25, "2026-03-10"))

    def test_positions_are_for_their_company(self):
        other = self.new_company("Other GmbH")
        stranger = self.person("stranger", "group_viewer", company=other)
        cash = self.env["fin.cash.day"].with_user(stranger).with_context(allowed_company_ids=other.ids)
        forecast = self.env["fin.cash.forecast"].with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.statement("2026-03-12", 0, 500)
        self.assertFalse(cash.search([("company_id", "=", self.company.id)]))
        self.assertFalse(forecast.search([("company_id", "=", self.company.id)]))

    def test_support_sees_no_positions(self):
        support = self.person("support", "group_support")
        for model in ("fin.cash.day", "fin.cash.forecast"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(support).search([])

    def test_amounts_are_hidden_from_whom_they_are_hidden(self):
        self.statement("2026-03-12", 0, 500)
        cash, forecast = (self.env[name].with_user(self.operator) for name in ("fin.cash.day", "fin.cash.forecast"))
        with patch.object(type(self.env["res.company"]), "_fin_hidden", lambda _companies: {"amount"}):
            with self.assertRaises(AccessError):
                cash._read_group([], [], ["balance:sum"])
            with self.assertRaises(AccessError):
                forecast._read_group([], [], ["amount_company:sum"])
            answer = self.env["fin.tower.cash"].with_user(self.operator)._answer()
            self.assertNotIn("500", " ".join(row.text for row in answer.rows))

    def test_as_many_queries_for_many_accounts_as_for_one(self):
        self.assertEqual(self.queries(), self.queries(more=4))

    def queries(self, more=0):
        for number in range(more):
            journal = self.new_journal(f"M{number}", f"DE0212030000000020{number:04}")
            journal.fin_flow_id = self.flow
            self.statement("2026-03-12", 0, 500, journal)
        cash = self.env["fin.cash.day"].with_user(self.operator)
        self.env.flush_all()
        cash._read_group([("day", "=", FRIDAY)], ["currency_id"], ["balance:sum"])
        before = self.env.cr.sql_log_count
        cash._read_group([("day", "=", FRIDAY)], ["currency_id"], ["balance:sum"])
        return self.env.cr.sql_log_count - before

    def test_the_tower_says_which_statements_are_missing(self):
        question = self.env["fin.tower.statements"].with_user(self.operator)
        self.env.flush_all()
        self.assertEqual(question._answer().state, "unknown")
        self.statement("2026-03-05", 0, 100)
        self.statement("2026-03-10", 120, 150)
        self.statement("2026-03-12", 150, 160)
        answer = question._answer()
        self.assertEqual((answer.state, answer.count), ("bad", 3))
        self.assertIn("2 statements of working days are missing and 1 do not go on", answer.text)
        self.assertEqual(question.env["fin.cash.day"].search_count(answer.domain), answer.count)


@tagged("post_install", "-at_install")
class TestProvenPosition(BankCase):
    """What an approved flow brought proves a balance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)

    def setUp(self):
        super().setUp()
        self.age = (fields.Date.context_today(self.env.user) - fields.Date.to_date("2026-03-02")).days

    def today(self, journal):
        self.env.flush_all()
        self.env.invalidate_all()
        day = fields.Date.context_today(self.env.user)
        cash = self.env["fin.cash.day"].with_user(self.operator)
        return cash.search([("journal_id", "=", journal.id), ("day", "=", day)])

    def test_the_position_is_what_the_last_statement_closed_with(self):
        self.import_file(self.flow, "two_accounts")
        statement = self.statements(self.german)
        told = self.today(self.german)
        self.assertTrue(statement)
        self.assertEqual((told.balance, told.statement_id), (statement.balance_end_real, statement))
        self.assertEqual((told.is_proven, told.proven_on, told.age), (True, statement.date, self.age))
        self.assertEqual((told.bank_id, told.flow_id), (self.german.bank_id, self.flow))
        self.assertEqual(told.action_open_statement()["res_id"], statement.id)

    def test_the_tower_says_how_much_there_is_and_how_old_it_is(self):
        self.import_file(self.flow, "two_accounts")
        self.env.flush_all()
        cash = self.env["fin.cash.day"].with_user(self.operator)
        answer = self.env["fin.tower.cash"].with_user(self.operator)._answer()
        self.assertEqual(answer.state, "attention")
        self.assertIn("2 of 2 accounts", answer.text)
        self.assertEqual(cash.search_count(answer.domain), answer.count)
        self.assertIn(f"oldest {self.age} days", answer.rows[0].text)
        self.assertIn("€", answer.rows[0].text)
        self.assertEqual(cash.search_count(answer.rows[0].domain), answer.rows[0].count)

    def test_a_balance_of_a_run_that_does_not_tie_is_not_proven(self):
        run = self.import_file(self.flow, "two_accounts")
        self.assertTrue(self.today(self.german).is_proven)
        self.env.cr.execute(SQL("ALTER TABLE fin_run DISABLE TRIGGER USER"))
        self.env.cr.execute(SQL("UPDATE fin_run SET state = 'failed' WHERE id = %s", run.id))
        self.assertFalse(self.today(self.german).is_proven)


@tagged("post_install", "-at_install")
class TestCashForecast(TreasuryCase):
    """The position with what is open on both sides, by the day it is due."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kinds = {"receivable": "asset_receivable", "payable": "liability_payable", "income": "income"}
        cls.accounts = {
            name: cls.env["account.account"].create(
                {"code": f"FC{number}", "name": name, "account_type": kind, "company_ids": cls.company.ids}
            )
            for number, (name, kind) in enumerate(kinds.items())
        }
        cls.journal = cls.env["account.journal"].create(
            {"name": "Misc", "code": "FCM", "type": "general", "company_id": cls.company.id}
        )
        cls.partner = cls.env["res.partner"].create({"name": "Customer"})

    def entry(self, kind, amount, due, is_posted=True):
        move = self.env["account.move"].create(
            {
                "journal_id": self.journal.id,
                "date": "2026-03-01",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.accounts[kind].id,
                            "partner_id": self.partner.id,
                            "balance": amount,
                            "date_maturity": due,
                        }
                    ),
                    Command.create({"account_id": self.accounts["income"].id, "balance": -amount}),
                ],
            }
        )
        if is_posted:
            move.action_post()
        self.env.flush_all()
        return move

    def rows(self):
        self.env.invalidate_all()
        mine = [("company_id", "=", self.company.id)]
        return self.env["fin.cash.forecast"].with_user(self.operator).search(mine)

    def test_what_is_open_comes_on_the_day_it_is_due(self):
        self.statement("2026-03-12", 0, 500)
        self.entry("receivable", 200, "2026-04-01")
        self.entry("payable", -80, "2026-03-20")
        told = [(str(one.day), one.kind, one.amount_company) for one in self.rows()]
        wanted = [(FRIDAY, "stated", 500), ("2026-03-20", "payable", -80), ("2026-04-01", "receivable", 200)]
        self.assertEqual(told, wanted)
        self.assertEqual(len(set(self.rows().ids)), 3)

    def test_what_is_overdue_is_expected_today(self):
        move = self.entry("receivable", 200, "2026-02-01")
        told = self.rows()
        self.assertEqual((str(told.day), str(told.due_on), told.is_overdue), (FRIDAY, "2026-02-01", True))
        self.assertEqual(told.action_open_source()["res_id"], move.id)

    def test_what_is_settled_or_not_posted_is_not_foreseen(self):
        one, other = self.entry("receivable", 200, "2026-04-01"), self.entry("receivable", -200, "2026-04-01")
        (one + other).line_ids.filtered(lambda line: line.account_id == self.accounts["receivable"]).reconcile()
        self.entry("payable", -80, "2026-03-20", is_posted=False)
        self.env.flush_all()
        self.assertFalse(self.rows())

    def test_an_addon_adds_its_part(self):
        """The seam for approved payments."""
        own = FinCashForecast._parts

        def parts(model, today):
            payment = SQL(
                """SELECT 1::bigint AS number, 'payable' AS kind, %s::date + 3 AS due_on, %s AS company_id,
                NULL::int AS journal_id, NULL::int AS partner_id, NULL::int AS move_id, %s AS currency_id,
                -40::numeric AS amount""",
                today,
                self.company.id,
                self.euro.id,
            )
            return [*own(model, today), payment]

        with patch.object(FinCashForecast, "_parts", parts):
            told = [(str(one.day), one.amount) for one in self.rows()]
        self.assertEqual(told, [(str(fields.Date.to_date(FRIDAY) + dt.timedelta(days=3)), -40)])
