import json

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .payment_scene import PaymentCase


@tagged("post_install", "-at_install")
class TestPaymentProposal(PaymentCase):
    """What is due, what of it is proposed, and why the rest is left out."""

    def test_a_proposal_takes_what_is_due_and_groups_it_by_partner(self):
        self.bill("Canary Paper", 100, "P-1")
        self.bill("Canary Paper", 50, "P-2")
        self.bill("Canary Power", 70, "W-1")
        self.bill("Canary Power", 5, "W-2", due=fields.Date.add(self.today, days=40))
        batch = self.propose()
        told = {line.partner_id.name: (line.amount, line.documents) for line in batch.line_ids}
        self.assertEqual(told, {"Canary Paper": (150.0, "P-1; P-2"), "Canary Power": (70.0, "W-1")})
        self.assertEqual((batch.amount, batch.count, batch.state), (220.0, 2, "draft"))

    def test_the_dialog_knows_its_scheme_without_a_screen(self):
        """Who calls it over an interface gives the account, as there is no form that fills in the rest."""
        self.bill("Canary Paper", 100, "P-1")
        dialogs = self.env["fin.payment.propose"].with_user(self.preparer)
        collected = dialogs.create({"journal_id": self.german.id, "kind": "debit"})
        dialog = dialogs.create({"journal_id": self.german.id})
        self.assertEqual((dialog.scheme, collected.scheme), ("sepa", "core"))
        batch = self.env["fin.payment.batch"].browse(dialog.action_propose()["res_id"])
        self.assertEqual(batch.line_ids.mapped("documents"), ["P-1"])

    def test_a_payment_for_each_bill_where_that_was_asked_for(self):
        self.bill("Canary Paper", 100, "RF18 5390 0754 7034")
        self.bill("Canary Paper", 50, "P-2")
        batch = self.propose(grouped=False)
        self.assertEqual(batch.line_ids.mapped("amount"), [100.0, 50.0])
        self.assertEqual(batch.line_ids[0].reference, "RF18539007547034")
        self.assertEqual(batch.line_ids[1].text, "P-2")
        self.assertEqual(len(set(batch.line_ids.mapped("uetr"))), 2)

    def test_a_credit_note_is_taken_off_and_a_larger_one_leaves_all_out(self):
        self.bill("Canary Paper", 100, "P-1")
        self.bill("Canary Paper", 30, "C-1", kind="in_refund")
        self.bill("Canary Power", 10, "W-1")
        self.bill("Canary Power", 30, "C-2", kind="in_refund")
        batch = self.propose()
        self.assertEqual(batch.line_ids.mapped("amount"), [70.0])
        self.assertEqual(self.left_out(batch), {"W-1": "credit_notes", "C-2": "credit_notes"})

    def test_a_discount_is_taken_as_long_as_its_term_runs(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "2% within 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": "included",
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        bill = self.bill("Canary Paper", 100, "P-1", invoice_payment_term_id=term.id, invoice_date_due=False)
        in_time = self.propose(until=fields.Date.add(self.today, days=15))
        self.assertEqual((in_time.amount, in_time.line_ids.discount), (98.0, 2.0))
        in_time._submit()
        self.assertEqual((bill.amount_residual, bill.payment_state), (0.0, "paid"))
        self.assertEqual(in_time.line_ids.payment_id.amount, 98.0)

    def test_what_is_left_out_says_why(self):
        self.bill("Canary Paper", 100, "blocked").action_toggle_block_payment()
        disputed = self.bill("Canary Paper", 20, "disputed")
        self.bill("Canary Power", 30, "power")
        self.bill(self.vendor("No Account"), 40, "homeless")
        stranger = self.vendor("Untrusted")
        self.bank_account(stranger, "FR14 2004 1010 0505 0001 3M02 606", trusted=False)
        self.bill(stranger, 50, "untrusted")
        dollars = self.env.ref("base.USD")
        dollars.active = True
        self.bill("Canary Rent", 60, "dollars", currency_id=dollars.id)
        blocks = self.env["fin.payment.block"].with_user(self.operator)
        blocks._set(disputed.partner_id, "half of it was broken", move=disputed, kind="dispute", company=self.company)
        blocks._set(self.vendors["Canary Power"], "under audit", company=self.company)
        self.assertEqual(
            self.left_out(self.propose()),
            {
                "blocked": "blocked_bill",
                "disputed": "dispute",
                "power": "blocked_partner",
                "homeless": "no_account",
                "untrusted": "untrusted",
                "dollars": "currency",
            },
        )

    def test_an_open_item_is_in_one_batch_only(self):
        self.bill("Canary Paper", 100, "P-1")
        first = self.propose()
        self.assertEqual(self.left_out(self.propose()), {"P-1": "in_batch"})
        first.line_ids.action_drop()
        self.assertEqual(self.propose().amount, 100.0)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            first.line_ids.action_take_in()

    def test_a_draft_is_edited_and_whoever_edits_it_prepares_it(self):
        self.bill("Canary Paper", 100, "P-1")
        batch = self.propose()
        other = self.payer("other", "group_payment_preparer")
        batch.line_ids.part_ids.with_user(other).amount = 60
        self.assertEqual((batch.amount, batch.editor_ids), (60.0, self.preparer | other))
        for wrong in (0, -5, 100.01):
            with self.subTest(wrong), self.assertRaises(UserError):
                batch.line_ids.part_ids.with_user(other).amount = wrong
        with self.assertRaises(AccessError):
            batch.line_ids.part_ids.with_user(self.approver).amount = 50
        with self.assertRaises(AccessError):
            batch.line_ids.with_user(other).amount = 1

    def test_submission_pays_the_bills_and_keeps_what_the_bank_is_told(self):
        batch = self.submitted(100.0, 200.0)
        self.assertEqual((batch.state, batch.prepared_by), ("submitted", self.preparer))
        self.assertEqual(set(batch.line_ids.move_line_ids.move_id.mapped("payment_state")), {"paid"})
        self.assertEqual(set(batch.line_ids.payment_id.mapped("state")), {"in_process"})
        told = json.loads(batch.document_id.text)
        self.assertEqual((told["count"], told["amount"], len(told["payments"])), (2, "300", 2))
        self.assertEqual(told["payments"][0]["other_account"], "NL91ABNA0417164300")
        self.assertTrue(batch._is_as_submitted())

    def test_a_part_of_a_bill_is_paid_and_the_rest_is_proposed_next(self):
        bill = self.bill("Canary Paper", 100, "P-1")
        batch = self.propose()
        batch.line_ids.part_ids.with_user(self.preparer).amount = 60
        batch._submit()
        self.assertEqual((bill.amount_residual, bill.payment_state), (40.0, "partial"))

    def test_withdrawn_the_bills_are_open_again(self):
        batch = self.submitted(100.0)
        bill, payment = batch.line_ids.move_line_ids.move_id, batch.line_ids.payment_id
        batch._withdraw()
        self.assertEqual((bill.payment_state, payment.state, batch.state), ("not_paid", "canceled", "draft"))
        batch._submit()
        self.assertEqual(bill.payment_state, "paid")
        batch._cancel()
        self.assertEqual((bill.payment_state, batch.line_ids.state), ("not_paid", "dropped"))
        self.assertEqual(self.propose().amount, 100.0)

    def test_what_was_paid_meanwhile_is_not_submitted(self):
        bill = self.bill("Canary Paper", 100, "P-1")
        batch = self.propose()
        register = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=bill.ids)
        register.create({"amount": 50, "journal_id": self.french.id})._create_payments()
        with self.assertRaises(UserError):
            batch._submit()

    def test_a_copy_of_a_batch_is_refused(self):
        with self.assertRaises(AccessError):
            self.submitted(100.0).with_user(self.preparer).copy()
