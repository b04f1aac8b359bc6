from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.canonical import canonical

from .common import LawScene, fact


@tagged("post_install", "-at_install")
class TestWatch(LawScene, TransactionCase):
    """What the owner of the database changes is named within one sealing interval."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.run_ = self.start(fact("a"), fact("b"))
        self.seal()
        self.watch = self.env["fin.audit.watch"]
        self.before = set(self.watch._look(everything=True))

    def found(self, everything=False):
        """(code, where, subject) of what one interval finds, beside what was there when the test began.

        That nothing in force is without its yes is looked at elsewhere (test_law3_watch.py).
        """
        self.env.invalidate_all()
        return {(f.code, f.where, f.subject) for f in self.new(everything) if f.code != "audit_unapproved"}

    def new(self, everything=False):
        return set(self.watch._look(everything)) - self.before

    def altered(self, table, statement, *params):
        self.without_triggers(table)
        self.sql(statement, *params)
        self.sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return self.found()

    def test_law7_what_nobody_touched_is_as_it_was_left(self):
        self.start(fact("c"), fact("poison"), name="two.txt")
        self.seal()
        self.assertFalse(self.found())
        self.assertFalse(self.found(everything=True))

    # Triggers

    def test_law7_a_disabled_trigger_is_named(self):
        self.without_triggers("fin_approval")
        told = self.found()
        self.assertIn(("audit_trigger", "fin_approval", "fin_approval_no_delete is disabled or altered"), told)
        self.assertEqual({where for _code, where, _subject in told}, {"fin_approval"})

    def test_law7_a_dropped_trigger_is_named(self):
        self.sql("DROP TRIGGER fin_audit_event_no_change ON fin_audit_event")
        wanted = {("audit_trigger", "fin_audit_event", "fin_audit_event_no_change is missing")}
        self.assertEqual(self.found(), wanted)

    def test_law7_a_trigger_that_refuses_nothing_is_named(self):
        self.sql(
            "CREATE OR REPLACE FUNCTION fin_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        )
        tables = {where for code, where, _subject in self.found() if code == "audit_trigger"}
        self.assertLessEqual({"fin_audit_event", "fin_audit_seal", "fin_document", "fin_approval", "fin_item"}, tables)

    # Rows

    def test_law7_a_forged_approval_is_named(self):
        self.flow.purpose = "changed"
        approval = self.propose(self.flow).approval_ids
        self.seal()
        told = self.altered(
            "fin_approval",
            "UPDATE fin_approval SET state = 'approved', person_id = %s WHERE id = %s",
            self.people["approver"].id,
            approval.id,
        )
        self.assertIn(("audit_approval", "fin.approval", approval.name), told)
        self.assertIn(("audit_state", "fin.approval", approval.name), told)

    def test_law7_an_approval_in_another_name_is_named(self):
        approval = self.version.approval_ids
        told = self.altered(
            "fin_approval",
            "UPDATE fin_approval SET person_id = %s WHERE id = %s",
            self.people["operator"].id,
            approval.id,
        )
        self.assertEqual(told, {("audit_approval", "fin.approval", approval.name)})

    def test_law7_an_approval_of_other_content_is_named(self):
        approval = self.version.approval_ids
        told = self.altered(
            "fin_approval", "UPDATE fin_approval SET digest = repeat('a', 64) WHERE id = %s", approval.id
        )
        self.assertEqual(told, {("audit_approval", "fin.approval", approval.name)})

    def test_law7_a_deleted_approval_is_named(self):
        name = self.version.approval_ids.name
        told = self.altered("fin_approval", "DELETE FROM fin_approval WHERE name = %s", name)
        self.assertEqual(told, {("audit_approval", "fin.approval", name)})

    def test_law7_a_version_made_live_by_sql_is_named(self):
        self.flow.purpose = "changed"
        version = self.propose(self.flow)
        self.sql("UPDATE fin_version SET state = 'superseded' WHERE id = %s", self.version.id)
        self.sql("UPDATE fin_version SET state = 'live' WHERE id = %s", version.id)
        self.assertEqual(self.found(), {("audit_state", "fin.version", version._subject_key())})
        self.assertIn(("audit_state", "fin.version", self.version._subject_key()), self.found(everything=True))

    def test_law7_a_live_version_with_another_document_is_named(self):
        other = self.env["fin.document"]._keep("flow", canonical({"flow": "other"}))
        self.sql("UPDATE fin_version SET document_id = %s WHERE id = %s", other.id, self.version.id)
        self.assertEqual(self.found(), {("audit_version", "fin.version", self.version._subject_key())})

    def test_law7_a_changed_document_is_named(self):
        document = self.version.document_id
        told = self.altered("fin_document", "UPDATE fin_document SET text = text || ' ' WHERE id = %s", document.id)
        self.assertEqual(told, {("audit_document", "fin.document", document.digest)})

    def test_law7_a_flow_that_was_activated_by_sql_is_named(self):
        self.by("operator", self.flow).action_pause()
        self.sql("UPDATE fin_flow SET state = 'active' WHERE id = %s", self.flow.id)
        self.assertEqual(self.found(), {("audit_state", "fin.flow", "law")})

    def test_law7_an_exception_closed_by_sql_is_named(self):
        run = self.start(fact("poison"), name="two.txt")
        self.sql("UPDATE fin_exception SET state = 'waived' WHERE id = %s", run.exception_ids.id)
        self.assertEqual(self.found(), {("audit_state", "fin.exception", run.exception_ids.name)})

    def test_law7_a_payload_with_another_digest_is_named(self):
        payload = self.run_.payload_ids
        told = self.altered("fin_payload", "UPDATE fin_payload SET digest = repeat('a', 64) WHERE id = %s", payload.id)
        self.assertEqual(told, {("audit_payload", "fin.payload", payload.uid)})

    def test_law7_an_outcome_that_was_turned_is_named(self):
        told = self.altered("fin_item", "UPDATE fin_item SET outcome = 'skipped' WHERE run_id = %s", self.run_.id)
        self.assertEqual(told, {("audit_items", "fin.run", self.run_.name)})

    def test_law7_an_item_that_was_deleted_is_named(self):
        item = self.run_.item_ids[0]
        self.without_triggers("fin_binding")
        self.sql("DELETE FROM fin_binding WHERE item_id = %s", item.id)
        self.sql("ALTER TABLE fin_binding ENABLE TRIGGER USER")
        told = self.altered("fin_item", "DELETE FROM fin_item WHERE id = %s", item.id)
        self.assertEqual(told, {("audit_items", "fin.run", self.run_.name)})

    def test_law7_a_changed_event_is_named(self):
        told = self.altered("fin_audit_event", "UPDATE fin_audit_event SET actor = 'x' WHERE code = 'fin.run.finish'")
        self.assertEqual({(code, where) for code, where, _subject in told}, {("audit_chain", "fin_audit_event")})

    # Telling

    def exceptions(self):
        return self.env["fin.exception"].search([("code", "=like", "audit_%")])

    def interval(self):
        with patch.object(type(self.watch), "_chain", lambda self: ()):
            self.watch._tell(finding for finding in self.new() if finding.code != "audit_unapproved")

    def test_law7_what_is_found_has_an_auditor_as_owner_and_an_event(self):
        before = self.exceptions()
        self.without_triggers("fin_document")
        self.interval()
        found = self.exceptions() - before
        self.assertEqual((found.code, found.state, bool(found.flow_id)), ("audit_trigger", "open", False))
        self.assertTrue(found.user_id.has_group("finance_integration_governance.group_auditor"))
        event = self.env["fin.audit.event"].search([("code", "=", "fin.audit.found")], limit=1)
        self.assertIn("fin_document_no_change", event.facts)

    def test_law7_what_was_told_is_not_told_at_each_interval(self):
        self.without_triggers("fin_document")
        self.interval()
        count = self.env["fin.audit.event"].search_count([])
        self.interval()
        self.assertEqual(self.env["fin.audit.event"].search_count([]), count)

    def test_law7_rows_that_an_auditor_has_decided_on_are_told_again_only_when_they_change_again(self):
        approval, before = self.version.approval_ids, self.exceptions()
        self.altered("fin_approval", "UPDATE fin_approval SET digest = repeat('a', 64) WHERE id = %s", approval.id)
        self.interval()
        told = self.exceptions() - before
        told._close("resolve", "looked into")
        self.interval()
        self.assertEqual(self.exceptions() - before, told)
        self.altered("fin_approval", "UPDATE fin_approval SET digest = repeat('b', 64) WHERE id = %s", approval.id)
        self.interval()
        self.assertEqual(len(self.exceptions() - before), 2)

    def test_law7_only_an_auditor_decides_on_what_was_found(self):
        before = self.exceptions()
        self.without_triggers("fin_document")
        self.interval()
        found = self.exceptions() - before
        with self.assertRaises(AccessError):
            self.by("administrator", found).action_take()
        self.by("auditor", found).action_take()
        self.assertEqual(found.user_id, self.people["auditor"])
