import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, freeze_time, tagged

from .common import LawScene, fact


@tagged("post_install", "-at_install")
class TestDeputy(LawScene, TransactionCase):
    """S10: an approver's deputy, granted by a second person; and the way back to an old version."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.second = self.person("approver", "second")
        self.deputy = self.person("viewer", "deputy")

    def asked(self, by=None, deputy=None):
        today = fields.Date.today()
        delegations = self.env["fin.delegation"].with_user(by or self.people["approver"])
        return delegations._ask(self.company, deputy or self.deputy, today, today + dt.timedelta(days=7), "holidays")

    def granted(self, by=None, asker=None, **more):
        delegation = self.asked(by=asker, **more)
        delegation.with_user(by or self.second)._decide("approve", "grant")
        self.seal()
        return delegation

    def asked_for(self, by="operator"):
        self.flow.purpose = f"by {by}"
        return self.propose(self.flow, by)

    def refused(self, user, version):
        with self.assertRaises(AccessError):
            version.with_user(user)._approve()
        self.assertEqual(version.with_user(self.env.user).state, "review")

    def test_s10_a_deputy_approves_and_the_evidence_names_both(self):
        delegation = self.granted()
        version = self.asked_for()
        version.with_user(self.deputy)._approve()
        approval = version.approval_ids
        self.assertEqual((approval.person_id, approval.on_behalf_of_id), (self.deputy, self.people["approver"]))
        told = self.env["fin.audit.event"].search([("code", "=", "fin.approval.approve")], limit=1)
        self.assertIn(delegation.name, told.facts)
        self.assertIn(self.people["approver"].login, told.facts)
        self.assertEqual(self.start(fact("a")).version_id, version.with_user(self.env.user))

    def test_a_deputy_is_named_among_those_who_may_still_say_yes(self):
        self.granted()
        self.assertIn(self.deputy.name, self.by("operator", self.asked_for()).waits_for)

    def test_s10_a_deputy_whom_nobody_granted_approves_nothing(self):
        self.asked()
        self.refused(self.deputy, self.asked_for())

    def test_s10_nobody_grants_the_deputy_that_they_named(self):
        delegation = self.asked()
        for user in (self.people["approver"], self.deputy, self.people["administrator"]):
            with self.subTest(user.login), self.assertRaises(AccessError):
                delegation.with_user(user)._decide("approve", "grant")
        self.assertEqual(delegation.state, "requested")

    def test_s10_a_deputy_who_is_an_approver_does_not_grant_themselves(self):
        delegation = self.asked(deputy=self.second)
        with self.assertRaises(AccessError):
            delegation.with_user(self.second)._decide("approve", "grant")

    def test_s10_a_deputy_approves_in_their_period_only(self):
        self.granted()
        version = self.asked_for()
        with freeze_time(fields.Datetime.now() + dt.timedelta(days=9)):
            self.refused(self.deputy, version)

    def test_s10_an_author_does_not_approve_through_a_deputy(self):
        author = self.person("operator+approver", "author")
        self.granted(by=self.second)
        delegations = self.env["fin.delegation"].with_user(author)
        today = fields.Date.today()
        mine = delegations._ask(self.company, self.person("viewer", "friend"), today, today, "none")
        mine.with_user(self.second)._decide("approve", "grant")
        self.seal()
        self.flow.with_user(author).purpose = "mine"
        version = self.env["fin.change"].with_user(author)._propose(self.flow.with_user(author)).version_ids
        version.action_submit()
        self.refused(mine.deputy_id.with_user(self.env.user), version)

    def test_s10_a_deputy_does_not_approve_what_they_proposed(self):
        self.granted(deputy=self.people["operator"])
        self.refused(self.people["operator"], self.asked_for())

    def test_s10_a_delegation_that_sql_granted_counts_for_nothing(self):
        delegation = self.asked()
        self.sql("UPDATE fin_delegation SET state = 'granted' WHERE id = %s", delegation.id)
        self.refused(self.deputy, self.asked_for())

    def test_s10_a_delegation_that_sql_made_longer_counts_for_nothing(self):
        delegation = self.granted()
        self.sql("UPDATE fin_delegation SET date_to = date_to + 30 WHERE id = %s", delegation.id)
        self.refused(self.deputy, self.asked_for())

    def test_s10_only_an_approver_names_a_deputy(self):
        with self.assertRaises(AccessError):
            self.asked(by=self.people["administrator"])

    def test_a_deputy_of_two_speaks_for_one_of_them(self):
        self.granted()
        self.granted(by=self.people["approver"], asker=self.second)
        version = self.asked_for()
        version.with_user(self.deputy)._approve()
        self.assertEqual(len(version.approval_ids.on_behalf_of_id), 1)

    def test_s10_a_deputy_grants_no_power_of_others(self):
        self.granted()
        friend = self.asked(by=self.second, deputy=self.person("viewer", "friend"))
        with self.assertRaises(AccessError):
            friend.with_user(self.deputy)._decide("approve", "grant")
        self.assertEqual(friend.state, "requested")

    def test_an_approver_who_is_a_deputy_too_speaks_for_themselves(self):
        third = self.person("approver", "third")
        self.granted(by=third, deputy=self.second)
        version = self.asked_for()
        version.with_user(self.second)._approve()
        self.assertEqual((version.approval_ids.person_id, version.approval_ids.on_behalf_of_id.ids), (self.second, []))

    def test_s10_whoever_a_deputy_has_spoken_for_has_spoken(self):
        self.granted()
        self.patch(type(self.env["fin.version"]), "_needed", lambda version: 2)
        version = self.asked_for()
        version.with_user(self.deputy)._approve()
        self.refused(self.people["approver"], version)
        self.refused(self.deputy, version)
        version.with_user(self.second)._approve()
        self.assertEqual(version.with_user(self.env.user).state, "live")

    # Rollback

    def test_a_rollback_is_a_new_version_made_from_an_old_one(self):
        self.flow.purpose = "second"
        second = self.approve(self.flow)
        self.say_why("operator", self.by("operator", self.version_one()).action_roll_back())
        third = self.flow.version_ids.sorted("number")[-1:]
        self.assertEqual((third.number, third.digest, third.state), (3, self.version_one().digest, "proposed"))
        self.by("operator", third).action_submit()
        self.by("approver", third)._approve()
        self.assertEqual((third.state, second.state), ("live", "superseded"))
        self.assertEqual(self.start(fact("a")).version_id, third)

    def version_one(self):
        return self.flow.version_ids.sorted("number")[:1]

    def test_a_rollback_survives_an_edit_of_the_working_copy(self):
        self.flow.purpose = "second"
        self.approve(self.flow)
        self.say_why("operator", self.by("operator", self.version_one()).action_roll_back())
        third = self.flow.version_ids.sorted("number")[-1:]
        self.flow.purpose = "edited meanwhile"
        self.assertEqual(third.state, "proposed")

    def test_what_is_live_or_never_was_is_not_rolled_back_to(self):
        with self.assertRaises(UserError):
            self.by("operator", self.version).action_roll_back()

    def test_the_working_copy_follows_what_is_live(self):
        self.flow.write({"purpose": "edited", "lane": "bulk"})
        self.by("operator", self.flow).action_follow()
        self.assertFalse(self.flow.is_changed)
