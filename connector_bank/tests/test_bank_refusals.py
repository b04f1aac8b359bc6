"""Bad input loses nothing: the bytes are kept, somebody owns it, the run goes on when it is decided."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import BankCase

POISON = "Order PO7"


@tagged("post_install", "-at_install")
class TestBankRefusals(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)

    def refuse(self, words):
        """Odoo's own constraint against lines with these words, as the books of a company may have it."""
        self.env.cr.execute(
            "ALTER TABLE account_bank_statement_line ADD CONSTRAINT test_poison CHECK (payment_ref <> %s)", [words]
        )

    # Half a file

    def test_half_a_file_is_kept_and_nothing_of_it_booked(self):
        run = self.import_file(self.flow, "half_a_file")
        self.assert_state(run, "held", delivered=0)
        payload = run.payload_ids
        self.assertEqual((payload.reading, payload._is_intact()), ("refused", True))
        exception = payload.exception_id
        self.assertEqual((exception.user_id, exception.is_waivable), (self.operator, False))
        self.assertFalse(self.lines() or self.statements())

    def test_half_a_file_is_done_after_the_decision_not_to_book_it(self):
        run = self.import_file(self.flow, "half_a_file")
        self.decide(run.payload_ids.exception_id, "reject")
        self.advance()
        self.assert_state(run, "done", delivered=0)

    def test_half_a_file_beside_a_whole_one_holds_only_itself(self):
        self.put("half.xml", "half_a_file")
        self.put("whole.xml", "reversal")
        run = self.run_flow(self.flow)
        self.assert_state(run, "done", delivered=2)
        self.assertEqual(self.amounts(), [-60.0])
        (child,) = run.child_ids
        self.assertEqual(child.state, "held")
        self.decide(run.payload_ids.exception_id, "reject")
        self.advance()
        self.assertEqual(child.state, "done")

    def test_half_a_file_is_not_waived(self):
        run = self.import_file(self.flow, "half_a_file")
        with self.assertRaises(UserError):
            self.decide(run.payload_ids.exception_id, "waive")

    def test_the_whole_file_is_booked_when_it_comes_at_last(self):
        run = self.import_file(self.flow, "half_a_file")
        self.decide(run.payload_ids.exception_id, "reject")
        self.advance()
        whole = self.import_file(self.flow, "two_accounts")
        self.assert_state(whole, "done", delivered=5, duplicate=0)

    def test_another_message_is_refused_by_its_name(self):
        run = self.import_file(self.flow, "reversal", ("camt.053.001.08", "camt.054.001.08"))
        self.assert_state(run, "held", received=0)
        self.assertEqual(self.codes(run), ["other_message"])

    def test_nothing_there_is_a_run_without_items(self):
        run = self.run_flow(self.flow)
        self.assert_state(run, "done", received=0)

    # One among many

    def test_r19_an_entry_that_cannot_be_booked_stands_alone(self):
        self.refuse(POISON)
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=4, rejected=1)
        self.assertEqual(self.amounts(), [150.0, 25.5])
        self.assertEqual(run.reconciliation_state, "tied")
        exception = self.exception(run, "not_booked")
        self.assertEqual((exception.state, exception.item_ids.amount), ("open", -40.0))

    def test_r19_an_entry_that_breaks_its_contract_stands_alone(self):
        run = self.import_file(self.flow, "two_accounts", ("PO-7", "P" * 200))
        self.assert_state(run, "done", delivered=4, held=1)
        self.assertEqual(self.codes(run), ["contract_violation"])

    def test_what_could_not_be_booked_is_booked_when_it_comes_again(self):
        self.refuse(POISON)
        self.import_file(self.flow, "two_accounts")
        self.env.cr.execute("ALTER TABLE account_bank_statement_line DROP CONSTRAINT test_poison")
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=1, duplicate=4)
        self.assertEqual(self.sum_of(self.lines(self.german)), 110)

    def test_all_or_nothing_holds_the_rest_of_what_breaks_a_contract(self):
        self.flow.all_or_nothing = True
        self.name_journals(self.flow, self.german | self.french)
        run = self.import_file(self.flow, "two_accounts", ("PO-7", "P" * 200))
        self.assert_state(run, "held", delivered=0, rejected=0)
        self.assertFalse(self.lines())

    def test_all_or_nothing_books_nothing_beside_what_cannot_be_booked(self):
        self.flow.all_or_nothing = True
        self.name_journals(self.flow, self.german | self.french)
        self.refuse(POISON)
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "held", delivered=0)
        self.assertFalse(self.lines() or self.statements())
        self.env.cr.execute("ALTER TABLE account_bank_statement_line DROP CONSTRAINT test_poison")
        self.decide(self.exception(run, "not_booked"), "resolve")
        self.advance()
        self.assert_state(run, "done", delivered=5)

    def test_an_entry_whose_statement_cannot_be_booked_is_rejected_too(self):
        self.env.cr.execute("ALTER TABLE account_bank_statement ADD CONSTRAINT test_poison CHECK (name <> 'STM-41')")
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=2, rejected=3)
        self.assertEqual(self.amounts(), [25.5])

    # The books disagree

    def test_law_4_a_line_that_was_changed_before_the_totals_keeps_the_run_from_being_done(self):
        self.put("a.xml", "two_accounts")
        run = self.start(self.flow)
        self.go_on(run, ("extract", "validate", "map", "gate", "deliver"))
        self.lines(self.french).amount = 25
        self.go_on(run, ("reconcile",))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))
        told = {line.measure: (line.source, line.target) for line in run.reconciliation_ids.line_ids}
        self.assertEqual([float(amount) for amount in told["EUR"]], [135.5, 135.0])
        self.assertFalse(self.exception(run, "not_tied").is_waivable)

    def test_law_4_a_line_that_was_deleted_before_the_totals_keeps_the_run_from_being_done(self):
        self.put("a.xml", "two_accounts")
        run = self.start(self.flow)
        self.go_on(run, ("extract", "validate", "map", "gate", "deliver"))
        lines = self.lines(self.french)
        self.statements(self.french).unlink()
        lines.unlink()
        self.go_on(run, ("reconcile",))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))

    def test_law_4_totals_that_tie_again_let_the_run_finish(self):
        self.put("a.xml", "two_accounts")
        run = self.start(self.flow)
        self.go_on(run, ("extract", "validate", "map", "gate", "deliver"))
        self.lines(self.french).amount = 25
        self.go_on(run, ("reconcile",))
        self.lines(self.french).amount = 25.5
        self.decide(self.exception(run, "not_tied"), "resolve")
        self.release(run) if run.state == "held" else self.advance()
        self.assert_state(run, "done", delivered=5)
