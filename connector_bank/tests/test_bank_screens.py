from unittest.mock import patch

from odoo.tests import tagged

from .common import BankCase
from .test_bank_continuity import next_day


@tagged("post_install", "-at_install")
class TestBankScreens(BankCase):
    """What a person sees of a statement that waits, and of an entry."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)

    def case(self):
        self.import_file(self.flow, "pending")
        run = self.import_file(self.flow, "pending", *next_day(opening="1151.00", closing="1301.00"))
        return self.exception(run, "balance_break").with_user(self.operator)

    def test_a_case_shows_the_figures_of_its_statement(self):
        told = str(self.case().statement_table)
        for words in ("STM-42", "DE89370400440532013000", "Bank GIRO", "1,150.00", "1,151.00", "1,301.00", "0.00"):
            self.assertIn(words, told)
        self.assertIn("1 booked entries", told)

    def test_a_statement_that_does_not_add_up_shows_by_how_much(self):
        run = self.import_file(self.flow, "pending", ('Ccy="EUR">1150.00', 'Ccy="EUR">1157.50'))
        told = str(self.exception(run, "balance_open").with_user(self.operator).statement_table)
        self.assertIn("7.50", told)

    def test_what_waits_behind_a_statement_is_at_risk(self):
        self.assertEqual(self.case().amount_at_risk, 150.0)

    def test_figures_are_hidden_from_whom_amounts_are_hidden(self):
        case = self.case()
        with patch.object(type(self.env["res.company"]), "_fin_hidden", lambda _companies: {"amount"}):
            self.env.invalidate_all()
            told = str(case.statement_table)
        self.assertIn("STM-42", told)
        self.assertNotIn("1,151.00", told)

    def test_a_case_of_something_else_shows_no_statement(self):
        case = self.env["fin.exception"]._raise_for_flow(self.flow, "mail_empty", "nothing")
        self.assertFalse(case.with_user(self.operator).statement_table)

    def test_an_entry_shows_what_the_bank_said(self):
        self.import_file(self.flow, "pending")
        line = self.lines().with_user(self.operator)
        self.assertIn("A-1", str(line.fin_told))
        by_hand = self.env["account.bank.statement.line"].create(
            {"journal_id": self.german.id, "date": "2026-03-02", "amount": 1, "payment_ref": "by hand"}
        )
        self.assertFalse(by_hand.with_user(self.operator).fin_told)
