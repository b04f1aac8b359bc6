import datetime as dt

import psycopg2
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import MODULE, LawScene, fact


@tagged("post_install", "-at_install")
class TestSecondPerson(LawScene, TransactionCase):
    """S10: who is no second person, however they came to their rights."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.group = self.env.ref(f"{MODULE}.group_approver")
        # Somebody who may ask for changes and who manages users, as in a small company.
        self.author = self.person("administrator", "author")
        self.author.group_ids += self.env.ref("base.group_erp_manager") + self.env.ref("base.group_system")

    def proposed(self, what="changed"):
        self.flow.with_user(self.author).purpose = what
        version = self.env["fin.change"].with_user(self.author)._propose(self.flow.with_user(self.author)).version_ids
        version.action_submit()
        return version

    def refused(self, user, version, why):
        try:
            # Without assertRaises, whose savepoint would take the event with it.
            version.with_user(user)._approve()
        except AccessError:
            told = self.env["fin.audit.event"].search([("code", "=", "fin.approval.refused")], limit=1)
            self.assertIn(f'"why":"{why}"', told.facts)
        else:
            self.fail(f"{user.login} approved it")
        self.assertEqual(version.with_user(self.env.user).state, "review")

    # Editors

    def test_s10_whoever_edited_the_working_copy_does_not_approve_it(self):
        editor = self.person("operator+approver", "editor")
        self.flow.with_user(editor).name = "Renamed"
        self.refused(editor, self.proposed(), "own_edit")

    def test_s10_whoever_edited_a_part_of_it_does_not_approve_it(self):
        editor = self.person("administrator+approver", "editor")
        self.flow.connection_id.with_user(editor).settings = {"location": "elsewhere"}
        self.refused(editor, self.proposed(), "own_edit")

    def test_s10_a_second_login_of_an_editor_does_not_approve_it(self):
        editor = self.person("operator", "editor")
        self.flow.with_user(editor).name = "Renamed"
        second = self.person("approver", "second")
        second.partner_id = editor.partner_id
        self.refused(second, self.proposed(), "own_edit")

    def test_s10_an_edit_that_is_live_since_does_not_count_any_more(self):
        editor = self.person("operator+approver", "editor")
        self.flow.with_user(editor).name = "Renamed"
        self.by("approver", self.proposed())._approve()
        version = self.proposed("another")
        version.with_user(editor)._approve()
        self.assertEqual(version.with_user(self.env.user).state, "live")

    def test_s10_an_edit_before_a_proposal_that_gave_way_still_counts(self):
        editor = self.person("operator+approver", "editor")
        self.flow.with_user(editor).name = "Renamed"
        self.proposed("first")
        self.refused(editor, self.proposed("second"), "own_edit")

    def test_s10_the_column_of_editors_is_written_by_nobody(self):
        edit = self.env["fin.edit"].search([("flow_id", "=", self.flow.id)], limit=1)
        for group in ("administrator", "approver"):
            with self.subTest(group), self.assertRaises(AccessError):
                self.by(group, edit).write({"user_id": self.people["viewer"].id})

    def test_s10_the_tables_of_edits_and_grants_are_insert_only(self):
        for query in ("UPDATE fin_edit SET at = at", "DELETE FROM fin_edit", "UPDATE fin_grant SET at = at"):
            with self.subTest(query), mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error):
                self.env.cr.execute(query)

    # Power over the approver

    def test_s10_whom_the_author_made_approver_approves_nothing(self):
        friend = self.person("viewer", "friend")
        friend.with_user(self.author).group_ids = [Command.link(self.group.id)]
        self.refused(friend, self.proposed(), "dependent")

    def test_s10_whom_the_author_made_approver_by_an_implied_group_approves_nothing(self):
        friend = self.person("viewer", "friend")
        group = self.env["res.groups"].create({"name": "Book club", "user_ids": [Command.link(friend.id)]})
        group.with_user(self.author).implied_ids = [Command.link(self.group.id)]
        self.refused(friend, self.proposed(), "dependent")

    def test_s10_whom_the_author_put_into_the_group_itself_approves_nothing(self):
        friend = self.person("viewer", "friend")
        self.group.with_user(self.author).user_ids = [Command.link(friend.id)]
        self.refused(friend, self.proposed(), "dependent")

    def test_s10_whom_the_author_made_approver_by_way_of_a_privilege_approves_nothing(self):
        friend = self.person("viewer", "friend")
        # Not by a command of the privilege: in a test such commands are the superuser's.
        self.env["res.groups"].with_user(self.author).create(
            {
                "name": "All rights",
                "privilege_id": self.env.ref(f"{MODULE}.privilege").id,
                "implied_ids": [Command.link(self.group.id)],
                "user_ids": [Command.link(friend.id)],
            }
        )
        self.refused(friend, self.proposed(), "dependent")

    def test_s10_whom_the_author_woke_up_approves_nothing(self):
        friend = self.person("approver", "friend")
        friend.active = False
        friend.with_user(self.author).active = True
        self.refused(friend, self.proposed(), "dependent")

    def test_s10_whose_password_the_author_set_approves_nothing(self):
        wizard = self.env["change.password.wizard"].with_user(self.author)
        approver = self.people["approver"]
        line = Command.create({"user_id": approver.id, "user_login": approver.login, "new_passwd": "another one"})
        wizard.create({"user_ids": [line]}).change_password_button()
        self.refused(approver, self.proposed(), "dependent")

    def test_s10_whose_mail_address_the_author_turned_approves_nothing(self):
        approver = self.people["approver"]
        approver.partner_id.with_user(self.author).email = "author@example.com"
        self.refused(approver, self.proposed(), "dependent")

    def test_s10_whose_user_the_author_created_approves_nothing(self):
        friend = new_test_user(self.env(user=self.author.id), "law-friend", groups=f"{MODULE}.group_viewer")
        friend.with_user(self.env.user).group_ids += self.group
        self.refused(friend.with_user(self.env.user), self.proposed(), "dependent")

    def test_s10_another_login_of_the_author_makes_no_approver_either(self):
        second = self.person("viewer", "second")
        second.group_ids += self.env.ref("base.group_erp_manager")
        second.partner_id = self.author.partner_id
        friend = self.person("viewer", "friend")
        friend.with_user(second).group_ids = [Command.link(self.group.id)]
        self.refused(friend, self.proposed(), "dependent")

    def test_s10_after_thirty_days_a_grant_is_forgotten(self):
        friend = self.person("viewer", "friend")
        friend.with_user(self.author).group_ids = [Command.link(self.group.id)]
        version = self.proposed()
        with freeze_time(fields.Datetime.now() + dt.timedelta(days=29)):
            self.refused(friend, version, "dependent")
        with freeze_time(fields.Datetime.now() + dt.timedelta(days=31)):
            version.with_user(friend)._approve()
        self.assertEqual(version.with_user(self.env.user).state, "live")

    def test_s10_an_approver_whom_sql_made_approves_nothing(self):
        friend = self.person("viewer", "friend")
        self.sql("INSERT INTO res_groups_users_rel (gid, uid) VALUES (%s, %s)", self.group.id, friend.id)
        self.env.registry.clear_cache()
        self.assertTrue(friend.has_group(f"{MODULE}.group_approver"))
        self.refused(friend, self.proposed(), "unexplained")

    def test_s10_a_grant_that_was_taken_back_does_not_explain_one_by_sql(self):
        friend = self.person("approver", "friend")
        friend.group_ids -= self.group
        self.sql("INSERT INTO res_groups_users_rel (gid, uid) VALUES (%s, %s)", self.group.id, friend.id)
        self.env.registry.clear_cache()
        self.refused(friend, self.proposed(), "unexplained")

    def test_s10_grants_are_told_in_the_log(self):
        friend = self.person("viewer", "friend")
        friend.with_user(self.author).group_ids = [Command.link(self.group.id)]
        told = self.env["fin.audit.event"].search([("code", "=", "res.users.grant")], limit=1)
        self.assertEqual((told.subject_key, told.actor.partition("#")[0]), (friend.login, self.author.login))

    # How many

    def two_approvers(self):
        """A policy in force that wants two people for critical flows."""
        policy = self.by("administrator", "fin.policy")._of(self.company)
        policy.approvals_critical = 2
        change = self.by("administrator", "fin.change")._propose(policy)
        change.action_submit()
        self.by("approver", change)._approve()
        self.seal()

    def test_a_critical_flow_needs_as_many_people_as_the_policy_says(self):
        self.two_approvers()
        self.flow.criticality = "critical"
        version = self.proposed()
        self.by("approver", version)._approve()
        self.assertEqual(version.state, "review")
        version.with_user(self.person("approver", "another"))._approve()
        self.assertEqual(version.state, "live")
        self.assertEqual(self.start(fact("a")).version_id, version.with_user(self.env.user))

    def test_one_person_does_not_count_twice(self):
        self.two_approvers()
        self.flow.criticality = "critical"
        version = self.proposed()
        self.by("approver", version)._approve()
        self.refused(self.people["approver"], version, "spoken")
        second = self.person("approver", "second")
        second.partner_id = self.people["approver"].partner_id
        self.refused(second, version, "spoken")

    def test_lowering_the_criticality_needs_as_many_as_before(self):
        self.two_approvers()
        self.flow.criticality = "critical"
        version = self.proposed()
        for user in (self.people["approver"], self.person("approver", "another")):
            version.with_user(user)._approve()
        self.flow.criticality = "normal"
        self.assertEqual(len(self.proposed("lowered").approval_ids), 2)

    def test_lowering_the_number_needs_the_number_that_is_in_force(self):
        self.two_approvers()
        policy = self.by("administrator", "fin.policy")._of(self.company)
        policy.approvals_critical = 1
        change = self.by("administrator", "fin.change")._propose(policy)
        change.action_submit()
        self.assertEqual(len(change.version_ids.approval_ids), 2)

    def test_one_yes_and_one_forged_by_sql_start_nothing(self):
        self.two_approvers()
        self.flow.criticality = "critical"
        version = self.proposed()
        self.by("approver", version)._approve()
        self.without_triggers("fin_approval")
        self.sql(
            "UPDATE fin_approval SET state = 'approved', person_id = %s WHERE version_id = %s AND state = 'requested'",
            self.people["auditor"].id,
            version.id,
        )
        self.sql("UPDATE fin_version SET state = 'superseded' WHERE id = %s", self.version.id)
        self.sql("UPDATE fin_version SET state = 'live' WHERE id = %s", version.id)
        self.assertRefused(self.start(fact("a")), "configuration")

    def test_a_yes_whose_person_was_changed_by_sql_starts_nothing(self):
        run = self.by("operator", self.flow)._request_run("hand").with_user(self.env.user)
        self.without_triggers("fin_approval")
        self.sql(
            "UPDATE fin_approval SET person_id = %s WHERE version_id = %s", self.people["auditor"].id, self.version.id
        )
        self.assertRefused(self.advance(run), "configuration")

    def test_a_refusal_of_one_ends_it_for_all(self):
        self.two_approvers()
        self.flow.criticality = "critical"
        version = self.proposed()
        self.by("approver", version)._reject()
        self.assertEqual(version.state, "rejected")
        self.assertEqual(set(version.approval_ids.mapped("state")), {"rejected", "expired"})

    # From when

    def later(self, hours=2):
        self.flow.with_user(self.author).purpose = "later"
        at = fields.Datetime.now() + dt.timedelta(hours=hours)
        change = self.env["fin.change"].with_user(self.author)._propose(self.flow.with_user(self.author), None, at)
        change.action_submit()
        self.by("approver", change)._approve()
        self.seal()
        return change

    def test_a_change_is_in_force_from_its_date(self):
        change = self.later()
        self.assertEqual((change.state, self.flow.live_version_id), ("approved", self.version))
        self.env["fin.slot"]._tick()
        self.assertEqual(self.flow.live_version_id, self.version)
        self.env["fin.slot"]._tick(fields.Datetime.now() + dt.timedelta(hours=3))
        self.assertEqual(self.flow.live_version_id, change.version_ids.with_user(self.env.user))

    def test_a_date_that_sql_moved_is_not_believed(self):
        change = self.later()
        self.sql("UPDATE fin_change SET effective_at = now() WHERE id = %s", change.id)
        self.env["fin.slot"]._tick(fields.Datetime.now() + dt.timedelta(minutes=1))
        self.assertEqual(self.flow.live_version_id, self.version)
        self.sql("UPDATE fin_version SET state = 'superseded' WHERE id = %s", self.version.id)
        self.sql("UPDATE fin_version SET state = 'live' WHERE id = %s", change.version_ids.id)
        self.assertRefused(self.start(fact("a")), "configuration")

    def test_what_waits_for_its_date_gives_way_to_a_newer_version_that_is_live(self):
        change = self.later()
        self.flow.purpose = "now"
        self.approve(self.flow)
        self.env["fin.slot"]._tick(fields.Datetime.now() + dt.timedelta(hours=3))
        self.assertEqual((self.flow.live_version_id.number, change.version_ids.state), (3, "superseded"))

    # S23: what is approved is what was looked at

    def test_s23_what_was_edited_in_a_place_nobody_watches_is_not_approved(self):
        version = self.proposed()
        self.sql("UPDATE fin_flow SET purpose = 'by sql' WHERE id = %s", self.flow.id)
        with self.assertRaises(UserError):
            self.by("approver", version)._approve()
