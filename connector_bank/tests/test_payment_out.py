from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.finance_integration_governance.core.errors import TransientError
from odoo.addons.finance_integration_governance.models.writer import as_writer

from .payment_flow_scene import Counter, PaymentFlowCase


@tagged("post_install", "-at_install")
class TestPaymentOut(PaymentFlowCase):
    """The way out: each payment once, each batch in one run, and nothing that was not approved as it is."""

    def test_a_released_batch_leaves_once(self):
        batch = self.released(100.0, 200.0)
        self.work()
        run = batch.run_id
        self.assertEqual((batch.state, run.state, run.delivered), ("sent", "done", 2), run.last_error)
        self.assertEqual(self.ids_got(), batch.line_ids.mapped("end_to_end_id"))
        self.assertEqual(set(batch.line_ids.mapped("state")), {"sent"})
        self.assertEqual(run.requested_by, self.sender)
        self.work()
        self.assertEqual(len(Counter.got), 1)

    def test_what_leaves_is_what_was_approved_and_the_timeline_says_so(self):
        batch = self.sent(100.0)
        line = batch.line_ids
        codes = line.timeline_ids.mapped("code")
        self.assertEqual(codes[-2:], ["taken", "sent"])
        self.assertIn(f"{batch.name}.txt", line.timeline_ids[-1].summary)

    def test_a_batch_leaves_whatever_was_edited_since_it_was_approved_only_if_it_is_the_same(self):
        batch = self.released(100.0, 200.0)
        self.vendors["Canary Paper"].bank_ids.acc_holder_name = "Somebody Else"
        self.work()
        [held] = batch.run_id.child_ids
        self.assertEqual((batch.run_id.delivered, held.state, len(self.ids_got())), (1, "held", 1))
        exception = held.exception_ids.filtered(lambda one: one.code == "payment_changed")
        self.assertEqual(exception.user_id, self.flow._notify())
        self.assertIn("other_name", exception.text)
        self.assertEqual((batch.state, sorted(batch.line_ids.mapped("state"))), ("sent", ["ready", "sent"]))

    def test_what_was_held_leaves_alone_once_nothing_speaks_against_it(self):
        batch = self.released(100.0, 200.0)
        account = self.vendors["Canary Paper"].bank_ids
        account.acc_holder_name = "Somebody Else"
        self.work()
        account.acc_holder_name = False
        held = batch.run_id.child_ids
        held.with_user(self.operator).action_release()
        self.work()
        self.assertEqual((held.state, len(self.ids_got()), len(set(self.ids_got()))), ("done", 2, 2), held.last_error)
        self.assertEqual(set(batch.line_ids.mapped("state")), {"sent"})

    def test_what_a_person_rejects_of_a_batch_opens_its_bill_again(self):
        batch = self.released(100.0, 200.0)
        self.vendors["Canary Paper"].bank_ids.acc_holder_name = "Somebody Else"
        self.work()
        [line] = batch.line_ids.filtered(lambda one: one.state == "ready")
        bill = line.move_line_ids.move_id
        self.assertEqual(bill.amount_residual, 0)
        exception = batch.run_id.child_ids.exception_ids.filtered(lambda one: one.code == "payment_changed")
        self.decide(exception, "reject")
        self.assertEqual((line.state, bill.amount_residual, line.payment_id.state), ("rejected", 100.0, "canceled"))
        self.assertIn("reopened", line.event_ids.mapped("code"))

    def test_r05_the_gate_looks_once_more_at_who_did_what(self):
        batch = self.released(100.0)
        as_writer(batch).write({"editor_ids": [Command.link(self.sender.id)]})
        self.work()
        self.assertEqual((batch.state, Counter.got), ("released", []))
        self.assertEqual(
            self.env["fin.exception"].search([("code", "=", "payment_not_approved")]).company_id, self.company
        )

    def test_a_batch_without_a_yes_in_the_sealed_log_does_not_leave(self):
        batch = self.submitted(100.0).with_env(self.env)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE fin_payment_batch SET state = 'released', released_by = %s WHERE id = %s",
            (self.sender.id, batch.id),
        )
        self.env.invalidate_all()
        self.flow.with_user(self.operator)._request_run("hand")
        self.work()
        self.assertEqual((batch.state, Counter.got, bool(batch.run_id)), ("released", [], False))

    def test_law8_a_copied_database_sends_no_payment(self):
        batch = self.released(100.0)
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.work()
        self.assertEqual((batch.state, Counter.got), ("released", []))
        with mute_logger("odoo.addons.finance_integration_governance.models.run.fin_engine"):
            self.env["fin.engine"]._cron_advance("batch")
        self.assertEqual(Counter.got, [])

    def test_a_batch_is_taken_back_until_a_run_has_sent_it(self):
        batch = self.released(100.0)
        batch.sudo()._transition("take_back")
        self.work()
        self.assertEqual((batch.state, Counter.got), ("approved", []))
        self.release_batch(batch)
        self.work()
        self.assertEqual((batch.state, len(Counter.got)), ("sent", 1))
        with self.assertRaises(UserError):
            batch.sudo()._transition("take_back")

    def test_a_run_that_is_cancelled_before_it_began_gives_the_batch_back(self):
        batch = self.released(100.0)
        with patch.object(Counter, "trouble", TransientError("not reached", sent=False)):
            self.work()
        self.assertEqual((batch.state, batch.run_id.state), ("released", "queued"))
        batch.run_id.with_user(self.operator).action_cancel()
        self.assertEqual((batch.state, Counter.got), ("approved", []))

    def test_a_bank_that_refuses_the_file_gives_the_batch_back(self):
        with patch.object(Counter, "answer", "refused"):
            batch = self.released(100.0)
            self.work()
        self.assertEqual((batch.state, batch.run_id.state), ("approved", "failed"))
        self.assertEqual(batch.run_id.attempt_ids.mapped("state"), ["refused"])
        self.release_batch(batch)
        self.work()
        self.assertEqual((batch.state, len(Counter.got)), ("sent", 1))

    def test_a_payment_that_the_bank_refuses_at_once_opens_its_bill_again(self):
        batch = self.released(100.0, 200.0)
        line = batch.line_ids[0]
        with patch.object(Counter, "rejects", {line.end_to_end_id: "no such account"}):
            self.work()
        self.assertEqual((batch.state, line.state), ("partly", "rejected"))
        self.assertEqual(line.move_line_ids.move_id.amount_residual, line.amount)

    def test_a_batch_whose_run_was_cancelled_leaves_with_another_run_once_it_is_released_again(self):
        with patch.object(Counter, "answer", "refused"):
            batch = self.released(100.0)
            self.work()
        first = batch.run_id
        first.with_user(self.operator).action_cancel()
        with self.assertRaises(UserError):
            batch.with_user(self.preparer).action_withdraw()
        self.release_batch(batch)
        self.work()
        self.assertEqual((batch.state, batch.run_id != first, len(Counter.got)), ("sent", True, 1))

    def test_nothing_is_announced_of_a_batch_that_nobody_has_released(self):
        with patch.object(Counter, "answer", "refused"):
            batch = self.released(100.0)
            self.work()
        self.assertEqual(batch.state, "approved")
        batch.run_id.with_user(self.operator).action_requeue()
        self.work()
        self.assertEqual((batch.state, batch.run_id.state, Counter.got), ("approved", "failed", []))

    def test_r06_an_end_to_end_id_that_has_left_does_not_leave_again_whatever_it_says(self):
        first, second = self.sent(100.0), self.approved(200.0)
        item = self.env["fin.item"].search([("run_id", "=", first.run_id.id)])
        self.env.flush_all()
        self.env.cr.execute(
            """INSERT INTO fin_binding (object, scope, key, alt_key, digest, rule, live, item_id, run_id, company_id)
            VALUES (%s, %s, %s, %s, repeat('0', 64), 1, TRUE, %s, %s, %s)""",
            (
                item.object,
                item.scope,
                second.line_ids.end_to_end_id,
                second.line_ids.end_to_end_id,
                item.id,
                first.run_id.id,
                self.company.id,
            ),
        )
        self.release_batch(second)
        self.work()
        self.assertEqual((second.run_id.state, len(Counter.got)), ("held", 1))
        self.assertIn("payment_sent_before", second.run_id.exception_ids.mapped("code"))

    def test_two_batches_leave_in_two_runs_and_one_in_doubt_stops_no_other(self):
        with patch.object(Counter, "trouble", TransientError("nothing came back", sent=True)):
            first = self.released(100.0)
            self.work()
        second = self.released(200.0)
        self.work()
        self.assertEqual((first.state, second.state), ("unknown", "sent"))
        self.assertNotEqual(first.run_id, second.run_id)

    def test_a_run_that_somebody_starts_takes_what_no_run_has(self):
        batch = self.released(100.0)
        run = self.env["fin.run"].search([("concurrency_key", "=", batch.name)])
        run.with_user(self.operator).action_cancel()
        self.assertEqual((batch.state, bool(batch.run_id)), ("released", False))
        self.flow.with_user(self.operator)._request_run("hand")
        self.work()
        self.assertEqual((batch.state, len(Counter.got)), ("sent", 1))


@tagged("post_install", "-at_install")
class TestPaymentInDoubt(PaymentFlowCase):
    """A batch of which nobody knows whether it arrived: nothing is sent again by itself."""

    def test_r02_a_lost_answer_leaves_the_batch_in_doubt_and_sends_nothing_again(self):
        batch = self.lost(100.0)
        self.assertEqual((batch.state, batch.run_id.attempt_ids.mapped("state")), ("unknown", ["unknown"]))
        for _again in range(3):
            self.work()
        self.assertEqual((batch.state, batch.run_id.state, len(Counter.got)), ("unknown", "held", 1))
        doubt = batch.run_id.exception_ids.filtered(lambda one: one.code == "in_doubt")
        self.assertEqual((doubt.state, doubt.user_id), ("open", self.flow._notify()))
        batch.run_id.with_user(self.operator).action_release()
        self.work()
        self.assertEqual((batch.run_id.state, len(Counter.got)), ("held", 1))

    def test_r02_a_target_that_proves_it_has_it_ends_the_doubt(self):
        with patch.object(Counter, "proves", True):
            batch = self.lost(100.0)
            self.work()
        self.assertEqual((batch.state, batch.run_id.state, len(Counter.got)), ("sent", "done", 1))

    def test_r02_nothing_to_be_found_is_no_proof(self):
        with patch.object(Counter, "proves", True):
            batch = self.lost(100.0)
            Counter.got.clear()
            self.work()
        self.assertEqual((batch.state, batch.run_id.state, Counter.got), ("unknown", "held", []))

    def test_r02_a_target_that_proves_absence_gives_the_batch_back_to_its_sender(self):
        with patch.object(Counter, "proves", True), patch.object(Counter, "proves_absence", True):
            batch = self.lost(100.0)
            Counter.got.clear()
            self.work()
            self.assertEqual((batch.state, batch.run_id.state, Counter.got), ("approved", "held", []))
            self.release_batch(batch)
            self.work()
        self.assertEqual((batch.state, batch.run_id.state, len(Counter.got)), ("sent", "done", 1))

    def test_a_run_in_doubt_is_not_cancelled(self):
        batch = self.lost(100.0)
        self.work()
        with self.assertRaises(UserError):
            batch.run_id.with_user(self.operator).action_cancel()
        with self.assertRaises(UserError):
            batch.with_user(self.preparer).action_withdraw()

    def test_two_people_say_that_it_never_arrived_and_a_third_releases_it_again(self):
        batch = self.lost(100.0)
        Counter.got.clear()
        self.work()
        asked = batch.with_user(self.sender)._say_of_doubt("never_arrived", "the bank's desk searched for it")
        with self.assertRaises(AccessError):
            asked.with_user(self.sender)._decide("approve")
        batch.with_user(self.approver)._decide_doubt("approve")
        self.assertEqual((batch.state, Counter.got), ("approved", []))
        self.work()
        self.assertEqual((batch.state, Counter.got), ("approved", []))
        doubt = self.env["fin.exception"].search([("code", "=", "in_doubt")])
        self.assertEqual(doubt.state, "resolved")
        with self.assertRaises(UserError):
            batch.with_user(self.preparer).action_withdraw()
        run = batch.run_id
        self.release_batch(batch)
        self.work()
        self.assertEqual((batch.state, batch.run_id, len(self.ids_got())), ("sent", run, 1), run.last_error)
        self.assertEqual(run.attempt_ids.mapped("state"), ["refused", "accepted"])
        self.assertEqual(len(set(run.attempt_ids.mapped("idempotency_key"))), 1)

    def test_two_people_say_that_it_has_arrived(self):
        batch = self.lost(100.0)
        self.work()
        batch.with_user(self.sender)._say_of_doubt("arrived", "the bank's desk sees it")
        batch.with_user(self.approver)._decide_doubt("approve")
        self.work()
        self.assertEqual((batch.state, batch.run_id.state, len(Counter.got)), ("sent", "done", 1))

    def test_nobody_decides_a_doubt_that_they_have_spoken_of(self):
        batch = self.lost(100.0)
        both = self.payer("both", "group_payment_sender", "group_payment_approver")
        batch.with_user(both)._say_of_doubt("arrived", "I have called the bank")
        with self.assertRaises(AccessError):
            batch.with_user(both)._decide_doubt("approve")
        for person in (self.approver, self.operator):
            with self.assertRaises(AccessError):
                batch.with_user(person)._say_of_doubt("arrived", "I have called the bank")

    def test_what_is_said_of_a_doubt_is_what_is_approved(self):
        batch = self.lost(100.0)
        batch.with_user(self.sender)._say_of_doubt("arrived", "the bank's desk sees it")
        as_writer(batch).write({"doubt_claim": "never_arrived"})
        with self.assertRaises(UserError):
            batch.with_user(self.approver)._decide_doubt("approve")
        self.assertEqual(batch.state, "unknown")
