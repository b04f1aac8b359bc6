from io import BytesIO
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.connector import Destination, Payload, Receipt
from odoo.addons.finance_integration_governance.core.errors import TransientError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .common import MODULE, Fact, LawScene, ListSource, fact


class Desk(Destination):
    """Takes what it is given; `trouble` decides what it answers, `held` what it says that it holds."""

    code = "test.desk"
    label = "A desk"
    carries = (Fact,)
    settings = ListSource.settings
    got = []
    trouble = None
    held = None

    def serialize(self, objects):
        facts = list(objects)
        if facts:
            totals = ControlTotals.of((one.key, one.amount, one.currency) for one in facts)
            keys = tuple(one.key for one in facts)
            yield Payload("out.txt", lambda: BytesIO(b"x"), "text/plain", keys=keys, totals=totals)

    def send(self, payload, idempotency_key):
        if self.trouble and self.trouble.facts.get("sent") is False:
            raise self.trouble
        self.got.append((idempotency_key, payload.totals))
        if self.trouble:
            raise self.trouble
        return Receipt("accepted")

    def confirm(self, references):
        totals = [told for key, told in self.got if key in references]
        return self.held or sum(totals, ControlTotals())


def _collect(self, run):
    run.env["fin.item"]._collect(run, [fact("a"), fact("b", "7.50")])
    yield


@tagged("post_install", "-at_install")
class TestInDoubt(LawScene, TransactionCase):
    """Law 2 on the way out: what may have arrived is not sent again before somebody knows that it has not."""

    @classmethod
    def _patch(cls):
        super()._patch()
        classes = {Desk.code: (MODULE, Desk)}
        cls.classPatch(type(cls.env["fin.connector"]), "_classes", lambda self: classes)
        cls.classPatch(type(cls.env["fin.object"]), "_collect", _collect)
        cls.classPatch(ListSource, "code", Desk.code)

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.classPatch(Desk, "got", [])

    def cut_off(self, sent=True):
        """A run whose answer was lost, and which a worker takes up again."""
        error = TransientError("nothing came back", sent=sent)
        with patch.object(Desk, "trouble", error):
            run = self.start()
        self.assertEqual(run.state, "queued")
        run.invalidate_recordset()
        self.sql("UPDATE fin_run SET not_before = NULL WHERE id = %s", run.id)
        return run

    def test_law2_a_target_that_cannot_be_asked_leaves_the_run_in_doubt(self):
        with patch.object(Desk, "proves", False):
            run = self.advance(self.cut_off())
            self.assertEqual((run.state, run.attempt_ids.mapped("state"), len(Desk.got)), ("held", ["unknown"], 1))
            doubt = run.exception_ids.filtered(lambda one: one.code == "in_doubt")
            self.assertEqual((doubt.state, doubt.user_id), ("open", self.flow._notify()))
            self.by("operator", run).action_release()
            self.advance(run)
        self.assertEqual((run.state, run.attempt_ids.mapped("state"), len(Desk.got)), ("held", ["unknown"], 1))

    def test_law2_a_target_that_holds_it_is_not_sent_it_again(self):
        run = self.advance(self.cut_off())
        self.assertEqual((run.state, run.attempt_ids.mapped("state"), len(Desk.got)), ("done", ["confirmed"], 1))

    def test_law2_a_target_that_holds_nothing_of_it_gets_it(self):
        run = self.cut_off()
        Desk.got.clear()
        self.advance(run)
        self.assertEqual((run.state, run.attempt_ids.mapped("state")), ("done", ["refused", "accepted"]))
        self.assertEqual(len(Desk.got), 1)

    def test_law2_what_provably_never_left_is_no_doubt(self):
        with patch.object(Desk, "proves", False):
            run = self.advance(self.cut_off(sent=False))
        self.assertEqual((run.attempt_ids.mapped("state"), len(Desk.got)), (["refused", "accepted"], 1))

    def test_law2_no_two_attempts_of_one_payload_count(self):
        with patch.object(Desk, "proves", False):
            run = self.advance(self.cut_off())
        with self.assertRaises(Exception) as raised, self.env.cr.savepoint():
            self.env["fin.attempt"]._announce(run.payload_ids)
        self.assertEqual(type(raised.exception).__name__, "UniqueViolation")
