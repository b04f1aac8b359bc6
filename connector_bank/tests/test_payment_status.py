from decimal import Decimal
from itertools import permutations

from odoo.tests import tagged

from .payment_flow_scene import Counter, PaymentFlowCase


@tagged("post_install", "-at_install")
class TestPaymentStatus(PaymentFlowCase):
    """What the bank says comes back to each payment, its bill and its batch, in whatever order."""

    def states(self, batch):
        return batch.state, *batch.line_ids.mapped("state")

    def cases(self):
        return self.env["fin.exception"].search([("code", "like", "payment_"), ("state", "=", "open")]).mapped("code")

    def test_accepted_and_settled_files_move_every_payment(self):
        batch = self.sent(100.0, 200.0)
        run = self.tell(self.status(batch, "ACCP"))
        self.assertEqual((run.state, run.delivered), ("done", 1), run.last_error)
        self.assertEqual(self.states(batch), ("accepted", "accepted", "accepted"))
        self.tell(self.status(batch, "ACSC", message="S-2"), name="two.xml")
        self.assertEqual(self.states(batch), ("settled", "settled", "settled"))
        self.assertEqual(self.cases(), [])

    def test_a_refused_payment_opens_its_bill_and_raises_a_case_in_words(self):
        batch = self.sent(100.0, 200.0)
        line = batch.line_ids[0]
        run = self.tell(self.status(batch, "PART"), self.status(line, "RJCT", "AC04"))
        self.assertEqual((run.state, run.delivered), ("done", 2), run.last_error)
        self.assertEqual(self.states(batch), ("partly", "rejected", "sent"))
        bill = line.move_line_ids.move_id
        self.assertEqual((bill.amount_residual, bill.payment_state), (100.0, "not_paid"))
        self.assertEqual(line.payment_id.state, "canceled")
        [case] = self.env["fin.exception"].search([("code", "=", "payment_rejected")])
        self.assertEqual((case.state, case.user_id, case.flow_id), ("open", self.flow._notify(), self.flow))
        self.assertIn("The account is closed.", case.text)
        self.assertIn("The account is closed. (", f"{line.timeline_ids.filtered('reason').summary} (")
        self.assertIn("reopened", line.event_ids.mapped("code"))

    def test_what_a_file_says_holds_for_the_payments_that_it_does_not_name(self):
        batch = self.sent(100.0, 200.0, 300.0)
        line = batch.line_ids[1]
        self.tell(self.status(batch, "ACSC"), self.status(line, "RJCT", "AM04"))
        self.assertEqual(self.states(batch), ("partly", "settled", "rejected", "settled"))

    def test_a_refused_file_refuses_all_of_it(self):
        batch = self.sent(100.0, 200.0)
        self.tell(self.status(batch, "RJCT", "FF01"))
        self.assertEqual(self.states(batch), ("rejected", "rejected", "rejected"))
        self.assertEqual(self.bills(batch).mapped("payment_state"), ["not_paid", "not_paid"])

    def test_money_that_comes_back_is_reversed_and_the_bill_is_open_again(self):
        batch = self.sent(100.0)
        line = batch.line_ids
        self.tell(self.status(line, "ACSC"))
        self.tell(self.status(line, "RJCT", "AC04", message="S-2"), name="two.xml")
        self.assertEqual(self.states(batch), ("rejected", "returned"))
        [reversal] = line.payment_id.move_id.reversal_move_ids
        bill = line.move_line_ids.move_id
        self.assertEqual((reversal.state, bill.amount_residual, bill.payment_state), ("posted", 100.0, "not_paid"))
        waiting = (line.payment_id.move_id.line_ids | reversal.line_ids).filtered(
            lambda item: item.account_id == self.outstanding
        )
        self.assertEqual(sorted(waiting.mapped("amount_residual")), [-100.0, 100.0])

    def test_a_refusal_in_a_locked_period_is_taken_back_on_the_first_open_day(self):
        batch = self.sent(100.0)
        line = batch.line_ids
        until = line.payment_id.move_id.date
        self.env.cr.execute("UPDATE res_company SET fiscalyear_lock_date = %s WHERE id = %s", (until, self.company.id))
        self.env.invalidate_all()
        self.tell(self.status(line, "RJCT", "AC01"))
        [reversal] = line.payment_id.move_id.reversal_move_ids
        self.assertGreater(reversal.date, until)
        self.assertEqual(line.move_line_ids.move_id.amount_residual, 100.0)
        both = (line.payment_id.move_id.line_ids | reversal.line_ids).filtered(
            lambda item: item.account_id == self.outstanding
        )
        self.assertTrue(all(both.mapped("reconciled")))

    def test_r05_the_same_file_again_changes_nothing(self):
        batch = self.sent(100.0, 200.0)
        told = [self.status(batch, "ACSC"), self.status(batch.line_ids[0], "RJCT", "AC04")]
        self.tell(*told)
        before = self.states(batch), len(batch.event_ids), len(self.cases())
        run = self.tell(*told, name="again.xml")
        self.assertEqual((run.state, run.delivered), ("done", 0), run.last_error)
        self.assertEqual((self.states(batch), len(batch.event_ids), len(self.cases())), before)

    def test_r07_words_of_the_bank_in_any_order_end_the_same(self):
        codes, seen = ("ACCP", "ACSC", "RJCT"), set()
        for number, order in enumerate(permutations(codes)):
            line = self.sent(100.0 + number).line_ids
            for code in order:
                line._told(code, run_id=line.batch_id.run_id)
            paid = line.move_line_ids.move_id.mapped("payment_state")
            seen.add((line.state, line.batch_id.state, *set(paid)))
        self.assertEqual(seen, {("returned", "rejected", "not_paid")})

    def test_what_nobody_knows_waits_for_a_person_and_nothing_is_lost(self):
        batch = self.sent(100.0)
        strange = self.status(batch.line_ids, "RJCT", "AC04")
        object.__setattr__(strange, "end_to_end_id", "SOMEBODY-ELSES")
        run = self.tell(strange, self.status(batch, "ACCP"))
        self.assertEqual((run.state, run.delivered, run.held), ("done", 1, 1), run.last_error)
        self.assertEqual(run.child_ids.exception_ids.mapped("code"), ["unknown_payment"])
        self.assertEqual(batch.state, "accepted")

    def test_r02_a_batch_in_doubt_is_found_by_what_the_bank_says_of_it(self):
        batch = self.lost(100.0, 200.0)
        self.work()
        self.assertEqual(batch.state, "unknown")
        self.tell(self.status(batch, "ACCP"))
        self.assertEqual(self.states(batch), ("accepted", "accepted", "accepted"))
        self.assertEqual(batch.run_id.attempt_ids.mapped("state"), ["confirmed"])
        self.work()
        self.assertEqual((batch.run_id.state, batch.run_id.delivered, len(Counter.got)), ("done", 2, 1))
        self.assertEqual(self.env["fin.exception"].search([("code", "=", "in_doubt")]).state, "resolved")

    def test_r02_one_payment_of_a_batch_in_doubt_proves_that_all_of_it_arrived(self):
        batch = self.lost(100.0, 200.0)
        self.tell(self.status(batch.line_ids[0], "RJCT", "AC04"))
        self.assertEqual(self.states(batch), ("partly", "rejected", "sent"))

    def test_law8_a_bank_that_speaks_of_what_never_arrived_stops_the_second_try(self):
        batch = self.lost(100.0)
        self.work()
        batch.with_user(self.sender)._say_of_doubt("never_arrived", "the bank's desk searched for it")
        batch.with_user(self.approver)._decide_doubt("approve")
        self.tell(self.status(batch, "ACCP"))
        self.assertEqual((batch.state, self.cases()), ("approved", ["payment_not_sent"]))
        self.release_batch(batch)
        self.work()
        self.assertEqual((batch.state, batch.run_id.state, len(Counter.got)), ("released", "held", 1))

    def test_a_bank_that_settles_what_it_refused_raises_a_case(self):
        line = self.sent(100.0).line_ids
        self.tell(self.status(line, "RJCT", "AC04"))
        self.tell(self.status(line, "ACSC", message="S-2"), name="two.xml")
        self.assertIn("payment_contradiction", self.cases())

    def test_another_amount_than_ours_raises_a_case(self):
        line = self.sent(100.0).line_ids
        self.tell(self.status(line, "ACSP", amount=Decimal("99.00"), currency="EUR"))
        self.assertEqual((line.state, self.cases()), ("accepted", ["payment_amount"]))
