import base64
import hashlib
import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .payment_flow_scene import Counter, PaymentFlowCase

LIST = b"what;why\nNL91 ABNA 0417 1643 00;fraud\n"
DIGEST = hashlib.sha256(LIST).hexdigest()


@tagged("post_install", "-at_install")
class TestPaymentBlockList(PaymentFlowCase):
    """A block list is a file that a second person has approved; what each check was held against stands in the log."""

    def upload(self, content=LIST, **vals):
        self.agreed(payment_block_file=base64.b64encode(content), **vals)
        self.seal()

    def checks(self, batch):
        """(at which step, digests of the lists) of each check in the log."""
        told = [("code", "=", "fin.payment.batch.check"), ("subject_key", "=", batch.name)]
        facts = [json.loads(event.facts) for event in self.env["fin.audit.event"].search(told, order="id")]
        return [(one["at"], one["block_lists"]) for one in facts]

    def test_who_is_in_the_file_is_paid_nothing(self):
        self.upload()
        self.bill("Canary Paper", 50, "P-2")
        self.bill("Canary Power", 50, "W-2")
        self.assertEqual(self.left_out(self.propose()), {"P-2": "block_list"})

    def test_each_check_keeps_the_digest_of_the_file(self):
        self.upload(b"what;why\nsomebody else;fraud\n")
        digest = self.company._fin_policy()["payment"]["block_file"]
        batch = self.sent(100.0)
        steps = ("propose", "submit", "approve", "release", batch.run_id.name)
        self.assertEqual(self.checks(batch), [(step, [digest]) for step in steps])

    def test_a_list_that_came_since_the_yes_counts_and_its_own_digest_is_kept(self):
        batch = self.approved(100.0)
        self.upload()
        try:
            # Without assertRaises, whose savepoint would take the event with it.
            batch.with_user(self.sender)._release()
        except UserError as refusal:
            self.assertIn("fraud", str(refusal))
        else:
            self.fail("it was released")
        before = [("propose", []), ("submit", []), ("approve", [])]
        self.assertEqual(self.checks(batch), [*before, ("release", [DIGEST])])
        self.upload(b"what;why\nsomebody else;fraud\n")
        self.release_batch(batch)
        self.upload()
        self.work()
        self.assertEqual((batch.state, Counter.got), ("released", []))
        self.assertEqual(self.checks(batch)[-1], (batch.run_id.name, [DIGEST]))

    def test_lines_of_the_settings_and_the_file_count_together(self):
        self.upload(payment_block_list="Canary Power; sanctions")
        self.bill("Canary Paper", 50, "P-2")
        self.bill("Canary Power", 50, "W-2")
        batch = self.propose()
        self.assertEqual(self.left_out(batch), {"P-2": "block_list", "W-2": "block_list"})
        [(_at, digests)] = self.checks(batch)
        self.assertEqual((len(digests), digests[1]), (2, DIGEST))

    def test_law3_a_file_is_in_force_once_a_second_person_has_agreed(self):
        self.env["fin.policy"]._of(self.company).payment_block_file = base64.b64encode(LIST)
        self.bill("Canary Paper", 50, "P-2")
        self.assertEqual(self.left_out(self.propose()), {})

    def test_s09_who_prepares_payments_uploads_no_list(self):
        policy = self.env["fin.policy"]._of(self.company).with_user(self.preparer)
        with self.assertRaises(AccessError):
            policy.payment_block_file = base64.b64encode(LIST)

    def test_a_file_that_cannot_be_read_or_is_another_document_is_refused(self):
        policy = self.env["fin.policy"]._of(self.company)
        with self.assertRaisesRegex(ValidationError, "line 2"):
            policy.payment_block_file = base64.b64encode(b"what;why\nCanary Paper;\n")
        with self.assertRaises(ValidationError):
            policy.payment_block_document_id = self.env["fin.document"]._keep("preview", "{}")

    def test_what_was_uploaded_is_what_is_downloaded(self):
        policy = self.env["fin.policy"]._of(self.company)
        policy.payment_block_file = base64.b64encode(LIST)
        self.env.invalidate_all()
        self.assertEqual(base64.b64decode(policy.payment_block_file), LIST)
        self.assertEqual(policy.payment_block_document_id.digest, DIGEST)
        policy.payment_block_file = False
        self.assertFalse(policy.payment_block_document_id)
