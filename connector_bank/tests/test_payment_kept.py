from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.finance_integration_governance.tests.wire import OverTheWire

from .payment_flow_scene import PaymentFlowCase


class Wire(OverTheWire, HttpCase):
    """The calls of a client alone, without the scene that usually goes with them."""


@tagged("post_install", "-at_install")
class TestPaymentKept(PaymentFlowCase, HttpCase):
    """The books' own doors to a payment that leaves, or has left, by a batch: all of them are shut."""

    words = Wire.words

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = cls.person("books", "group_operator")
        cls.accountant.group_ids += cls.env.ref("account.group_account_manager")
        cls.settings = cls.person("settings", "group_viewer")
        cls.settings.group_ids += cls.env.ref("base.group_system") | cls.env.ref("account.group_account_manager")

    def doors(self, line):
        """What (model, method, args) of the books would change the payment of this line, each by itself."""
        payment, move, other = line.payment_id, line.payment_id.move_id, self.vendors["Canary Power"]
        [ours] = move.line_ids.filtered(lambda item: item.account_id == self.payable)
        partial = ours.matched_credit_ids | ours.matched_debit_ids
        account = other.bank_ids.id
        return {
            "cancel": ("account.payment", "action_cancel", [payment.ids]),
            "draft": ("account.payment", "action_draft", [payment.ids]),
            "reject": ("account.payment", "action_reject", [payment.ids]),
            "delete": ("account.payment", "unlink", [payment.ids]),
            "state": ("account.payment", "write", [payment.ids, {"state": "canceled"}]),
            "partner": ("account.payment", "write", [payment.ids, {"partner_id": other.id}]),
            "amount": ("account.payment", "write", [payment.ids, {"amount": 1.0}]),
            "account": ("account.payment", "write", [payment.ids, {"partner_bank_id": account}]),
            "entry to draft": ("account.move", "button_draft", [move.ids]),
            "entry cancelled": ("account.move", "button_cancel", [move.ids]),
            "entry deleted": ("account.move", "unlink", [move.ids]),
            "entry's partner": ("account.move", "write", [move.ids, {"partner_id": other.id}]),
            "item's amount": ("account.move.line", "write", [ours.ids, {"debit": 1.0}]),
            "item deleted": ("account.move.line", "unlink", [ours.ids]),
            "cut off from its bill": ("account.move.line", "remove_move_reconcile", [ours.ids]),
            "cut off by hand": ("account.partial.reconcile", "unlink", [partial.ids]),
        }

    def test_law8_no_door_of_the_books_changes_a_payment_that_was_sent(self):
        line = self.sent(100.0).line_ids
        bill = line.move_line_ids.move_id
        for user in (self.accountant, self.settings):
            self.authenticate(user.login, user.login.ljust(8, "x"))
            for door, (model, method, args) in self.doors(line).items():
                with self.subTest(door, by=user.login):
                    # Odoo reads these keys from whoever sends them, and lets a posted entry be written or deleted then.
                    open_sesame = {"skip_readonly_check": True, "force_delete": True}
                    self.assertIn(line.batch_id.name, self.words(model, method, *args, context=open_sesame))
        self.env.invalidate_all()
        payment = line.payment_id
        self.assertEqual((payment.state, payment.amount, bill.amount_residual), ("in_process", 100.0, 0))
        self.assertEqual((payment.partner_id, payment.partner_bank_id), (line.partner_id, line.partner_bank_id))

    def test_law8_no_door_of_the_books_changes_a_payment_that_waits_to_leave(self):
        batch = self.submitted(100.0).with_env(self.env)
        for state in ("submitted", "approved", "released"):
            if state == "approved":
                batch.with_user(self.approver)._approve()
            if state == "released":
                self.release_batch(batch)
            self.assertEqual(batch.state, state)
            for door, (model, method, args) in self.doors(batch.line_ids).items():
                with self.subTest(door, state=state), self.assertRaisesRegex(UserError, batch.name):
                    getattr(self.env[model].browse(args[0]), method)(*args[1:])

    def test_the_refusal_says_what_to_do_instead(self):
        batch = self.submitted(100.0).with_env(self.env)
        self.assert_told(batch, "Withdraw the batch")
        batch.with_user(self.approver)._approve()
        self.seal()
        self.release_batch(batch)
        self.assert_told(batch, "take the batch back")
        self.work()
        self.assert_told(batch, "The bank has it")

    def test_of_a_batch_in_doubt_somebody_says_first_what_became_of_it(self):
        self.assert_told(self.lost(100.0), "say on the batch what became of it")

    def assert_told(self, batch, words):
        with self.assertRaises(UserError) as refusal:
            batch.line_ids.payment_id.action_cancel()
        self.assertIn(batch.name, str(refusal.exception))
        self.assertIn(words, str(refusal.exception))

    def test_every_refused_attempt_on_a_payment_stands_in_the_log(self):
        payment = self.sent(100.0).line_ids.payment_id
        try:
            # Without assertRaises, whose savepoint would take the event with it.
            payment.action_cancel()
        except UserError:
            told = [("code", "=", "fin.audit.refused"), ("subject_model", "=", "account.payment")]
            self.assertTrue(self.env["fin.audit.event"].search(told))
        else:
            self.fail("it was cancelled")

    def test_a_payment_that_the_bank_refused_is_open_to_hands_again(self):
        batch = self.sent(100.0)
        self.german.fin_payment_flow_id = False
        with self.subTest("what Odoo could not take out by itself, a person does"):
            self.tell(self.status(batch.line_ids, "RJCT", "AC04"))
            self.assertEqual((batch.line_ids.state, batch.line_ids.payment_id.state), ("rejected", "canceled"))
            batch.line_ids.payment_id.action_draft()

    def test_the_banks_side_of_a_payment_is_matched_and_matched_anew(self):
        payment = self.sent(100.0).line_ids.payment_id
        line = self.env["account.bank.statement.line"].create(
            {"journal_id": self.german.id, "amount": -100.0, "payment_ref": "x", "date": payment.date}
        )
        [waiting] = payment.move_id.line_ids.filtered(lambda item: item.account_id == self.outstanding)
        line._fin_settle([(waiting, waiting.amount_residual_currency)])
        self.assertTrue(payment.is_matched)
        line._fin_unsettle()
        self.assertFalse(payment.is_matched)

    def test_payments_that_no_batch_has_made_are_whoever_books_them(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": self.vendors["Canary Paper"].id,
                "amount": 5.0,
                "journal_id": self.german.id,
            }
        )
        payment.action_post()
        payment.action_draft()
        payment.amount = 6.0
        payment.action_post()
        payment.action_cancel()
        self.assertEqual(payment.state, "canceled")

    # What the suite takes out itself

    def test_a_payment_that_is_withdrawn_leaves_its_entry_and_a_row_that_names_it(self):
        batch = self.submitted(100.0).with_env(self.env)
        line, payment = batch.line_ids, batch.line_ids.payment_id
        number, entry = payment.name, payment.move_id
        batch.with_user(self.preparer)._withdraw()
        self.assertEqual((payment.state, entry.state, entry.name), ("canceled", "cancel", number))
        [row] = line.event_ids.filtered(lambda event: event.code == "reopened")
        self.assertEqual(row.move_id, entry)
        self.assertIn(number, row.text)

    def test_a_payment_of_a_closed_day_is_withdrawn_by_a_reversal(self):
        batch = self.submitted(100.0).with_env(self.env)
        line, entry = batch.line_ids, batch.line_ids.payment_id.move_id
        bill = line.move_line_ids.move_id
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET fiscalyear_lock_date = %s WHERE id = %s", (entry.date, self.company.id)
        )
        self.env.invalidate_all()
        batch.with_user(self.preparer)._withdraw()
        self.assertEqual((entry.state, bill.amount_residual, batch.state), ("posted", 100.0, "draft"))
        [row] = line.event_ids.filtered(lambda event: event.code == "reopened")
        self.assertEqual((row.move_id, row.move_id.state), (entry.reversal_move_ids, "posted"))
        self.assertGreater(row.move_id.date, entry.date)
        found = {code for code, _words, _how in line._judged(of_batch=False)[line]}
        self.assertNotIn("duplicate", found, "what was reversed has paid nothing")
