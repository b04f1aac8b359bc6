import datetime as dt
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.finance_integration_governance.models.change.fin_approval import FinApproval

from .common import LawScene
from .wire import OverTheWire


@tagged("post_install", "-at_install")
class TestDeputyOverTheWire(OverTheWire, HttpCase):
    """S10: what a deputy may say in an approver's place, as their web client or their API key sends it."""

    def setUp(self):
        super().setUp()
        self.second = self.person("approver", "second")
        self.deputy = self.person("viewer", "deputy")

    def delegation(self, first=0, last=7, granted=True, deputy=None):
        """The approver names a deputy for these days from today; another approver grants it."""
        today = fields.Date.today()
        days = [today + dt.timedelta(days=days) for days in (first, last)]
        named = self.by("approver", "fin.delegation")._ask(self.company, deputy or self.deputy, *days, "holidays")
        if granted:
            named.with_user(self.second)._decide("approve", "grant")
        self.seal()
        return named

    def in_review(self, by="operator"):
        self.flow.purpose = "changed"
        return self.propose(self.flow, by)

    def no_yes(self, who, version, why):
        """They prove who they are, and are refused; so is their key."""
        user = self.login(who)
        asked = self.call("fin.version", "action_approve", version.ids)
        context = {"password": user.login.ljust(8, "x")}
        told = self.refused("res.users.identitycheck", "run_check", [asked["res_id"]], context=context)
        self.assertIn("AccessError", told)
        self.json2(self.key_of(user), "fin.version", "action_approve", ids=version.ids)
        self.refused("fin.change", "_approve", version.change_id.ids)
        self.refused("fin.approval", "write", version.approval_ids.ids, {"state": "approved", "person_id": user.id})
        self.assertEqual(version.state, "review")
        self.assertEqual(version.approval_ids.with_user(user)._why_not(), why)

    def test_s10_a_deputy_says_yes_over_the_wire(self):
        delegation, version = self.delegation(), self.in_review()
        self.login(self.deputy)
        self.proven("fin.version", "action_approve", version.ids)
        self.assertEqual((version.state, version.approval_ids.delegation_id), ("live", delegation))

    def test_s10_a_deputy_whose_delegation_was_ended_says_nothing(self):
        delegation, version = self.delegation(), self.in_review()
        delegation.action_end()
        self.no_yes(self.deputy, version, "no_approver")

    def test_s10_a_deputy_whose_days_are_over_says_nothing(self):
        self.delegation(-9, -1)
        self.no_yes(self.deputy, self.in_review(), "no_approver")

    def test_s10_a_deputy_whose_days_have_not_come_says_nothing(self):
        self.delegation(1, 9)
        self.no_yes(self.deputy, self.in_review(), "no_approver")

    def test_s10_a_deputy_whom_nobody_granted_says_nothing(self):
        self.delegation(granted=False)
        self.no_yes(self.deputy, self.in_review(), "no_approver")

    def test_s10_a_deputy_does_not_grant_themselves_over_the_wire(self):
        delegation, version = self.delegation(granted=False), self.in_review()
        for who in (self.deputy, "approver"):
            user = self.login(who)
            asked = self.call("fin.delegation", "action_grant", delegation.ids)
            context = {"password": user.login.ljust(8, "x")}
            with self.subTest(user.login):
                self.refused("res.users.identitycheck", "run_check", [asked["res_id"]], context=context)
                self.refused("fin.delegation", "write", delegation.ids, {"state": "granted"})
                self.refused("fin.delegation", "create", [{"state": "granted", "deputy_id": self.deputy.id}])
                self.refused("fin.delegation", "_transition", delegation.ids, "grant")
        self.assertEqual(delegation.state, "requested")
        self.no_yes(self.deputy, version, "no_approver")

    def test_s10_a_deputy_who_grants_with_the_approvers_group_does_not_grant_themselves(self):
        delegation = self.delegation(granted=False, deputy=self.second)
        user = self.login(self.second)
        asked = self.call("fin.delegation", "action_grant", delegation.ids)
        context = {"password": user.login.ljust(8, "x")}
        self.refused("res.users.identitycheck", "run_check", [asked["res_id"]], context=context)
        self.assertEqual(delegation.state, "requested")

    def test_s10_a_deputy_does_not_approve_what_they_proposed_over_the_wire(self):
        self.delegation(deputy=self.people["operator"])
        self.no_yes("operator", self.in_review(), "own_request")

    def test_s10_a_deputy_does_not_approve_what_they_edited_over_the_wire(self):
        editor = self.person("operator", "editor")
        self.delegation(deputy=editor)
        self.flow.with_user(editor).name = "Renamed"
        self.no_yes(editor, self.in_review(), "own_edit")

    def test_s09_code_behind_a_button_approves_nothing_without_the_password(self):
        version = self.in_review()
        action = self.env["ir.actions.server"].create(
            {
                "name": "Tidy up",
                "model_id": self.env["ir.model"]._get_id("fin.version"),
                "state": "code",
                "code": f"env['fin.version'].browse({version.id})._approve()",
            }
        )
        self.login("approver")
        self.assertIn("AccessError", self.refused("ir.actions.server", "run", action.ids))
        self.assertEqual(version.state, "review")


@tagged("post_install", "-at_install")
class TestScheduledUsers(LawScene, TransactionCase):
    """S9: a scheduled action approves nothing, whosever name it runs in and whatever code it holds."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        # Nobody stands before a screen here.
        self.enterContext(patch.object(type(self.env["fin.approval"]), "_why_not_here", FinApproval._why_not_here))
        self.flow.purpose = "changed"
        self.version = self.propose(self.flow)

    def scheduled(self, user, code):
        """The code, as the scheduler runs it for this user."""
        cron = self.env["ir.cron"].create(
            {
                "name": "Tidy up",
                "model_id": self.env["ir.model"]._get_id("fin.version"),
                "state": "code",
                "code": code,
                "user_id": user.id,
            }
        )
        cron.ir_actions_server_id.with_user(user).with_context(cron_id=cron.id).run()

    def tried(self, user):
        version = f"env['fin.version'].browse({self.version.id})"
        approval = f"env['fin.approval'].browse({self.version.approval_ids.id})"
        attempts = (
            f"{version}.action_approve()",
            f"{version}._approve()",
            f"{version}.change_id._approve()",
            f"{version}.sudo()._approve()",
            f"{version}.with_context(fin_writer=True, fin_program=True)._approve()",
            f"{approval}._decide('approve')",
            f"{approval}.sudo().write({{'state': 'approved', 'person_id': {user.id}}})",
            f"{version}.sudo().with_context(fin_writer=1).write({{'state': 'live'}})",
            f"{version}.sudo().copy({{'state': 'live'}})",
        )
        for code in attempts:
            with self.subTest(f"{user.login} {code}"), mute_logger("odoo.addons.base.models.ir_actions"):
                self.assertTrue(self.refusal(user, code))
                self.assertEqual(self.version.state, "review")

    def refusal(self, user, code):
        try:
            # Without assertRaises, whose savepoint would take the event with it.
            self.scheduled(user, code)
        except UserError as refusal:
            return str(refusal)

    def test_s09_a_scheduled_user_who_is_no_approver_approves_nothing(self):
        self.tried(self.people["administrator"])

    def test_s09_a_scheduled_root_approves_nothing(self):
        self.tried(self.env.ref("base.user_root"))

    def test_s09_an_approvers_scheduled_action_approves_nothing(self):
        self.tried(self.people["approver"])
        told = self.env["fin.audit.event"].search([("code", "=", "fin.approval.refused")])
        self.assertTrue(any('"why":"no_session"' in event.facts for event in told))

    def test_s09_an_approver_before_a_screen_could(self):
        """What is refused above is refused because it is code."""
        with patch.object(type(self.env["fin.approval"]), "_why_not_here", lambda self: None):
            self.by("approver", self.version)._approve()
        self.assertEqual(self.version.state, "live")
