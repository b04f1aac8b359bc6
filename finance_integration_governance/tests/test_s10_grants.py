from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from .common import MODULE, LawScene


@tagged("post_install", "-at_install")
class TestGrants(LawScene, TransactionCase):
    """S10: rights come through companies and inherited groups as well as through the form of a user."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.group = self.env.ref(f"{MODULE}.group_approver")
        self.author = self.person("administrator", "author")
        self.author.group_ids += self.env.ref("base.group_system")
        self.other = self.env["res.company"].create({"name": "Other"})

    def outside(self):
        """An approver of another company."""
        return self.person("approver", "outside", company_id=self.other.id, company_ids=[Command.set(self.other.ids)])

    def assertDependent(self, friend, kind):
        """The author's friend is no second person, and the log says what made them one."""
        self.flow.with_user(self.author).purpose = "mine"
        version = self.env["fin.change"].with_user(self.author)._propose(self.flow.with_user(self.author)).version_ids
        version.action_submit()
        self.assertEqual(version.with_user(friend)._open_approval()._why_not(), "dependent")
        told = self.env["fin.audit.event"].search([("code", "=", "res.users.grant")], limit=1)
        self.assertIn(f'"kind":"{kind}"', told.facts)
        self.assertEqual((told.subject_key, told.actor.partition("#")[0]), (friend.login, self.author.login))

    def test_s10_whom_the_author_let_into_the_company_approves_nothing(self):
        friend = self.outside()
        friend.with_user(self.author).company_ids = [Command.link(self.company.id)]
        self.assertDependent(friend, "company")

    def test_s10_whom_the_author_let_in_by_the_form_of_the_company_approves_nothing(self):
        friend = self.outside()
        self.company.with_user(self.author).user_ids = [Command.link(friend.id)]
        self.assertDependent(friend, "company")

    def test_s10_whom_the_author_let_in_with_a_new_company_approves_nothing(self):
        friend = self.outside()
        companies = self.env["res.company"].with_user(self.author)
        companies.create({"name": "New", "user_ids": [Command.link(friend.id)]})
        friend.company_ids += self.company
        self.flow.with_user(self.author).purpose = "mine"
        version = self.env["fin.change"].with_user(self.author)._propose(self.flow.with_user(self.author)).version_ids
        version.action_submit()
        self.assertEqual(version.with_user(friend)._open_approval()._why_not(), "dependent")

    def test_s10_a_group_that_the_author_lets_imply_another_makes_no_second_person(self):
        friend = self.person("viewer", "friend")
        club = self.env["res.groups"].create({"name": "Club", "user_ids": [Command.link(friend.id)]})
        # From the side of the approvers' group: who else has it.
        self.group.with_user(self.author).implied_by_ids = [Command.link(club.id)]
        self.assertDependent(friend, "approver")

    def test_s10_a_member_whom_the_author_puts_into_an_inheriting_group_is_no_second_person(self):
        friend = self.person("viewer", "friend")
        chair = self.env["res.groups"].create({"name": "Chair", "implied_ids": [Command.link(self.group.id)]})
        board = self.env["res.groups"].create({"name": "Board", "implied_ids": [Command.link(chair.id)]})
        board.with_user(self.author).user_ids = [Command.link(friend.id)]
        self.assertDependent(friend, "approver")

    def test_s10_members_by_every_way_of_groups_are_compared(self):
        friend = self.person("viewer", "friend")
        self.group.with_user(self.author).all_user_ids = [Command.link(friend.id)]
        self.assertDependent(friend, "approver")

    def test_s10_taking_an_inheritance_away_is_told_too(self):
        friend = self.person("viewer", "friend")
        club = self.env["res.groups"].create({"name": "Club", "user_ids": [Command.link(friend.id)]})
        club.implied_ids = [Command.link(self.group.id)]
        club.with_user(self.author).implied_ids = [Command.unlink(self.group.id)]
        told = self.env["fin.audit.event"].search([("code", "=", "res.users.grant")], limit=1)
        self.assertIn('"kind":"approver_lost"', told.facts)
        self.assertEqual(told.subject_key, friend.login)
