import contextlib
import threading

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..models.writer import as_writer
from .common import EVIDENCE, GROUPS, INSERT_ONLY, LawScene, fact


@tagged("post_install", "-at_install")
class TestLaw7(LawScene, TransactionCase):
    """Nothing rewritten: the database refuses, and where it was made not to, the chain tells."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.run_ = self.start(fact("a"), fact("b"))
        self.seal()

    def refused(self, statement):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.RestrictViolation):
            self.sql(statement)

    def test_law7_evidence_is_insert_only(self):
        for table in INSERT_ONLY:
            column = "position" if table == "fin_audit_seal" else "digest"
            for statement in (
                f"UPDATE {table} SET {column} = {column}",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                with self.subTest(statement):
                    self.refused(statement)

    def test_law7_what_was_received_and_decided_does_not_change(self):
        for statement in (
            "UPDATE fin_item SET amount = 1",
            "UPDATE fin_item SET content = '{}'",
            "UPDATE fin_item SET outcome = 'skipped'",
            "UPDATE fin_payload SET digest = '0'",
            "UPDATE fin_binding SET res_id = 0",
            "UPDATE fin_approval SET person_id = 1",
            "UPDATE fin_approval SET digest = '0'",
            "UPDATE fin_reconciliation SET state = 'tied'",
            "UPDATE fin_reconciliation_line SET target = source",
            "DELETE FROM fin_item",
            "DELETE FROM fin_payload",
            "DELETE FROM fin_binding",
            "DELETE FROM fin_approval",
            "DELETE FROM fin_reconciliation",
        ):
            with self.subTest(statement):
                self.refused(statement)

    def test_law7_the_chain_is_whole(self):
        self.assertIsNone(self.env["fin.audit.seal"]._verify())

    def tampered(self, *statements):
        """What the verifier says after these statements by the owner of the database."""
        for table in INSERT_ONLY[:2]:
            self.without_triggers(table)
        for statement in statements:
            self.sql(statement)
        return self.env["fin.audit.seal"]._verify()

    def place(self, offset=3):
        [[last]] = self.sql("SELECT max(position) FROM fin_audit_seal")
        return last - offset

    def event(self, position):
        return self.sql("SELECT event_id FROM fin_audit_seal WHERE position = %s", position)[0][0]

    def test_r28_a_changed_text_is_named(self):
        at = self.place()
        change = (
            f"UPDATE fin_audit_event SET content = replace(content, 'law', 'lax') || ' ' WHERE id = {self.event(at)}"
        )
        self.assertEqual(self.tampered(change), (at, "event_changed"))

    def test_r28_a_changed_text_with_its_digest_is_named(self):
        at = self.place()
        change = (
            "UPDATE fin_audit_event SET content = content || ' ', "
            f"digest = encode(sha256(convert_to(content || ' ', 'UTF8')), 'hex') WHERE id = {self.event(at)}"
        )
        # The text is not what the columns spell, and where it were, the seal would not fit.
        self.assertEqual(self.tampered(change), (at, "event_changed"))

    def test_r28_every_changed_column_is_named(self):
        at = self.place()
        others = {"facts": "'{}'", "at": "at + interval '1 second'"}
        columns = ("code", "actor", "company", "subject_model", "subject_key", "facts", "at")
        for table in INSERT_ONLY[:2]:
            self.without_triggers(table)
        for column in columns:
            with self.subTest(column), contextlib.closing(self.env.cr.savepoint()) as savepoint:
                value = others.get(column, "'other'")
                wrong = self.tampered(f"UPDATE fin_audit_event SET {column} = {value} WHERE id = {self.event(at)}")
                self.assertEqual(wrong, (at, "event_changed"))
                savepoint.rollback()

    def test_r28_a_deleted_event_is_named(self):
        at = self.place()
        self.assertEqual(
            self.tampered(f"DELETE FROM fin_audit_event WHERE id = {self.event(at)}"), (at, "event_missing")
        )

    def test_r28_a_deleted_seal_is_named(self):
        at = self.place()
        self.assertEqual(self.tampered(f"DELETE FROM fin_audit_seal WHERE position = {at}"), (at + 1, "gap"))

    def test_r28_an_inserted_event_is_named(self):
        at = self.place()
        wrong = self.tampered(
            f"UPDATE fin_audit_seal SET position = position + 100000 WHERE position > {at}",
            f"UPDATE fin_audit_seal SET position = position - 99999 WHERE position > {at}",
            "INSERT INTO fin_audit_event (at, code, actor, subject_model, subject_key, facts, content, digest) "
            "SELECT at, code, actor, subject_model, subject_key, facts, content, digest FROM fin_audit_event "
            f"WHERE id = {self.event(at)}",
            f"INSERT INTO fin_audit_seal (event_id, position, head) "
            f"SELECT (SELECT max(id) FROM fin_audit_event), {at + 1}, head FROM fin_audit_seal WHERE position = {at}",
        )
        self.assertEqual(wrong[0], at + 1)

    def test_r28_two_events_that_changed_places_are_named(self):
        at = self.place()
        one, two = self.event(at), self.event(at + 1)
        wrong = self.tampered(
            f"UPDATE fin_audit_seal SET event_id = -1 WHERE position = {at}",
            f"UPDATE fin_audit_seal SET event_id = {one} WHERE position = {at + 1}",
            f"UPDATE fin_audit_seal SET event_id = {two} WHERE position = {at}",
        )
        self.assertEqual(wrong, (at, "chain_broken"))

    def test_law7_a_forged_column_holds_nothing(self):
        """An event that says something else does not become an approval by its columns."""
        version = self.propose_changed()
        approval = version.approval_ids
        self.seal()
        self.assertFalse(self.holds(approval))
        self.tampered(
            "UPDATE fin_audit_event SET code = 'fin.approval.approve' "
            f"WHERE code = 'fin.approval.request' AND subject_key = '{approval.name}'"
        )
        self.assertFalse(self.holds(approval))

    def test_law7_a_changed_event_holds_nothing_even_with_its_digest(self):
        approval = self.propose_changed().approval_ids
        self.seal()
        self.tampered(
            "UPDATE fin_audit_event SET code = 'fin.approval.approve', "
            "content = replace(content, 'fin.approval.request', 'fin.approval.approve') "
            f"WHERE code = 'fin.approval.request' AND subject_key = '{approval.name}'",
            "UPDATE fin_audit_event SET digest = encode(sha256(convert_to(content, 'UTF8')), 'hex')",
        )
        self.assertFalse(self.holds(approval))

    def propose_changed(self):
        self.flow.purpose = "changed"
        return self.propose(self.flow)

    def holds(self, approval):
        return self.env["fin.audit.seal"]._holds("fin.approval.approve", approval._name, approval.name, approval.digest)

    def test_law7_an_event_that_is_not_sealed_holds_nothing(self):
        version = self.propose_changed()
        self.by("approver", version)._approve()
        self.assertFalse(version._is_approved())
        self.seal()
        self.assertTrue(version._is_approved())

    def test_law7_nothing_of_the_work_is_missing_in_the_log(self):
        codes = set(self.sql("SELECT code FROM fin_audit_event WHERE subject_key = %s", self.run_.name))
        wanted = {
            ("fin.run.queue",),
            ("fin.run.start",),
            ("fin.run.payload",),
            ("fin.run.reconcile",),
            ("fin.run.finish",),
        }
        self.assertLessEqual(wanted, codes)

    # Nobody writes evidence by hand (S9)

    def record(self, model):
        return self.env[model].search([], limit=1)

    def test_s09_ordinary_code_with_sudo_writes_no_evidence(self):
        self.propose_changed()
        self.start(fact("poison"))
        for model in EVIDENCE:
            record = self.record(model).sudo()
            attempts = {"create": lambda record=record: record.browse().create({})}
            if record:
                attempts["write"] = lambda record=record: record.write({record._rec_name or "state": "x"})
                attempts["copy"] = lambda record=record: record.copy()
                attempts["unlink"] = lambda record=record: record.unlink()
            for name, attempt in attempts.items():
                with self.subTest(f"{model}.{name}"), self.assertRaises(AccessError):
                    attempt()

    def test_s09_a_context_does_not_make_a_writer(self):
        for value in (True, 1, "x", {"a": 1}):
            with self.subTest(value), self.assertRaises(AccessError):
                self.run_.with_context(fin_writer=value).write({"state": "done"})

    def test_s09_life_begins_at_the_beginning_whatever_the_context_says(self):
        context = {"default_state": "approved", "tracking_disable": True}
        approval = (
            as_writer(self.record("fin.approval"))
            .with_context(**context)
            .create(
                {
                    "name": "x",
                    "purpose": "version",
                    "subject_model": "x",
                    "subject_key": "x",
                    "digest": "0" * 64,
                    "company_id": self.company.id,
                    "requested_by": self.env.uid,
                    "state": "approved",
                }
            )
        )
        self.assertEqual(approval.state, "requested")

    def test_s09_a_flow_is_not_born_active(self):
        values = {"name": "x", "code": "x-born", "connection_id": self.flow.connection_id.id, "object": "fin.object"}
        flow = (
            self.by("operator", "fin.flow").with_context(default_state="active").create({**values, "state": "active"})
        )
        self.assertEqual(flow.state, "draft")
        with self.assertRaises(AccessError):
            flow.write({"state": "active"})

    def test_s09_nobody_may_create_write_or_delete_evidence_in_any_group(self):
        """Access lines alone: no human group has more than reading."""
        for access in self.env["ir.model.access"].search([("model_id.model", "in", EVIDENCE)]):
            with self.subTest(access.name):
                self.assertEqual((access.perm_write, access.perm_create, access.perm_unlink), (False,) * 3)

    def test_s09_an_import_writes_no_evidence(self):
        everything = self.person("+".join((*GROUPS, "administrator")), "everything")
        everything.group_ids += self.env.ref("base.group_system")
        fields_of = {
            "fin.approval": ["name", "state"],
            "fin.run": ["name", "state"],
            "fin.version": ["number", "state"],
        }
        for model, names in fields_of.items():
            loaded = self.env[model].with_user(everything).load([*names], [["1", "approved"]])
            with self.subTest(model):
                self.assertFalse(loaded["ids"])

    def test_s09_a_flow_is_imported_as_a_draft(self):
        names = ["name", "code", "connection_id/.id", "object", "state"]
        row = ["Imported", "imported", str(self.flow.connection_id.id), "fin.object", "active"]
        loaded = self.by("operator", "fin.flow").load(names, [row])
        states = self.env["fin.flow"].browse(loaded["ids"] or []).mapped("state")
        self.assertIn(states, ([], ["draft"]))


@tagged("post_install", "-at_install")
class TestTwoSealers(TransactionCase):
    """With real cursors, because a fork of the chain needs two transactions."""

    def own(self):
        return self.enterContext(contextlib.closing(self.registry.cursor()))

    def append_and_seal(self, number):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            for _one in range(5):
                env["fin.audit.event"]._append("test.seal", "test", str(number))
        with self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["fin.audit.seal"]._seal()

    def test_law7_sealers_at_the_same_time_make_one_chain(self):
        threads = [threading.Thread(target=self.append_and_seal, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        env = api.Environment(self.own(), SUPERUSER_ID, {})
        self.assertIsNone(env["fin.audit.seal"]._verify())
        env.cr.execute("SELECT count(*) FROM fin_audit_event e WHERE code = 'test.seal' AND EXISTS "
                       "(SELECT 1 FROM fin_audit_seal s WHERE s.event_id = e.id)")  # fmt: skip
        self.assertEqual(env.cr.fetchone()[0] % 30, 0)
