from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .payment_scene import PaymentCase

ELSEWHERE = "FR14 2004 1010 0505 0001 3M02 606"


@tagged("post_install", "-at_install")
class TestPaymentGuards(PaymentCase):
    """What speaks against a payment, by what the company asks for; strict where it says nothing."""

    def codes(self, line):
        return {code for code, _words, _how in line._judged()[line]}

    def paid_before(self, ref="P-1", amount=100.0, number=None):
        """Paid by hand, to the account that the vendor had then."""
        bill = self.bill("Canary Paper", amount, ref)
        register = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=bill.ids)
        register.create({"journal_id": self.french.id})._create_payments()
        return bill

    # Duplicates

    def test_law2_a_bill_that_was_entered_twice_is_left_out(self):
        self.paid_before("P 001")
        self.bill("Canary Paper", 100, "P-001")
        self.assertEqual(self.left_out(self.propose()), {"P-001": "duplicate"})

    def test_law2_two_bills_of_one_number_in_one_payment_are_left_out(self):
        self.bill("Canary Paper", 100, "P-001")
        self.bill("Canary Paper", 100, "p001")
        self.assertEqual(set(self.left_out(self.propose()).values()), {"duplicate"})

    def test_law2_the_same_bill_in_another_batch_is_left_out(self):
        self.bill("Canary Paper", 100, "P-001")
        self.propose()._submit()
        self.bill("Canary Paper", 100, "P/001")
        self.assertEqual(self.left_out(self.propose()), {"P/001": "duplicate"})

    def test_another_amount_number_or_partner_and_what_is_long_ago_is_no_duplicate(self):
        self.paid_before("P-001")
        self.bill("Canary Paper", 101, "P-001")
        self.bill("Canary Paper", 100, "P-002")
        self.bill("Canary Power", 100, "P-001")
        self.assertFalse(self.propose().left_out_ids)
        with freeze_time(fields.Date.add(self.today, days=120)):
            self.bill("Canary Paper", 100, "P-001")
            self.assertNotIn("duplicate", self.left_out(self.propose(execute_on=self.day(125))).values())

    # Accounts

    def test_law8_an_account_that_changed_since_the_last_payment_wants_a_reason(self):
        self.paid_before()
        self.bill("Canary Paper", 50, "P-2")
        vendor = self.vendors["Canary Paper"]
        vendor.bank_ids.action_archive()
        self.bank_account(vendor, ELSEWHERE)
        batch = self.propose()
        self.assertEqual(self.left_out(batch), {"P-2": "account"})
        batch.left_out_ids.with_user(self.preparer).action_take_in()
        with self.assertRaises(UserError):
            batch._submit()
        batch.line_ids.with_user(self.preparer).reason = "called them at the number that we know"
        batch._submit()
        self.assertIn("changed", batch.line_ids.findings)
        self.assertEqual(batch.state, "submitted")

    def test_law8_an_account_overwritten_in_place_is_noticed(self):
        self.paid_before()
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.vendors["Canary Paper"].bank_ids.sudo().acc_number = ELSEWHERE
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.bill("Canary Paper", 50, "P-2")
        self.assertEqual(self.left_out(self.propose()), {"P-2": "account"})

    def test_law8_an_account_that_nobody_verifies_any_more_is_refused_at_submission(self):
        self.bill("Canary Paper", 50, "P-2")
        batch = self.propose()
        self.vendors["Canary Paper"].bank_ids.sudo().allow_out_payment = False
        with self.assertRaises(UserError):
            batch._submit()

    def test_an_account_of_somebody_else_wants_a_reason_or_is_forbidden(self):
        account = self.vendors["Canary Paper"].bank_ids
        account.acc_holder_name = "John Smith"
        self.bill("Canary Paper", 50, "P-2")
        self.assertEqual(self.left_out(self.propose()), {"P-2": "name"})
        account.acc_holder_name = "CANARY PAPER B.V."
        self.assertFalse(self.propose().left_out_ids)

    # Lists

    def test_who_is_on_the_block_list_is_paid_nothing(self):
        self.agreed(payment_block_list="NL91 ABNA 0417 1643 00; fraud\nCanary power, sanctions")
        self.bill("Canary Paper", 50, "P-2")
        self.bill("Canary Power", 50, "W-2")
        self.assertEqual(self.left_out(self.propose()), {"P-2": "block_list", "W-2": "block_list"})

    def test_a_block_list_without_reasons_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["fin.policy"]._of(self.company).payment_block_list = "Canary Paper"

    def test_another_list_is_added_by_extending_one_method(self):
        self.bill("Canary Paper", 50, "P-2")
        blocks = self.env["fin.payment.block"]
        screened = [("5" * 64, {blocks._key("Canary Paper"): "screened"})]
        with patch.object(type(blocks), "_lists", lambda _blocks, _company: screened):
            self.assertEqual(self.left_out(self.propose()), {"P-2": "block_list"})

    def test_a_block_is_lifted_by_who_approves_and_not_by_who_prepares(self):
        partner = self.vendors["Canary Paper"]
        block = self.env["fin.payment.block"].with_user(self.preparer)._set(partner, "wait", company=self.company)
        with self.assertRaises(AccessError):
            block._lift("paid enough")
        block.with_user(self.approver)._lift("they have answered")
        self.bill("Canary Paper", 50, "P-2")
        self.assertFalse(self.propose().left_out_ids)

    # The moment

    def test_after_the_cut_off_it_is_another_day(self):
        day = self.day(0)
        self.bill("Canary Paper", 50, "P-2", due=day)
        with freeze_time(f"{day} 08:00:00"):
            batch = self.propose(until=day, execute_on=day)
            self.assertNotIn("cut_off", {code for code, _words, _how in batch._find()})
        with freeze_time(f"{day} 16:00:00"):
            self.assertIn("cut_off", {code for code, _words, _how in batch._find()})
            with self.assertRaises(UserError):
                batch._submit()

    def test_a_day_without_banks_or_in_the_past_is_refused(self):
        self.bill("Canary Paper", 50, "P-2")
        sunday = fields.Date.add(self.today, days=7 + 6 - self.today.weekday())
        for day, code in ((sunday, "no_working_day"), (fields.Date.subtract(self.today, days=10), "too_late")):
            batch = self.propose(execute_on=day)
            with self.subTest(code):
                self.assertIn(code, {found for found, _words, _how in batch._find()})
            batch._cancel()

    def test_what_is_not_in_the_account_does_not_leave(self):
        self.bill("Canary Paper", 50, "P-2")
        batch = self.propose()
        proven = (40.0, self.today)
        with patch.object(type(batch), "_proven_cash", lambda _batch: proven), self.assertRaises(UserError):
            batch._submit()
        with patch.object(type(batch), "_proven_cash", lambda _batch: (50.0, self.today)):
            batch._submit()
            self.bill("Canary Paper", 20, "P-3")
            other = self.propose()
            self.assertIn("cash", {code for code, _words, _how in other._find()})

    def test_without_a_proven_balance_somebody_says_why(self):
        self.bill("Canary Paper", 50, "P-2")
        batch = self.propose()
        batch.with_user(self.preparer).note = False
        with self.assertRaises(UserError):
            batch._submit()

    # What the company asks for

    def test_s09_bands_of_an_approved_policy_count(self):
        self.agreed(payment_six_eyes=40, payment_eight_eyes=60)
        self.assertEqual(self.submitted(50.0).needed_yes, 2)

    def test_s09_a_weaker_policy_that_nobody_approved_changes_nothing(self):
        self.env["fin.policy"]._of(self.company).write({"payment_six_eyes": 1000000, "payment_duplicate": "off"})
        self.assertEqual(self.submitted(11000.0).needed_yes, 2)
        self.paid_before("P-001")
        self.bill("Canary Paper", 100, "P-001")
        self.assertEqual(self.left_out(self.propose()), {"P-001": "duplicate"})

    def test_an_account_pays_by_the_schemes_that_were_approved_for_it(self):
        self.bill("Canary Paper", 50, "P-2")
        with self.assertRaises(UserError):
            self.propose(scheme="instant")
        self.agreed(payment_schemes="GIRO: sepa, instant")
        self.assertEqual(self.propose(scheme="instant").scheme, "instant")
        with self.assertRaises(UserError):
            self.propose(kind="debit", scheme="core")

    def test_a_larger_payment_than_ever_is_told_to_the_approver(self):
        self.paid_before(amount=10.0)
        self.bill("Canary Paper", 500, "P-2")
        batch = self.propose()
        self.assertFalse(batch.left_out_ids)
        self.assertIn("largest", batch.line_ids.findings)
        self.assertIn("first", self.codes(self.proposed_of("Canary Rent")))

    def proposed_of(self, name):
        self.bill(name, 5, f"{name}-1")
        return self.propose().line_ids.filtered(lambda line: line.partner_id.name == name)

    # Debits

    def test_a_collection_needs_a_mandate_in_force(self):
        customer = self.vendors["Canary Rent"]
        invoice = self.bill("Canary Rent", 80, "I-1", kind="out_invoice")
        number = invoice.name
        self.german.fin_creditor_scheme_id = "DE98ZZZ09999999999"
        self.assertEqual(self.left_out(self.propose(kind="debit", scheme="core")), {"I-1": "no_account"}, number)
        mandate = self.env["fin.mandate"].with_user(self.preparer)
        mandate = mandate.create(
            {
                "reference": "M-1",
                "company_id": self.company.id,
                "partner_id": customer.id,
                "partner_bank_id": customer.bank_ids.id,
                "signed_on": self.today,
            }
        )
        batch = self.propose(kind="debit", scheme="core", execute_on=self.day(5))
        self.assertEqual((batch.line_ids.mandate_id, batch.line_ids.sequence_type), (mandate, "FRST"))
        batch._submit()
        self.assertEqual((batch.line_ids.payment_id.payment_type, invoice.payment_state), ("inbound", "paid"))
        mandate.signed_on = fields.Date.subtract(self.today, years=4)
        self.assertFalse(mandate._is_usable(self.today))
