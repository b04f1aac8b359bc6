from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import TransientError

from .payment_flow_scene import Counter, PaymentFlowCase


@tagged("post_install", "-at_install")
class TestPaymentAgain(PaymentFlowCase):
    """A batch whose sending failed before anything left may be edited again; one that may have left may not."""

    def test_a_batch_that_was_tried_in_vain_is_edited_again_after_a_step_back(self):
        """Nothing of it left, so its ids are free; the yes is void, and another run sends what is approved anew."""
        with patch.object(Counter, "trouble", TransientError("not reached", sent=False)):
            batch = self.released(100.0)
            self.work()
        first, old = batch.run_id, batch.digest
        self.assertEqual((batch.state, first.attempt_ids.mapped("is_unsent")), ("released", [True]))
        with self.assertRaises(UserError):
            batch.line_ids.with_user(self.preparer).text = "edited while it is released"
        batch.with_user(self.sender).action_take_back()
        batch.with_user(self.preparer).action_withdraw()
        self.assertEqual((batch.state, first.state, batch._has_all_yes()), ("draft", "cancelled", False))
        batch.line_ids.part_ids.with_user(self.preparer).amount = 90
        batch.with_user(self.preparer).action_submit()
        self.assertNotEqual(batch.digest, old)
        with self.assertRaises(UserError):
            batch.with_user(self.sender)._release()
        batch.with_user(self.approver)._approve()
        self.release_batch(batch)
        self.work()
        self.assertEqual((batch.state, batch.run_id.state, len(Counter.got)), ("sent", "done", 1))
        self.assertNotEqual(batch.run_id, first)
        [(_key, _keys, totals)] = Counter.got
        self.assertEqual(totals.amounts["EUR"], 90)

    def test_a_batch_of_which_one_try_may_have_left_is_not_edited_whatever_else_was_in_vain(self):
        with patch.object(Counter, "trouble", TransientError("not reached", sent=False)):
            batch = self.released(100.0)
            self.work()
        with patch.object(Counter, "answer", "refused"):
            self.work()
        self.assertEqual((batch.state, batch.run_id.attempt_ids.mapped("is_unsent")), ("approved", [True, False]))
        with self.assertRaises(UserError):
            batch.with_user(self.preparer).action_withdraw()
