from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .close_scene import CloseScene
from .wire import QUIET, OverTheWire


@tagged("post_install", "-at_install")
class TestCheckpointSignatures(CloseScene, TransactionCase):
    """A checkpoint is signed by two people, and suspended when its figures move."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    # Signatures

    def test_two_people_sign_the_same_figures(self):
        self.template("balance")
        self.calendar()
        self.entry()
        checkpoint = self.sign(self.checkpoint("balance"))
        self.assertEqual(checkpoint.state, "signed")
        self.assertTrue(checkpoint._is_sealed())
        given = self.approvals(checkpoint)
        self.assertEqual((given.requested_by, given.person_id), (self.accountant, self.controller))
        self.assertEqual(given.digest, checkpoint.signed_digest)

    def test_two_first_signatures_to_the_same_figures_do_not_stand(self):
        """Whoever looked it up at the same moment, and found nothing yet, is refused by the index."""
        self.template("balance")
        self.calendar()
        checkpoint = self.checkpoint("balance")
        checkpoint.with_user(self.accountant)._sign()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.env["fin.approval"].with_user(self.controller)._request(
                "checkpoint",
                "fin.checkpoint",
                checkpoint._subject_key(),
                checkpoint._seen(),
                None,
                company=self.company,
            )

    def test_whoever_signed_first_does_not_sign_second(self):
        both = self.person("operator+approver", "both")
        self.template("balance", owner_id=both.id)
        self.calendar()
        checkpoint = self.checkpoint("balance")
        checkpoint.with_user(both)._sign()
        with self.assertRaises(AccessError):
            checkpoint.with_user(both)._approve()
        self.assertNotEqual(checkpoint.state, "signed")

    def test_the_second_signature_is_that_of_whoever_is_named(self):
        other = self.person("approver", "named")
        self.template("balance", second_id=other.id)
        self.calendar()
        checkpoint = self.checkpoint("balance")
        checkpoint.with_user(self.accountant)._sign()
        self.assertIn(other.name, checkpoint.with_user(self.controller).why_not)
        with self.assertRaises(AccessError):
            checkpoint.with_user(self.controller)._approve()
        checkpoint.with_user(other)._approve()
        self.assertEqual(checkpoint.state, "signed")

    def test_only_its_owner_or_the_controller_signs_first(self):
        self.template("balance")
        self.calendar()
        with self.assertRaises(AccessError):
            self.checkpoint("balance").with_user(self.people["administrator"])._sign()

    def test_what_does_not_tie_is_not_signed(self):
        self.template("drafts", "drafts")
        self.calendar()
        self.entry(post=False)
        with self.assertRaisesRegex(UserError, "1 entries are drafts"):
            self.checkpoint("drafts").with_user(self.accountant)._sign()

    def test_what_it_rests_on_is_signed_first(self):
        first = self.template("drafts", "drafts")
        self.template("balance", after_ids=first.ids)
        self.calendar()
        with self.assertRaisesRegex(UserError, "Drafts"):
            self.checkpoint("balance").with_user(self.accountant)._sign()
        self.sign(self.checkpoint("drafts"))
        self.sign(self.checkpoint("balance"))

    def test_figures_that_move_between_the_signatures_ask_for_both_again(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.checkpoint("balance")
        checkpoint.with_user(self.accountant)._sign()
        self.entry()
        with self.assertRaisesRegex(UserError, "moved"):
            checkpoint.with_user(self.controller)._approve()
        self.sign(checkpoint)
        self.assertEqual(sorted(self.approvals(checkpoint).mapped("state")), ["approved", "expired"])

    def test_a_signature_that_sql_wrote_is_none(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.checkpoint("balance")
        checkpoint._evaluate()
        self.sql(
            "UPDATE fin_checkpoint SET state = 'signed', signed_at = now(), signed_digest = %s WHERE id = %s",
            checkpoint._seen(),
            checkpoint.id,
        )
        self.assertFalse(checkpoint._is_sealed())

    def test_a_refusal_goes_back_to_the_owner(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.checkpoint("balance")
        checkpoint._evaluate()
        checkpoint.with_user(self.accountant)._sign()
        checkpoint.with_user(self.controller)._refuse()
        self.assertEqual(checkpoint.state, "tied")
        self.assertIn(self.accountant, checkpoint.sudo().activity_ids.user_id)
        self.sign(checkpoint)

    # A balance moves after sign-off

    def test_r36_a_late_posting_suspends_the_signature_and_its_history_stays(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.sign(self.checkpoint("balance"))
        before = checkpoint.signed_digest
        self.entry()
        self.tick()
        self.assertEqual(checkpoint.state, "suspended")
        given = self.approvals(checkpoint)
        self.assertEqual((given.state, given.digest), ("approved", before))
        exception = self.exceptions("checkpoint_suspended")
        self.assertEqual(exception.user_id, self.accountant)
        self.assertIn("figures entries: 0 → 1", exception.text)
        self.assertIn("Entries", checkpoint.moved_table)
        self.sign(checkpoint)
        self.assertEqual((checkpoint.state, exception.state), ("signed", "resolved"))
        self.assertEqual(self.approvals(checkpoint).mapped("state"), ["approved", "approved"])

    def test_a_reset_to_draft_suspends_the_signature(self):
        self.template("balance")
        self.calendar()
        move = self.entry()
        checkpoint = self.sign(self.checkpoint("balance"))
        move.button_draft()
        self.tick()
        self.assertEqual(checkpoint.state, "suspended")

    def test_an_entry_moved_out_of_the_period_suspends_the_signature(self):
        self.template("drafts", "drafts")
        self.calendar()
        move = self.entry(post=False, day="2026-04-05")
        checkpoint = self.sign(self.checkpoint("drafts"))
        move.date = "2026-03-30"
        self.tick()
        self.assertEqual(checkpoint.state, "suspended")

    def test_a_line_unreconciled_after_sign_off_suspends_the_signature(self):
        self.template("bank", "bank")
        self.calendar()
        checkpoint = self.sign(self.checkpoint("bank"))
        self.env["account.bank.statement.line"].create(
            {"journal_id": self.journal.id, "date": "2026-03-05", "payment_ref": "a", "amount": 70}
        )
        self.tick()
        self.assertEqual(checkpoint.state, "suspended")

    def test_what_moves_in_a_later_period_suspends_nothing(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.sign(self.checkpoint("balance"))
        self.entry(day="2026-04-01")
        self.tick()
        self.assertEqual(checkpoint.state, "signed")

    def test_what_sql_moved_is_seen_when_it_is_looked_at(self):
        self.template("balance")
        self.calendar()
        move = self.entry()
        checkpoint = self.sign(self.checkpoint("balance"))
        self.sql("UPDATE account_move_line SET account_id = %s WHERE id = %s", self.credit.id, move.line_ids[0].id)
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "suspended")

    def test_whatever_rests_on_a_suspended_one_is_told(self):
        first = self.template("balance")
        other = self.person("operator", "other-owner")
        self.template("reports", "drafts", after_ids=first.ids, owner_id=other.id)
        self.calendar()
        checkpoint = self.sign(self.checkpoint("balance"))
        self.entry()
        self.tick()
        told = self.checkpoint("reports")
        self.assertEqual(checkpoint.dependent_text, "Reports")
        self.assertIn(other, told.sudo().activity_ids.user_id)
        self.assertTrue(told.message_ids.filtered(lambda m: "suspended" in m.body))
        self.assertEqual(told.missing_text, "Balance")

    def test_posting_costs_nothing_where_nothing_was_signed(self):
        self.template("balance")
        self.calendar()
        self.entry()
        self.env.cr.precommit.run()
        self.assertFalse(self.env["fin.close.touch"].search([]))


@tagged("post_install", "-at_install")
class TestCheckpointsOverTheWire(CloseScene, OverTheWire, HttpCase):
    """Signatures are given in the web client, with a password, by the right people."""

    def test_both_signatures_ask_for_the_password(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.checkpoint("balance")
        self.login("operator")
        self.proven("fin.checkpoint", "action_sign", checkpoint.ids)
        self.assertTrue(checkpoint.waits_for_second)
        with self.assertRaises(JsonRpcException), mute_logger(*QUIET):
            self.proven("fin.checkpoint", "action_approve", checkpoint.ids)
        self.assertNotEqual(checkpoint.state, "signed")
        self.login("approver")
        self.proven("fin.checkpoint", "action_approve", checkpoint.ids)
        self.assertEqual(checkpoint.state, "signed")

    def test_s09_nobody_writes_a_checkpoint(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.checkpoint("balance")
        for who in ("viewer", "operator", "administrator", "approver", "auditor"):
            self.login(who)
            for vals in ({"state": "signed"}, {"statement": "x"}, {"due_at": "2030-01-01 00:00:00"}):
                with self.subTest(f"{who} {vals}"):
                    self.refused("fin.checkpoint", "write", checkpoint.ids, vals)
        self.assertEqual(checkpoint.state, "open")

    def test_s09_a_weaker_close_calendar_waits_for_a_second_person(self):
        template = self.template("balance", holds_lock="books")
        self.calendar()
        self.login("administrator")
        self.call("fin.checkpoint.template", "write", template.ids, {"holds_lock": False, "tolerance": 1000000})
        self.assertEqual(self.company._fin_close()["checkpoints"][0].get("holds"), "books")
        self.login("operator")
        self.refused("fin.checkpoint.template", "write", template.ids, {"holds_lock": False})

    def test_a_settings_admin_does_not_move_the_lock_date_past_it(self):
        self.template("balance", holds_lock="books")
        self.calendar()
        user = self.people["viewer"]
        user.group_ids += self.env.ref("base.group_system")
        user.group_ids += self.env.ref("account.group_account_manager")
        self.login("viewer")
        self.refused("res.company", "write", self.company.ids, {"fiscalyear_lock_date": "2026-03-31"})
        self.assertFalse(self.company.fiscalyear_lock_date)
        self.call("res.company", "write", self.company.ids, {"fiscalyear_lock_date": "2026-02-28"})
