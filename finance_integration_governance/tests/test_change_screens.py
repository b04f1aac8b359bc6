from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from .common import MODULE, LawScene


@tagged("post_install", "-at_install")
class TestChangeScreens(LawScene, TransactionCase):
    """What a change request shows to whom."""

    def change(self, by="operator"):
        self.flow.purpose = "Read by an approver"
        change = self.by(by, "fin.change")._propose(self.by(by, self.flow), "a reason")
        change.action_submit()
        return change

    def test_a_change_shows_what_it_changes_before_and_after(self):
        self.assertIn("Read by an approver", self.by("approver", self.change()).changes_table)

    def test_a_change_names_what_was_chosen_as_the_screen_does(self):
        self.flow.write({"schedule_kind": "times", "times": "05:30", "process": "treasury"})
        told = self.propose(self.flow).changes_table
        self.assertIn("At times of day", told)
        self.assertIn("Treasury", told)
        self.assertNotIn(">treasury<", told)

    def test_who_may_decide_is_told_and_who_may_not_is_told_why(self):
        change = self.change()
        self.assertTrue(self.by("approver", change).can_decide)
        author = self.by("operator", change)
        self.people["operator"].group_ids += self.env.ref(f"{MODULE}.group_approver")
        self.assertEqual((author.can_decide, bool(author.why_not)), (False, True))

    def test_who_still_has_to_say_yes_is_named(self):
        names = self.by("operator", self.change()).waits_for
        self.assertIn(self.people["approver"].name, names)
        self.assertNotIn(self.people["operator"].name, names)

    def test_what_waits_for_my_yes_is_found(self):
        change = self.change()
        mine = [("is_for_me", "=", True)]
        found = self.by("approver", "fin.approval").search(mine)
        self.assertIn(change.version_ids, found.version_id.with_env(change.env))
        self.assertFalse(self.by("operator", "fin.approval").search(mine))

    def test_lines_of_a_crosswalk_are_shown_and_not_its_digest(self):
        crosswalk = self.env["fin.crosswalk"].create(
            {
                "name": "Accounts",
                "code": "law-accounts",
                "system": "Planning",
                "direction": "inbound",
                "line_ids": [Command.create({"source": "4000", "target": "R-OLD"})],
            }
        )
        self.flow.crosswalk_ids = crosswalk
        self.approve(self.flow)
        crosswalk.line_ids.target = "R-NEW"
        table = self.by("approver", self.change()).changes_table
        self.assertIn("4000 → R-OLD", table)
        self.assertIn("4000 → R-NEW", table)
        self.assertNotIn("Digest", table)

    def test_whoever_edited_a_crosswalk_edited_the_flows_that_use_it(self):
        crosswalk = self.env["fin.crosswalk"].create(
            {"name": "Accounts", "code": "law-accounts", "system": "P", "direction": "inbound"}
        )
        self.flow.crosswalk_ids = crosswalk
        editor = self.person("administrator+approver", "editor")
        crosswalk.with_user(editor).line_ids = [Command.create({"source": "4000", "target": "R"})]
        self.assertFalse(self.change().with_user(editor).can_decide)
