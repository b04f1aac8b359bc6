import json
import os

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from ..core.contract import Finding
from ..core.errors import ConfigurationError
from .common import LawScene, ListSource, fact

WHO = "Ann Canary"


@tagged("post_install", "-at_install")
class TestSubjectRequest(LawScene, TransactionCase):
    """A person asks: what is kept of them is found, given out, and erased after a second person's yes."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        odd = Finding("odd", f"{WHO} is unknown", facts={"who": WHO}, blocking=True)
        ListSource.told[f"{WHO}.txt"] = [fact("a", "12.50", words=f"from {WHO}"), fact("b"), odd]
        self.run_ = self.start()
        self.exception = self.run_.exception_ids
        self.exception.message_post(body=f"{WHO} called")
        self.by("operator", self.exception)._request_waiver(f"{WHO} is right")
        self.by("approver", self.exception)._approve_waiver()
        self.advance(self.run_)
        self.assertEqual(self.run_.state, "done")

    def search(self, *terms):
        return self.by("administrator", "fin.subject.request")._open_for(terms or [WHO.lower()], self.company)

    def erased(self):
        request = self.search()
        request.action_ask()
        self.by("approver", request)._approve()
        self.env.invalidate_all()
        return request

    def test_it_finds_items_files_and_exceptions(self):
        request = self.search()
        self.assertEqual(request.item_ids.mapped("key"), ["a"])
        self.assertEqual((request.payload_ids, request.exception_ids), (self.run_.payload_ids, self.exception))
        self.assertFalse(self.search("somebody else").item_ids)

    def test_a_word_that_means_something_to_the_database_finds_itself_only(self):
        self.assertFalse(self.search("%%%").item_ids)

    def test_the_copy_tells_what_is_kept_and_the_log_that_it_was_taken(self):
        told = json.loads(self.search()._copy_of_data())
        self.assertIn(WHO, told["items"][0]["content"]["words"])
        self.assertEqual(self.env["fin.audit.event"].search_count([("code", "=", "fin.subject.request.export")]), 1)

    def test_erasure_takes_the_content_and_leaves_digests_sums_and_a_certificate(self):
        before = [(item.digest, item.amount, item.outcome) for item in self.run_.item_ids]
        totals = self.run_.received, self.run_.delivered
        path = self.run_.payload_ids._path(self.run_.payload_ids.digest)
        os.utime(path, (1, 1))
        request = self.erased()
        self.env["fin.payload"]._sweep()
        self.assertEqual([(item.digest, item.amount, item.outcome) for item in self.run_.item_ids], before)
        self.assertEqual((self.run_.received, self.run_.delivered), totals)
        self.assertEqual((request.state, request.purge_id.kind, request.purge_id.item_count), ("erased", "erasure", 1))
        self.assertFalse(path.exists())
        with self.assertRaises(ConfigurationError):
            self.run_.payload_ids._open()
        self.seal()
        self.assertIsNone(self.env["fin.audit.seal"]._verify())

    def test_nothing_of_the_person_is_left_in_the_suite(self):
        self.erased()
        self.env.flush_all()
        tables = self.sql(
            "SELECT tablename FROM pg_tables WHERE tablename ~ '^(fin_|mail_message|mail_tracking|mail_act)'"
        )
        found = [
            table for (table,) in tables if self.sql(f"SELECT 1 FROM {table} t WHERE t::text ILIKE %s", f"%{WHO}%")
        ]
        # A waiver's reason is told to the log, where nothing is ever rewritten: people are asked to name nobody there.
        self.assertLessEqual(set(found), {"fin_audit_event"})

    def test_others_in_the_same_file_keep_their_items(self):
        self.erased()
        self.assertNotEqual(self.run_.item_ids.filtered(lambda item: item.key == "b").content, "{}")

    def test_nobody_erases_alone(self):
        request = self.search()
        request.action_ask()
        for group in ("administrator", "operator", "auditor"):
            with self.subTest(group), self.assertRaises(AccessError):
                self.by(group, request)._approve()
        self.assertEqual((request.state, self.run_.payload_ids.purge_id.ids), ("asked", []))

    def test_what_was_found_since_needs_another_yes(self):
        request = self.search()
        request.action_ask()
        self.start(fact("c", words=f"again {WHO}"), name="later.txt")
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            self.by("approver", request)._approve()

    def test_a_legal_hold_keeps_it_from_being_erased(self):
        self.by("auditor", "fin.hold")._set("law suit", self.company, terms=[WHO])
        request = self.search()
        request.action_ask()
        with self.assertRaisesRegex(UserError, "legal hold"):
            self.by("approver", request)._approve()

    def test_what_is_still_on_its_way_is_decided_first(self):
        run = self.start(fact("z", words=WHO), Finding("odd", "looks odd", document="z"), name="held.txt")
        self.assertEqual(run.state, "held")
        request = self.search()
        request.action_ask()
        with self.assertRaisesRegex(UserError, "not over yet"):
            self.by("approver", request)._approve()

    def test_only_administrators_search(self):
        for group in ("viewer", "operator", "approver", "auditor", "support"):
            with self.subTest(group), self.assertRaises(AccessError):
                self.by(group, "fin.subject.request")._open_for([WHO], self.company)
