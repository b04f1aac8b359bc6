from odoo.tests import TransactionCase, tagged

from .common import MODULE, LawScene


@tagged("post_install", "-at_install")
class TestLaw3Watch(LawScene, TransactionCase):
    """What somebody with SQL puts in force, or whom they make an approver, is named within a sealing interval."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.watch = self.env["fin.audit.watch"]

    def named(self, code):
        self.seal()
        return [finding.subject for finding in self.watch._look() if finding.code == code]

    def test_law3_nothing_is_named_where_all_is_as_it_should_be(self):
        self.assertEqual(self.named("audit_unapproved") + self.named("audit_grant"), [])

    def test_law3_a_version_that_is_live_without_its_approvals_is_named(self):
        self.flow.purpose = "changed"
        version = self.propose(self.flow)
        self.sql("UPDATE fin_version SET state = 'superseded' WHERE id = %s", self.version.id)
        self.sql("UPDATE fin_version SET state = 'live' WHERE id = %s", version.id)
        self.assertEqual(self.named("audit_unapproved"), [version._subject_key()])

    def test_law3_an_approver_made_by_sql_is_named(self):
        viewer, group = self.people["viewer"], self.env.ref(f"{MODULE}.group_approver")
        self.sql("INSERT INTO res_groups_users_rel (gid, uid) VALUES (%s, %s)", group.id, viewer.id)
        self.assertEqual(self.named("audit_grant"), [viewer.login])

    def test_law3_a_group_that_sql_made_imply_approver_is_named(self):
        viewer, group = self.people["viewer"], self.env.ref(f"{MODULE}.group_approver")
        club = self.env["res.groups"].create({"name": "Book club", "user_ids": viewer.ids})
        self.sql("INSERT INTO res_groups_implied_rel (gid, hid) VALUES (%s, %s)", club.id, group.id)
        self.assertEqual(self.named("audit_grant"), [viewer.login])

    def test_law3_what_the_watch_names_has_an_owner(self):
        viewer, group = self.people["viewer"], self.env.ref(f"{MODULE}.group_approver")
        self.sql("INSERT INTO res_groups_users_rel (gid, uid) VALUES (%s, %s)", group.id, viewer.id)
        self.watch._tell(self.watch._look())
        exception = self.env["fin.exception"].search([("code", "=", "audit_grant")])
        self.assertTrue(exception.user_id.active and viewer.login in exception.text)
