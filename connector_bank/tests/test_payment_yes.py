from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.finance_integration_governance.models.writer import as_writer

from .payment_flow_scene import PaymentFlowCase


@tagged("post_install", "-at_install")
class TestPaymentYes(PaymentFlowCase):
    """Nobody is preparer, approver and sender of one batch; a yes is given to exactly what the bank is told."""

    def approve(self, batch, *people):
        for person in people or (self.approver,):
            batch.with_user(person)._approve()
        return batch

    def both(self, login, *roles):
        groups = [f"connector_bank.group_payment_{role}" for role in roles]
        return new_test_user(
            self.env, f"pay-{login}", ",".join(["base.group_user", *groups]), company_id=self.company.id
        )

    # The way it goes

    def test_prepared_approved_and_released_by_three_people(self):
        batch = self.approve(self.submitted(100.0))
        self.assertEqual(batch.state, "approved")
        batch.with_user(self.sender)._release()
        self.assertEqual((batch.state, batch.released_by), ("released", self.sender))
        self.assertEqual(batch.event_ids.mapped("code"), ["submitted", "approved", "released"])

    def test_s09_a_larger_amount_asks_for_two_people(self):
        batch = self.submitted(9000.0, 2000.0)
        self.assertEqual(batch.needed_yes, 2)
        self.approve(batch)
        self.assertEqual(batch.state, "submitted")
        with self.assertRaises(AccessError):
            self.approve(batch)
        self.assertEqual(self.approve(batch, self.third).state, "approved")

    def test_s09_an_amount_cut_in_two_asks_for_as_many_as_the_whole(self):
        first = self.submitted(6000.0)
        self.bill("Canary Paper", 5000, "the other half")
        second = self.propose()
        second._submit()
        self.assertEqual((first.needed_yes, second.needed_yes), (1, 2))
        self.approve(first)
        self.assertEqual(first.state, "submitted", "what was submitted since counts, too")

    def test_s09_a_policy_that_asks_for_more_meanwhile_counts(self):
        batch = self.submitted(100.0)
        with patch.object(type(batch), "_band", lambda _batch: 2):
            self.approve(batch)
            self.assertEqual(batch.state, "submitted")

    # Nobody twice

    def test_s10_who_prepared_does_not_approve(self):
        person = self.both("prep-app", "preparer", "approver")
        self.bill("Canary Paper", 100)
        batch = self.propose(by=person)
        batch._submit()
        with self.assertRaises(AccessError):
            self.approve(batch, person)

    def test_s10_who_edited_a_payment_does_not_approve(self):
        person = self.both("edit-app", "preparer", "approver")
        self.bill("Canary Paper", 100)
        batch = self.propose()
        batch.line_ids.part_ids.with_user(person).amount = 90
        batch._submit()
        with self.assertRaises(AccessError):
            self.approve(batch, person)

    def test_s10_another_login_of_the_preparer_does_not_approve(self):
        self.third.partner_id = self.preparer.partner_id
        with self.assertRaises(AccessError):
            self.approve(self.submitted(100.0), self.third)

    def test_s10_who_approved_does_not_release(self):
        person = self.both("app-send", "approver", "sender")
        batch = self.approve(self.submitted(100.0), person)
        with self.assertRaises(AccessError):
            batch.with_user(person)._release()

    def test_s10_who_prepared_does_not_release(self):
        person = self.both("prep-send", "preparer", "sender")
        self.bill("Canary Paper", 100)
        batch = self.propose(by=person)
        batch._submit()
        self.approve(batch)
        with self.assertRaises(AccessError):
            batch.with_user(person)._release()

    def test_s10_another_login_of_the_approver_does_not_release(self):
        batch = self.approve(self.submitted(100.0))
        self.sender.partner_id = self.approver.partner_id
        with self.assertRaises(AccessError):
            batch.with_user(self.sender)._release()

    def test_s10_who_released_once_does_not_approve_later(self):
        person = self.both("send-app", "approver", "sender")
        batch = self.approve(self.submitted(100.0))
        batch.with_user(person)._release()
        batch.with_user(person).action_take_back()
        batch._withdraw()
        batch._submit()
        with self.assertRaises(AccessError):
            self.approve(batch, person)

    def test_s10_all_three_groups_are_no_way_to_do_it_alone(self):
        person = self.both("all", "preparer", "approver", "sender")
        self.bill("Canary Paper", 100)
        batch = self.propose(by=person)
        batch._submit()
        with self.assertRaises(AccessError):
            self.approve(batch, person)
        self.approve(batch)
        with self.assertRaises(AccessError):
            batch.with_user(person)._release()

    def test_s10_an_approver_of_flows_approves_no_payments(self):
        with self.assertRaises(AccessError):
            self.approve(self.submitted(100.0), self.second)

    def test_s10_a_deputy_of_an_approver_approves_no_payments(self):
        batch = self.submitted(100.0)
        waiting = batch._asked_yes().with_user(self.operator)
        self.assertFalse(waiting._delegation())
        with self.assertRaises(AccessError):
            self.approve(batch, self.operator)

    def test_s10_the_superuser_and_a_settings_admin_are_nobody(self):
        admin = new_test_user(self.env, "pay-admin", "base.group_system", company_id=self.company.id)
        batch = self.submitted(100.0)
        for person in (admin, self.env.ref("base.user_root")):
            with self.subTest(person.login), self.assertRaises(AccessError):
                self.approve(batch, person)
        self.approve(batch)
        with self.assertRaises(AccessError):
            batch.sudo()._release()
        with self.assertRaises(AccessError):
            batch.with_user(self.sender).sudo()._release()

    def test_s10_who_was_let_in_just_before_by_the_preparer_is_no_second_person(self):
        batch = self.submitted(100.0)
        groups = self.env.ref("connector_bank.group_payment_approver")
        newcomer = self.person("newcomer", "group_approver")
        newcomer.with_user(self.preparer).sudo().group_ids = [Command.link(groups.id)]
        with self.assertRaises(AccessError):
            self.approve(batch, newcomer)
        self.approve(batch)
        groups = self.env.ref("connector_bank.group_payment_sender")
        newcomer.with_user(self.approver).sudo().group_ids = [Command.link(groups.id)]
        with self.assertRaises(AccessError):
            batch.with_user(newcomer)._release()

    def test_s10_who_came_into_the_group_behind_the_suite_is_nobody(self):
        batch = self.submitted(100.0)
        stranger = self.person("stranger", "group_approver")
        for role in ("approver", "sender"):
            group = self.env.ref(f"connector_bank.group_payment_{role}")
            self.env.cr.execute("INSERT INTO res_groups_users_rel VALUES (%s, %s)", (group.id, stranger.id))
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.env.registry.clear_cache("groups")
        self.assertTrue(stranger.has_group("connector_bank.group_payment_approver"))
        with self.assertRaises(AccessError):
            self.approve(batch, stranger)
        self.approve(batch)
        with self.assertRaises(AccessError):
            batch.with_user(stranger)._release()

    # No other door

    def test_s10_a_state_is_written_by_nobody(self):
        batch = self.submitted(100.0)
        for person in (self.preparer, self.approver, self.sender, self.env.ref("base.user_root")):
            for door in (batch, batch.line_ids):
                with self.subTest(person.login, door=door._name), self.assertRaises(AccessError):
                    door.with_user(person).write({"state": "approved" if door == batch else "settled"})
        with self.assertRaises(AccessError):
            batch.sudo().write({"state": "approved"})
        with self.assertRaises(AccessError):
            batch.with_user(self.preparer).write({"digest": "0" * 64, "released_by": self.sender.id})

    def test_s10_a_forged_approval_is_refused(self):
        batch = self.submitted(100.0)
        forged = {"name": "APR-1", "purpose": "payment", "subject_model": batch._name, "subject_key": batch.name}
        forged |= {"digest": batch.digest, "company_id": self.company.id, "requested_by": self.preparer.id}
        for person in (self.approver, self.env.ref("base.user_root")):
            with self.subTest(person.login), self.assertRaises(AccessError):
                self.env["fin.approval"].with_user(person).create({**forged, "person_id": self.approver.id})
        with self.assertRaises(AccessError):
            batch._asked_yes().sudo().write({"state": "approved", "person_id": self.approver.id})

    def test_s10_a_state_that_says_approved_without_a_yes_releases_nothing(self):
        batch = self.submitted(100.0)
        as_writer(batch).write({"state": "approved"})
        with self.assertRaises(UserError):
            batch.with_user(self.sender)._release()
        with self.assertRaises(UserError):
            as_writer(self.submitted(50.0))._transition("approve")

    def test_s10_without_a_session_nobody_approves_or_releases(self):
        batch = self.submitted(100.0)
        somewhere_else = patch.object(type(self.env["fin.approval"]), "_why_not_here", lambda _one: "no_session")
        with somewhere_else, self.assertRaises(AccessError):
            self.approve(batch)
        self.approve(batch)
        with somewhere_else, self.assertRaises(AccessError):
            batch.with_user(self.sender)._release()

    # What a yes is given to

    def test_law3_an_edit_after_submission_is_refused(self):
        batch = self.submitted(100.0)
        for edit in (
            lambda: batch.with_user(self.preparer).write({"execute_on": self.day(20)}),
            lambda: batch.line_ids.part_ids.with_user(self.preparer).write({"amount": 50}),
            lambda: batch.line_ids.with_user(self.preparer).write({"text": "something else"}),
            lambda: batch.line_ids.with_user(self.preparer).action_drop(),
        ):
            with self.assertRaises(UserError):
                edit()

    def test_law3_an_account_changed_after_the_yes_voids_it(self):
        batch = self.approve(self.submitted(100.0))
        account = batch.with_env(self.env).line_ids.partner_bank_id
        account.allow_out_payment = False
        account.write({"acc_number": "FR14 2004 1010 0505 0001 3M02 606", "allow_out_payment": True})
        told = batch.with_user(self.sender)._release()
        self.assertIn("void", told["params"]["message"])
        self.assertEqual((batch.state, batch._given_yes().ids), ("draft", []))
        self.assertEqual(batch.line_ids.move_line_ids.move_id.payment_state, "not_paid")

    def test_law3_a_payment_cancelled_in_the_books_voids_the_yes(self):
        batch = self.approve(self.submitted(100.0))
        self.env.flush_all()
        # Past the guard of the books, as only who owns the database can.
        self.env.cr.execute(
            "UPDATE account_payment SET state = 'canceled' WHERE id = %s", batch.line_ids.payment_id.ids
        )
        self.env.invalidate_all()
        batch.with_user(self.sender)._release()
        self.assertEqual(batch.state, "draft")

    def test_law3_a_yes_to_what_was_withdrawn_does_not_count_for_what_comes_after(self):
        batch = self.approve(self.submitted(100.0))
        batch._withdraw()
        batch.line_ids.part_ids.with_user(self.preparer).amount = 99
        batch._submit()
        self.assertEqual((batch.state, batch._has_all_yes()), ("submitted", False))

    def test_law3_what_speaks_against_it_at_the_last_moment_holds_it(self):
        batch = self.approve(self.submitted(100.0))
        blocks = self.env["fin.payment.block"].with_user(self.operator)
        blocks._set(batch.line_ids.partner_id, "the police called", company=self.company)
        with self.assertRaises(UserError):
            batch.with_user(self.sender)._release()
        self.assertEqual(batch.state, "approved")

    def test_a_no_opens_the_bills_again_and_tells_who_prepared_it(self):
        batch = self.submitted(100.0)
        bill = batch.line_ids.move_line_ids.move_id
        batch.with_user(self.approver)._refuse("not this month")
        self.assertEqual((batch.state, bill.payment_state), ("draft", "not_paid"))
        self.assertIn("not this month", batch.message_ids[:1].body)

    def test_every_refused_attempt_stands_in_the_log(self):
        batch = self.approve(self.submitted(100.0))
        try:
            # Without assertRaises, whose savepoint would take the event with it.
            batch.with_user(self.preparer)._release()
        except AccessError:
            told = [("code", "=", "fin.payment.batch.refused"), ("subject_key", "=", batch.name)]
            self.assertIn("no_sender", self.env["fin.audit.event"].search(told).facts)
        else:
            self.fail("it was released")
