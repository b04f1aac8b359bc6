from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..models.writer import as_writer
from .common import fact
from .test_version_gates import GateScene

LOWEST, HIGHEST = "0" * 64, "f" * 64


@tagged("post_install", "-at_install")
class TestRunYes(GateScene, TransactionCase):
    """Whose yes a run waits for, how many of them, and to what."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.limit(item_amount=100, approvals=2)
        self.run_ = self.start(fact("b", "101"))

    def now_is(self, wanted):
        """What the run would deliver now has this digest."""
        return patch.object(type(self.run_), "_yes_digest", lambda _self, _gate: wanted)

    def stands(self, **columns):
        """The run as only a database owner can put it."""
        for name, value in columns.items():
            self.sql(f"UPDATE fin_run SET {name} = %s WHERE id = %s", value, self.run_.id)
        self.env.invalidate_all()
        return self.run_.with_user(self.people["approver"])

    def test_a_request_to_other_content_is_nobodys_to_answer(self):
        for digest in (LOWEST, HIGHEST):
            with self.subTest(digest), self.now_is(digest):
                self.assertFalse(self.run_._waiting_yes())
        self.assertEqual(self.run_._waiting_yes(), self.asked(self.run_).sorted("id")[0])

    def test_requests_to_other_content_end_and_as_many_are_asked_anew(self):
        for digest in (HIGHEST, LOWEST):
            with self.subTest(digest), self.now_is(digest):
                before = self.asked(self.run_)
                self.run_._ask_yes("AmountLimit", 2)
                self.assertEqual(set(before.mapped("state")), {"expired"})
                self.assertEqual(self.asked(self.run_).mapped("digest"), [digest, digest])

    def test_only_those_that_are_missing_are_asked(self):
        self.run_.with_user(self.people["approver"])._approve()
        self.assertEqual((self.run_.state, len(self.asked(self.run_))), ("held", 1))
        self.run_._ask_yes(self.run_.waits_gate, 2)
        self.assertEqual(len(self.asked(self.run_)), 1)

    def test_who_may_decide_is_told_so_and_others_why_not(self):
        mine = self.run_.with_user(self.people["approver"])
        self.assertEqual((mine.can_decide, mine.why_not_decide, mine.missing_yes), (True, False, 2))
        theirs = self.run_.with_user(self.run_.requested_by)
        self.assertEqual((theirs.can_decide, bool(theirs.why_not_decide)), (False, True))

    def test_a_run_that_waits_for_something_else_or_no_more_takes_no_yes(self):
        for columns in ({"waits_for": "rate"}, {"waits_for": "yes", "state": "failed"}, {"state": "queued"}):
            with self.subTest(columns):
                mine = self.stands(**columns)
                self.assertEqual((mine.missing_yes, mine.can_decide), (0, False))
                with self.assertRaises(UserError):
                    mine._waiting_yes()

    def test_what_waits_for_something_else_asks_nobody(self):
        as_writer(self.asked(self.run_))._transition("expire")
        answer = self.answer(self.run_, "AmountLimit")
        for waits in ("checkpoint", "data", "rate"):
            self.run_._wait(_Answer(answer.gate, waits))
        self.assertFalse(self.asked(self.run_))


class _Answer:
    """What a gate has said, as a run takes it."""

    reason, key, needed, ids = "something else", "EUR", 1, ()

    def __init__(self, gate, waits):
        self.gate, self.waits = gate, waits
