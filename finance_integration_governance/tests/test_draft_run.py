import psycopg2
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.finance_integration_governance.models.evidence.fin_evidence_builder import Scope

from .common import LawScene, ListSource, fact


@tagged("post_install", "-at_install")
class TestDraftRun(LawScene, TransactionCase):
    """A draft tried by its author alone, where nothing is real."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.draft = self.new_flow("law-draft")
        self.draft.connection_id.environment = "test"

    def as_a(self, environment):
        self.env["fin.database"]._release_by_command("test", environment)
        self.seal()

    def proposed(self):
        version = self.propose(self.draft, submit=False)
        self.seal()
        return version

    def tried(self, version, by="operator"):
        ListSource.told["one.txt"] = [fact("a")]
        opened = self.by(by, version).action_try()
        return self.advance(self.env["fin.run"].browse(opened["res_id"]))

    def test_a_draft_is_tried_by_its_author_alone(self):
        self.as_a("test")
        run = self.tried(self.proposed())
        self.assertEqual((run.state, run.is_draft, run.delivered), ("done", True, 1))
        self.assertEqual((self.draft.state, bool(self.draft.live_version_id)), ("draft", False))

    def test_a_draft_run_is_no_evidence_of_a_live_flow(self):
        self.as_a("test")
        self.tried(self.proposed())
        self.assertFalse(self.draft.last_run_id)
        self.assertIsNone(self.env["fin.payload"]._last_cursor(self.draft))

    def test_a_draft_run_stands_in_no_evidence_pack(self):
        self.as_a("test")
        run = self.tried(self.proposed())
        today = fields.Date.today()
        pack = self.by("auditor", "fin.evidence.pack")._ask(self.by("auditor", self.draft), today.replace(day=1), today)
        scope = Scope(pack.with_user(self.env.user))
        self.assertFalse(run & scope.runs)

    def test_nothing_is_tried_in_production(self):
        with self.assertRaises(UserError):
            self.tried(self.proposed())

    def test_nothing_is_tried_on_a_production_connection(self):
        self.as_a("test")
        self.draft.connection_id.environment = "production"
        with self.assertRaises(UserError):
            self.tried(self.proposed())

    def test_nobody_tries_the_draft_of_another_one(self):
        self.as_a("test")
        version = self.proposed()
        with self.assertRaises(UserError):
            self.tried(version, "administrator")
        with self.assertRaises(AccessError):
            self.tried(version, "viewer")

    def test_a_draft_that_was_edited_since_is_not_tried(self):
        self.as_a("test")
        version = self.proposed()
        self.draft.purpose = "edited"
        with self.assertRaises(UserError):
            self.tried(version)

    def test_a_draft_run_that_was_queued_stops_when_the_database_becomes_production(self):
        self.as_a("test")
        run = self.env["fin.run"].browse(self.by("operator", self.proposed()).action_try()["res_id"])
        self.as_a("production")
        self.advance(run)
        self.assertEqual((run.state, bool(run.item_ids)), ("failed", False))

    def test_the_mark_of_a_draft_run_stays(self):
        self.as_a("test")
        run = self.tried(self.proposed())
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error):
            self.sql("UPDATE fin_run SET is_draft = FALSE WHERE id = %s", run.id)
        for group in ("operator", "administrator"):
            with self.subTest(group), self.assertRaises(AccessError):
                self.by(group, run).write({"is_draft": False})

    def test_what_a_draft_run_holds_is_a_draft(self):
        self.as_a("test")
        parent = self.tried(self.proposed())
        child = self.env["fin.run"]._queue(self.draft, "release", parent_id=parent.id, concurrency_key="held")
        self.assertTrue(child.is_draft)
