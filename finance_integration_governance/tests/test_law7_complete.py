import contextlib
from unittest.mock import patch

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.finance_integration_governance.core.errors import DataError

from .common import GROUPS, LawScene, ListSource, fact


def not_booked(_self, _run, _items):
    raise DataError("it is not booked", code="not_booked")


@tagged("post_install", "-at_install")
class TestComplete(LawScene, TransactionCase):
    """Everything that the log promises to hold is there, and no row for each item."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def events(self, code, **more):
        domain = [("code", "=", code), *((name, "=", value) for name, value in more.items())]
        return self.env["fin.audit.event"].search(domain)

    def refused(self, attempt):
        """Without the savepoint of assertRaises: here it would take the other transaction's row away, too."""
        with contextlib.suppress(AccessError):
            attempt()
            self.fail("it was not refused")

    # Each stage is one row

    def test_law7_each_stage_of_a_run_is_one_event_with_its_items_under_one_digest(self):
        run = self.start(fact("a"), fact("b"), fact("poison"))
        stages = self.events("fin.run.stage", subject_key=run.name).sorted("id")
        self.assertEqual(len(stages), 6)
        self.assertIn(run._items_digest(), stages[-1].facts)
        self.assertIn('"delivered":2', stages[-1].facts)
        self.assertIn('"rejected":1', stages[-1].facts)

    def test_law7_the_digest_of_the_items_tells_what_became_of_each(self):
        one, two = self.start(fact("a"), fact("b")), self.start(fact("c"), fact("d"), name="two.txt")
        before = one._items_digest()
        self.assertNotEqual(before, two._items_digest())
        self.without_triggers("fin_item")
        self.sql("UPDATE fin_item SET outcome = 'skipped' WHERE run_id = %s AND key = 'a'", one.id)
        self.assertNotEqual(one._items_digest(), before)

    def test_law7_ten_thousand_items_leave_at_most_two_hundred_events(self):
        """Most are known already, many cannot be booked, each alone: rows for stages and causes, none for items."""
        self.start(*[fact(f"k{number}") for number in range(300)])
        ListSource.told.clear()
        before = self.env["fin.audit.event"].search_count([])
        known = [fact(f"k{number % 300}") for number in range(9_750)]
        with patch.object(type(self.env["fin.object"]), "_deliver", not_booked):
            run = self.start(*known, *[fact(f"n{number}") for number in range(250)], name="two.txt")
        self.assertEqual((len(run.item_ids), run.rejected), (10_000, 250))
        self.assertLessEqual(self.env["fin.audit.event"].search_count([]) - before, 200)

    # What leaves

    def test_law7_an_exported_list_is_on_record(self):
        self.start(fact("a"))
        runs = self.by("operator", "fin.run").search([])
        runs.env.user.group_ids += self.env.ref("base.group_allow_export")
        told = runs.export_data(["name", "state"])["datas"]
        event = self.events("fin.run.export")
        self.assertEqual((len(event), event.actor), (1, f"law-operator#{self.people['operator'].id}"))
        self.assertIn(f'"count":{len(told)}', event.facts)
        self.assertIn("name; state", event.facts)

    def test_law7_lists_of_others_are_not_our_business(self):
        self.env["res.currency"].search([], limit=1).export_data(["name"])
        self.assertFalse(self.events("res.currency.export"))

    def test_law7_a_tried_connection_is_on_record(self):
        self.by("administrator", self.flow.connection_id)._sample_text()
        self.assertTrue(self.events("fin.connection.preview", subject_key="list-law"))

    # What was refused

    def test_law7_an_attempt_to_alter_evidence_is_on_record(self):
        run = self.start(fact("a"))
        attempts = {
            "write": lambda: run.write({"name": "x"}),
            "unlink": run.unlink,
            "copy": run.copy,
            "create": lambda: run.create({"name": "x"}),
        }
        for name, attempt in attempts.items():
            with self.subTest(name):
                self.refused(attempt)
                event = self.events("fin.audit.refused", subject_model="fin.run")[:1]
                self.assertIn(f'"attempt":"{name}"', event.facts)
                self.assertEqual(event.subject_key, "-" if name == "create" else run.name)

    def test_law7_an_attempt_by_an_ordinary_user_names_the_user(self):
        run = self.start(fact("a"))
        for group in GROUPS:
            with self.subTest(group):
                self.refused(lambda group=group: self.by(group, run).write({"state": "done"}))
                event = self.events("fin.audit.refused", subject_key=run.name)[:1]
                self.assertEqual(event.actor, f"law-{group}#{self.people[group].id}")

    def test_law7_an_attempt_to_activate_a_flow_by_hand_is_on_record(self):
        self.refused(lambda: self.by("operator", self.flow).write({"state": "draft"}))
        self.assertIn('"attempt":"state"', self.events("fin.audit.refused", subject_key="law").facts)

    def test_law7_a_refused_approval_is_on_record(self):
        self.flow.purpose = "changed"
        version = self.propose(self.flow)
        self.refused(self.by("operator", version)._approve)
        self.assertTrue(self.events("fin.approval.refused", subject_key=version.approval_ids.name))


@tagged("post_install", "-at_install")
class TestRefusedIsLogged(TransactionCase):
    """With a real second cursor, because the row has to outlive the refusal's rollback."""

    def refused(self):
        with contextlib.closing(self.registry.cursor()) as cr:
            log = api.Environment(cr, SUPERUSER_ID, {})["fin.audit.event"]
            return log.search_count([("code", "=", "fin.audit.refused")])

    def test_law7_a_refused_attempt_outlives_its_rollback(self):
        before = self.refused()
        with contextlib.closing(self.registry.cursor()) as cr:
            with self.assertRaises(AccessError):
                api.Environment(cr, SUPERUSER_ID, {})["fin.run"].create({"name": "never"})
            cr.rollback()
        self.assertEqual(self.refused(), before + 1)

    def test_law7_the_owner_of_the_database_is_refused_too(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.RestrictViolation):
            self.env.cr.execute("DELETE FROM fin_audit_event")
