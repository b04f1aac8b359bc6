"""Law 2: told once or ten times, by this name or another, a bank's entry is booked once."""

from odoo.tests import tagged

from .common import BankCase

REMITTANCE = ("Invoice INV/2026/00012", "Something else")


@tagged("post_install", "-at_install")
class TestBankIdentity(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The samples are days of their own: that they do not follow each other is not what is tried here.
        cls.flow = cls.new_flow(cls.german | cls.french, bank_gap="tell", bank_break="tell")

    def test_law_2_the_same_file_twice_adds_nothing(self):
        self.import_file(self.flow, "two_accounts")
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", duplicate=5, delivered=0)
        self.assertEqual(self.amounts(), [150.0, -40.0, 25.5])
        self.assertEqual(len(self.statements()), 2)

    def test_law_2_the_same_content_under_another_name_adds_nothing(self):
        self.import_file(self.flow, "two_accounts", name="a.xml")
        run = self.import_file(self.flow, "two_accounts", name="b.xml")
        self.assert_state(run, "done", duplicate=5)
        self.assertEqual(len(self.lines()), 3)

    def test_law_2_two_files_of_one_run_with_the_same_content_book_once(self):
        self.put("a.xml", "two_accounts")
        self.put("b.xml", "two_accounts")
        run = self.run_flow(self.flow)
        self.assert_state(run, "done", delivered=5, duplicate=5)
        self.assertEqual(len(self.lines()), 3)

    def test_a_second_copy_of_the_bank_is_known_by_its_references(self):
        self.import_file(self.flow, "pending")
        run = self.import_file(self.flow, "second_copy")
        self.assert_state(run, "done", delivered=1, duplicate=1)
        self.assertEqual(self.amounts(), [150.0])

    def test_r06_a_key_with_other_content_is_held_and_nothing_overwritten(self):
        self.import_file(self.flow, "two_accounts")
        run = self.import_file(self.flow, "two_accounts", REMITTANCE)
        self.assert_state(run, "held", duplicate=4, delivered=0)
        self.assertEqual(self.codes(run), ["duplicate_conflict"])
        self.assertEqual(self.lines(self.german)[0].payment_ref, REMITTANCE[0])
        self.assertFalse(self.exception(run, "duplicate_conflict").is_waivable)
        self.decide(self.exception(run, "duplicate_conflict"), "reject")
        self.advance()
        self.assert_state(run, "done", duplicate=4, rejected=1)
        self.assertEqual(len(self.lines()), 3)

    def test_r06_closing_a_contradiction_by_hand_books_nothing(self):
        self.import_file(self.flow, "two_accounts")
        run = self.import_file(self.flow, "two_accounts", REMITTANCE)
        self.decide(self.exception(run, "duplicate_conflict"), "resolve")
        self.advance()
        self.assertEqual(run.state, "held")
        self.assertIn("open", run.exception_ids.mapped("state"))
        self.assertEqual(len(self.lines()), 3)

    def test_r06_a_contradiction_within_one_run_is_held(self):
        self.put("a.xml", "two_accounts")
        self.put("b.xml", "two_accounts", REMITTANCE)
        run = self.run_flow(self.flow)
        self.assert_state(run, "done", delivered=5, duplicate=4, held=1)
        self.assertEqual(self.codes(run.child_ids), ["duplicate_conflict"])
        self.assertEqual(len(self.lines()), 3)

    def test_a_reference_that_comes_twice_in_one_file_names_nothing(self):
        run = self.import_file(self.flow, "repeated_reference")
        self.assert_state(run, "done", delivered=3)
        self.assertEqual(self.amounts(), [12.0, 24.0])
        again = self.import_file(self.flow, "repeated_reference")
        self.assert_state(again, "done", duplicate=3)
        self.assertEqual(len(self.lines()), 2)

    def test_two_equal_payments_of_one_statement_are_two(self):
        run = self.import_file(self.flow, "no_reference")
        self.assert_state(run, "done", delivered=4)
        self.assertEqual(self.amounts(), [12.0, 12.0, 24.0])
        again = self.import_file(self.flow, "no_reference")
        self.assert_state(again, "done", duplicate=4)

    def test_a_bank_that_starts_to_send_references_books_nothing_again(self):
        self.import_file(self.flow, "no_reference")
        run = self.import_file(self.flow, "no_reference", ("<AcctSvcrRef> <", "<AcctSvcrRef>NEW-1<"))
        self.assert_state(run, "held", duplicate=3)
        self.assertEqual(self.codes(run), ["duplicate_conflict"])
        self.assertEqual(len(self.lines()), 3)

    # Without a reference, in another statement: nobody can tell

    def other_statement(self):
        return self.import_file(self.flow, "no_reference", ("STM-51", "STM-52"), name="other.xml")

    def test_what_may_be_a_repetition_waits_for_two_persons(self):
        self.import_file(self.flow, "no_reference")
        run = self.other_statement()
        self.assert_state(run, "done", delivered=1, held=3)
        self.assertEqual(self.codes(run.child_ids), ["possible_duplicate"])
        self.assertEqual(len(self.lines()), 3)

    def test_what_was_waived_is_booked_once_with_an_identity_of_its_own(self):
        self.import_file(self.flow, "no_reference")
        child = self.other_statement().child_ids
        self.waive(self.exception(child, "possible_duplicate"))
        self.release(child)
        self.assert_state(child, "done", delivered=3)
        self.assertEqual(len(self.lines()), 6)
        self.assertEqual(len({item.key for item in child.item_ids}), 3)
        again = self.other_statement()
        self.assert_state(again, "done", duplicate=4)
        first = self.import_file(self.flow, "no_reference")
        self.assert_state(first, "done", duplicate=4)
        self.assertEqual(len(self.lines()), 6)

    def test_a_whole_run_that_was_waived_keeps_its_totals_under_new_identities(self):
        self.import_file(self.flow, "no_reference")
        child = self.other_statement().child_ids
        self.decide(self.exception(child, "possible_duplicate"), "reject")
        self.advance()
        run = self.other_statement()
        self.assert_state(run, "held", duplicate=1)
        self.waive(self.exception(run, "possible_duplicate"))
        self.release(run)
        self.assert_state(run, "done", duplicate=1, delivered=3)

    def test_what_was_rejected_as_a_repetition_is_not_booked(self):
        self.import_file(self.flow, "no_reference")
        child = self.other_statement().child_ids
        self.decide(self.exception(child, "possible_duplicate"), "reject")
        self.advance()
        self.assert_state(child, "done", rejected=3)
        self.assertEqual(len(self.lines()), 3)

    # What was booked and is no longer there

    def delete(self, journal):
        """Odoo lets nobody delete a line of a valid statement: the statement goes first."""
        lines = self.lines(journal)
        self.statements(journal).unlink()
        lines.unlink()

    def test_an_entry_whose_line_was_deleted_is_no_duplicate(self):
        self.import_file(self.flow, "two_accounts")
        self.delete(self.french)
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "held", duplicate=3)
        self.assertEqual(self.codes(run), ["bound_record_gone"])

    def test_a_deleted_line_is_booked_again_after_two_persons_said_so(self):
        self.import_file(self.flow, "two_accounts")
        self.delete(self.french)
        run = self.import_file(self.flow, "two_accounts")
        self.waive(self.exception(run, "bound_record_gone"))
        self.release(run)
        self.assert_state(run, "done", duplicate=3, delivered=2)
        self.assertEqual(self.amounts(self.french), [25.5])
        again = self.import_file(self.flow, "two_accounts")
        self.assert_state(again, "done", duplicate=5)

    def test_a_line_whose_amount_was_changed_is_no_duplicate(self):
        self.import_file(self.flow, "two_accounts")
        self.lines(self.french).amount = 20
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "held", duplicate=4)
        self.assertEqual(self.codes(run), ["bound_record_gone"])

    def test_a_line_that_was_changed_back_is_a_duplicate_again(self):
        self.import_file(self.flow, "two_accounts")
        self.lines(self.french).amount = 20
        run = self.import_file(self.flow, "two_accounts")
        self.lines(self.french).amount = 25.5
        self.release(run)
        self.assert_state(run, "done", duplicate=5)
        self.assertEqual(self.exception(run, "bound_record_gone").state, "resolved")
