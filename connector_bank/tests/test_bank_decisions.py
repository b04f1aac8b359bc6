"""Law 8: what is in doubt waits, its owner decides, a second person says yes; the rest goes on."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import FRENCH, BankCase

WRONG_CLOSING = (">1110.00<", ">1110.01<")


@tagged("post_install", "-at_install")
class TestBankDecisions(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)

    # A balance that does not agree

    def disagreeing(self):
        return self.import_file(self.flow, "two_accounts", WRONG_CLOSING)

    def test_law_8_a_wrong_closing_balance_holds_its_statement_and_no_other(self):
        run = self.disagreeing()
        self.assert_state(run, "done", delivered=2, held=3)
        self.assertEqual((self.amounts(self.german), self.amounts(self.french)), ([], [25.5]))
        self.assertFalse(self.statements(self.german))
        self.assertEqual((run.child_ids.state, self.codes(run.child_ids)), ("held", ["balance_open"]))

    def test_all_or_nothing_holds_the_other_statement_too(self):
        self.flow.all_or_nothing = True
        self.name_journals(self.flow, self.german | self.french)
        run = self.disagreeing()
        self.assert_state(run, "held", delivered=0)
        self.assertFalse(self.lines() or self.statements())
        self.waive(self.exception(run, "balance_open"))
        self.release(run)
        self.assert_state(run, "done", delivered=5)

    def test_law_8_a_wrong_closing_balance_alone_holds_the_run(self):
        run = self.import_file(self.flow, "wrong_closing_balance")
        self.assert_state(run, "held", delivered=0)
        self.assertFalse(self.lines() or self.statements())

    def test_law_8_releasing_without_a_decision_books_nothing(self):
        run = self.import_file(self.flow, "wrong_closing_balance")
        self.release(run)
        self.assert_state(run, "held", delivered=0)
        self.assertFalse(self.lines())

    def test_law_8_releasing_the_held_part_without_a_decision_books_nothing(self):
        child = self.disagreeing().child_ids
        self.release(child)
        self.assertEqual(child.state, "held")
        self.assertFalse(self.lines(self.german))

    def test_law_8_closing_the_exception_by_hand_books_nothing(self):
        """Nobody mends a balance by saying that it is mended: booking it as it is takes a second person."""
        child = self.disagreeing().child_ids
        exception = self.exception(child, "balance_open")
        self.decide(exception, "resolve")
        self.advance()
        self.assertEqual((child.state, exception.state), ("held", "open"))
        self.assertFalse(self.lines(self.german))

    def test_a_waived_statement_is_booked_as_it_is(self):
        child = self.disagreeing().child_ids
        self.waive(self.exception(child, "balance_open"))
        self.release(child)
        self.assert_state(child, "done", delivered=3)
        self.assertEqual(self.amounts(self.german), [150.0, -40.0])
        self.assertEqual(self.statements(self.german).balance_end_real, 1110.01)

    def test_a_waived_run_is_booked_as_it_is(self):
        run = self.import_file(self.flow, "wrong_closing_balance")
        self.waive(self.exception(run, "balance_open"))
        self.release(run)
        self.assert_state(run, "done", delivered=3)

    def test_who_asks_for_a_waiver_does_not_approve_it(self):
        both = self.person("both", "group_operator", "group_approver")
        exception = self.exception(self.disagreeing().child_ids, "balance_open")
        self.decide(exception, "waive", by=both)
        with self.enter_registry_test_mode(), self.assertRaises(AccessError):
            exception.with_user(both)._approve_waiver()
        self.assertEqual(exception.state, "open")

    def test_who_is_no_approver_does_not_approve_a_waiver(self):
        exception = self.exception(self.disagreeing().child_ids, "balance_open")
        self.decide(exception, "waive")
        other = self.person("other", "group_operator")
        with self.enter_registry_test_mode(), self.assertRaises(AccessError):
            exception.with_user(other)._approve_waiver()

    def test_a_viewer_decides_nothing(self):
        exception = self.exception(self.disagreeing().child_ids, "balance_open")
        viewer = self.person("viewer", "group_viewer")
        for decision in ("resolve", "reject", "waive"):
            with self.assertRaises(AccessError):
                self.decide(exception, decision, by=viewer)

    def test_a_rejected_statement_is_counted_and_not_booked(self):
        child = self.disagreeing().child_ids
        self.decide(self.exception(child, "balance_open"), "reject")
        self.advance()
        self.assert_state(child, "done", rejected=3, delivered=0)
        self.assertFalse(self.lines(self.german))

    def test_law_8_a_broken_head_does_not_let_its_entries_pass(self):
        """The statement breaks its contract, so that it is rejected: its wrong balance counts all the same."""
        run = self.import_file(self.flow, "two_accounts", WRONG_CLOSING, ("STM-41", "S" * 200))
        self.assertFalse(self.lines(self.german))
        self.assertEqual(self.amounts(self.french), [25.5])
        self.assert_nothing_lost(run)

    def test_details_that_do_not_add_up_are_held(self):
        run = self.import_file(self.flow, "batch_that_does_not_add_up")
        self.assertEqual((run.state, self.codes(run)), ("held", ["details_differ"]))
        self.assertFalse(self.lines())

    def test_several_currencies_in_one_statement_are_held(self):
        run = self.import_file(self.flow, "several_currencies")
        self.assertEqual(run.state, "held")
        self.assertIn("several_currencies", self.codes(run))
        self.assertFalse(self.lines())

    def test_an_exception_has_an_owner_a_due_date_and_a_task(self):
        exception = self.exception(self.disagreeing().child_ids, "balance_open")
        self.assertEqual((exception.user_id, exception.activity_ids.user_id), (self.operator, self.operator))
        self.assertTrue(exception.due_at)

    # An account that nobody knows

    def test_law_8_an_unknown_account_waits_and_the_rest_goes_on(self):
        self.french.fin_flow_id = False
        self.name_journals(self.flow, self.german)
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=3, held=2)
        (child,) = run.child_ids
        self.assertEqual((child.state, self.codes(child)), ("held", ["unknown_account"]))
        self.assertFalse(self.exception(child, "unknown_account").is_waivable)
        self.name_journals(self.flow, self.french)
        self.decide(self.exception(child, "unknown_account"), "resolve")
        self.advance()
        self.assert_state(child, "done", delivered=2)
        self.assertEqual(self.amounts(self.french), [25.5])

    def test_an_exception_closes_by_itself_when_its_items_are_booked(self):
        self.french.fin_flow_id = False
        self.name_journals(self.flow, self.german)
        child = self.import_file(self.flow, "two_accounts").child_ids
        exception = self.exception(child, "unknown_account")
        self.name_journals(self.flow, self.french)
        self.release(child)
        self.assert_state(child, "done", delivered=2)
        self.assertEqual(exception.state, "resolved")

    def test_law_8_a_gap_does_not_hide_a_wrong_balance(self):
        """Account unknown and totals wrong: the journal that is named at last does not make the totals right."""
        self.german.fin_flow_id = False
        self.name_journals(self.flow, self.french)
        run = self.import_file(self.flow, "two_accounts", WRONG_CLOSING)
        (child,) = run.child_ids
        self.assertEqual(self.codes(child), ["balance_open", "unknown_account"])
        self.name_journals(self.flow, self.german)
        self.decide(self.exception(child, "unknown_account"), "resolve")
        self.advance()
        self.assertEqual(child.state, "held")
        self.assertFalse(self.lines(self.german))
        self.waive(self.exception(child, "balance_open"))
        self.release(child)
        self.assert_state(child, "done", delivered=3)

    def test_law_8_a_waiver_does_not_fill_a_gap(self):
        self.german.fin_flow_id = False
        self.name_journals(self.flow, self.french)
        (child,) = self.import_file(self.flow, "two_accounts", WRONG_CLOSING).child_ids
        self.waive(self.exception(child, "balance_open"))
        self.release(child)
        self.assert_state(child, "held", delivered=0)

    def test_a_gap_is_not_waived(self):
        self.french.fin_flow_id = False
        self.name_journals(self.flow, self.german)
        child = self.import_file(self.flow, "two_accounts").child_ids
        with self.assertRaises(UserError):
            self.decide(self.exception(child, "unknown_account"), "waive")

    def test_a_part_of_a_number_is_not_the_number(self):
        for number in (FRENCH[:-1], FRENCH + "1", FRENCH[1:]):
            self.french.bank_account_id.acc_number = number
            self.name_journals(self.flow, self.german | self.french)
            run = self.import_file(self.flow, "two_accounts", name=f"{number}.xml")
            self.assertIn("unknown_account", self.codes(run), number)
            if run.state == "held":
                run.with_user(self.operator).action_cancel()
        self.assertFalse(self.lines(self.french))

    def test_a_journal_in_another_currency_is_a_gap(self):
        self.french.currency_id = self.env.ref("base.USD")
        self.name_journals(self.flow, self.german | self.french)
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=3, held=2)
        self.assertEqual(self.codes(run.child_ids), ["currency_of_journal"])

    def test_one_account_in_two_currencies_has_two_journals(self):
        dollars = self.new_journal("USDJ", "123", currency_id=self.env.ref("base.USD").id)
        dollars.bank_account_id = self.french.bank_account_id
        self.name_journals(self.flow, self.german | self.french | dollars)
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=5)
        self.assertEqual((self.amounts(self.french), self.amounts(dollars)), ([25.5], []))

    def test_an_account_that_two_journals_have_is_a_gap(self):
        other = self.new_journal("TWIN", "123")
        other.bank_account_id = self.french.bank_account_id
        self.name_journals(self.flow, self.german | self.french | other)
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=3, held=2)
        self.assertEqual(self.codes(run.child_ids), ["ambiguous_account"])

    # A period that is closed

    def test_a_locked_period_holds_and_nothing_gets_another_date(self):
        self.company.fiscalyear_lock_date = "2026-03-31"
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "held", delivered=0)
        self.assertEqual(self.codes(run), ["period_locked"])
        self.assertFalse(self.lines())

    def test_a_period_that_was_opened_again_is_booked_on_its_day(self):
        self.company.fiscalyear_lock_date = "2026-03-31"
        run = self.import_file(self.flow, "two_accounts")
        self.company.fiscalyear_lock_date = False
        self.decide(self.exception(run, "period_locked"), "resolve")
        self.advance()
        self.assert_state(run, "done", delivered=5)
        self.assertEqual({str(day) for day in self.lines().move_id.mapped("date")}, {"2026-03-02"})

    def test_a_lock_between_gate_and_delivery_gives_no_other_date(self):
        self.put("a.xml", "two_accounts")
        run = self.start(self.flow)
        self.go_on(run, ("extract", "validate", "map", "gate"))
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.go_on(run, ("deliver", "reconcile"))
        self.assertFalse(self.lines())
        self.assertEqual(self.codes(run), ["period_locked"])
        self.assert_state(run, "done", rejected=5)

    def test_the_days_of_an_open_period_go_on(self):
        self.company.fiscalyear_lock_date = "2026-03-02"
        run = self.import_file(self.flow, "two_accounts", ("2026-03-02</Dt></BookgDt>", "2026-03-03</Dt></BookgDt>"))
        self.assertFalse({str(day) for day in self.lines().mapped("date")} - {"2026-03-03"})
        self.assert_nothing_lost(run)
