"""A bank's table, as its web site exports it: periods as somebody likes, each entry booked once."""

import os

from odoo.tests import tagged

from .common import GERMAN, LONG_AGO, BankCase

HEAD = "Date;Value;Text;Amount;Balance\n"
ROWS = (
    "02.03.2026;02.03.2026;Azure Interior;150,00;1.150,00\n",
    "03.03.2026;03.03.2026;Coffee;-3,00;1.147,00\n",
    "03.03.2026;03.03.2026;Coffee;-3,00;1.144,00\n",
    "04.03.2026;04.03.2026;Rent;-44,00;1.100,00\n",
)


@tagged("post_install", "-at_install")
class TestBankTable(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        settings = {
            "location": cls.inbox.as_uri(),
            "columns": "booked_on=Date; value_on=Value; remittance=Text; amount=Amount; balance=Balance",
            "account": GERMAN,
            "currency": "EUR",
            "days": "DD.MM.YYYY",
        }
        cls.flow = cls.new_flow(cls.german, settings, connector="bank.table")

    def export(self, *rows, name="export.csv"):
        path = self.inbox / name
        path.write_text(HEAD + "".join(rows))
        os.utime(path, (LONG_AGO, LONG_AGO))
        return self.run_flow(self.flow)

    def test_a_table_becomes_a_statement_with_its_balances(self):
        run = self.export(*ROWS)
        self.assert_state(run, "done", delivered=5)
        self.assertEqual(self.amounts(self.german), [150.0, -3.0, -3.0, -44.0])
        statement = self.statements(self.german)
        self.assertEqual((statement.balance_start, statement.balance_end_real), (1000.0, 1100.0))

    def test_law2_periods_that_overlap_book_each_entry_once_and_ask_nobody(self):
        self.export(*ROWS[:3])
        run = self.export(*ROWS[1:], name="later.csv")
        self.assert_state(run, "done", delivered=2, duplicate=2)
        self.assertEqual(self.amounts(self.german), [150.0, -3.0, -3.0, -44.0])
        self.assertFalse(run.exception_ids)

    def test_r24_rows_missing_between_two_periods_are_a_gap(self):
        self.export(*ROWS[:2])
        run = self.export(ROWS[3], name="later.csv")
        self.assertEqual((run.state, run.exception_ids.mapped("code")), ("held", ["statement_gap"]))
        self.assertEqual(self.amounts(self.german), [150.0, -3.0])

    def test_rows_that_are_missing_hold_the_statement(self):
        run = self.export(ROWS[0], *ROWS[2:])
        self.assertEqual((run.state, self.amounts(self.german)), ("held", []))
        self.assertIn("balance_open", run.exception_ids.mapped("code"))

    def test_a_table_of_another_shape_books_nothing_and_says_which_line(self):
        run = self.export(ROWS[0], "03.03.2026;03.03.2026;Coffee;-3.00;1.147,00\n")
        self.assertEqual(self.amounts(self.german), [])
        self.assertIn("line 3", run.exception_ids[:1].text)

    def test_law1_a_day_that_comes_in_two_pieces_asks_a_person_about_equal_entries(self):
        self.export(*ROWS[:2])
        run = self.export(*ROWS[2:], name="later.csv")
        self.assertEqual(self.amounts(self.german), [150.0, -3.0, -44.0])
        self.assertEqual(run.exception_ids.mapped("code"), ["possible_duplicate"])

    def test_law1_equal_entries_that_add_up_to_nothing_ask_a_person(self):
        pair = ("03.03.2026;03.03.2026;In;3,00;1.153,00\n", "03.03.2026;03.03.2026;Out;-3,00;1.150,00\n")
        self.export(ROWS[0], *pair)
        run = self.export(*pair, name="later.csv")
        self.assertEqual(run.exception_ids.mapped("code"), ["possible_duplicate"])

    def test_law1_both_pieces_in_one_run_ask_as_well(self):
        first = self.inbox / "first.csv"
        first.write_text(HEAD + "".join(ROWS[:2]))
        os.utime(first, (LONG_AGO, LONG_AGO))
        run = self.export(*ROWS[2:], name="later.csv")
        self.assertEqual(self.amounts(self.german), [150.0, -3.0, -44.0])
        self.assertEqual(run.exception_ids.mapped("code"), ["possible_duplicate"])
