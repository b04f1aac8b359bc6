import json

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ListSource, fact
from .crosswalk_common import CrosswalkCase


@tagged("post_install", "-at_install")
class TestPreview(CrosswalkCase):
    """A candidate run dry over what was received before."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.run_ = self.start(*self.told("4000", "4100", "4100"))
        self.held = self.start(fact("m1", words="9999"), name="two.txt")
        self.assertEqual((self.run_.state, self.held.state), ("done", "held"))

    def candidate(self, **changes):
        """Lines that change, by source; a proposal in review."""
        for source, target in changes.pop("lines", {}).items():
            line = self.crosswalk.line_ids.filtered(lambda one, source=source: one.source == source)
            self.crosswalk.line_ids = [
                Command.update(line.id, {"target": target})
                if line
                else Command.create({"source": source, "target": target})
            ]
        return self.propose(self.flow)

    def preview(self, version, by="operator", runs=None):
        return self.by(by, version)._preview(runs)

    def counts(self):
        """Rows of every table of the suite, and how far its numbers have come."""
        self.env.flush_all()
        tables = [
            model._table
            for name, model in self.env.items()
            if name.startswith("fin.") and model._auto and not model._abstract
        ]
        tables += ["mail_message", "mail_activity", "account_move", "account_bank_statement_line"]
        rows = {table: self.sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
        sequences = self.env["ir.sequence"].search([("code", "=like", "fin.%")])
        return rows | {one.code: one.number_next_actual for one in sequences}

    def test_items_that_would_map_elsewhere_or_be_accepted_are_told_with_their_totals(self):
        version = self.candidate(lines={"4100": "C", "9999": "Z"})
        told = self.preview(version)
        self.assertEqual(told["counts"], {"elsewhere": 2, "newly_accepted": 1})
        self.assertEqual(
            {(one["account"], str(one["before"]), str(one["after"])) for one in told["totals"]},
            {("B", "20", "0"), ("C", "0", "20"), ("Z", "0", "10")},
        )
        self.assertEqual((told["version"], told["compared"]), (version.digest, self.version.digest))
        self.assertIn(self.run_.name, told["runs"])

    def test_what_would_be_refused_is_told_and_that_the_load_would_be_held(self):
        self.crosswalk.line_ids.filtered(lambda line: line.source == "4000").unlink()
        told = self.preview(self.propose(self.flow), runs=self.run_)
        self.assertEqual(told["counts"], {"newly_refused": 1})
        self.assertEqual(told["changed"][0]["after"], "held: not_covered")
        self.assertIn("4000", told["uncovered"])

    def test_nothing_but_the_result_is_written_and_no_number_is_taken(self):
        # Closed, so that the dry run has to raise it anew and would take a number for it.
        self.held.exception_ids._close("resolve", "looked at")
        version = self.candidate(lines={"4100": "C", "8888": "Z"})
        before = self.counts()
        told = version._compared_with()._dry(self.run_ | self.held)
        self.assertEqual(len(told["fates"]), 4)
        self.assertEqual(self.counts(), before)
        self.preview(version)
        after = self.counts()
        different = {name: after[name] - before[name] for name in before if after[name] != before[name]}
        self.assertEqual(different, {"fin_document": 1, "fin_audit_event": 1})
        self.assertFalse(self.env["fin.run"].search([("name", "=", "PREVIEW")]))
        self.assertTrue(self.env["fin.binding"].search([("run_id", "=", self.run_.id)]).mapped("live"))
        self.assertTrue(all(self.env["fin.binding"].search([("run_id", "=", self.run_.id)]).mapped("live")))

    def test_no_outside_system_is_called(self):
        version = self.candidate(lines={"4100": "C"})
        calls = []
        for name in ("extract", "settle", "probe"):
            self.patch(ListSource, name, lambda self, *a, name=name: calls.append(name))
        self.preview(version)
        self.assertEqual(calls, [])

    def test_the_result_stands_on_the_version_and_its_digest_beside_the_approval(self):
        version = self.candidate(lines={"4100": "C"})
        self.preview(version, by="approver")
        self.assertIn("2 map elsewhere", version.preview_words)
        self.assertIn("20", str(version.preview_totals))
        self.by("approver", version)._approve()
        event = self.env["fin.audit.event"].search([("code", "=", "fin.approval.approve")], limit=1)
        self.assertEqual(json.loads(event.facts)["preview"], version.preview_document_id.digest)
        self.seal()
        self.assertTrue(version._is_approved())

    def test_a_configuration_that_would_stop_says_so(self):
        version = self.candidate(lines={"4100": "C"})
        kept = self.env["fin.document"].search([("digest", "=", self.crosswalk.digest)])
        self.without_triggers("fin_document")
        self.sql("UPDATE fin_document SET text = text || ' ' WHERE id = %s", kept.id)
        told = self.preview(version)
        self.assertIn("not kept unchanged", told["stopped"])
        self.assertIn("A run would stop", version.preview_words)

    def test_only_an_operator_or_an_approver_asks(self):
        version = self.candidate(lines={"4100": "C"})
        for group in ("viewer", "auditor", "support"):
            with self.assertRaises(UserError):
                self.preview(version, by=group)
        for group in ("operator", "approver"):
            self.preview(version, by=group)

    def test_runs_of_another_flow_are_refused(self):
        other = self.new_flow("other")
        self.approve(other)
        version = self.candidate(lines={"4100": "C"})
        run = self.start(fact("x"), flow=other, name="three.txt")
        with self.assertRaises(UserError):
            self.preview(version, runs=run)

    def test_a_change_request_previews_each_of_its_flows(self):
        self.crosswalk.line_ids[1].target = "C"
        change = self.say_why("operator", self.by("operator", self.crosswalk).action_propose())
        self.by("operator", change).action_preview()
        self.assertIn("map elsewhere", change.version_ids.preview_words)

    def test_through_the_dialog(self):
        version = self.candidate(lines={"4100": "C"})
        action = self.by("approver", version).action_preview()
        wizard = self.by("approver", "fin.version.preview").browse(action["res_id"])
        self.assertEqual(wizard.run_ids, self.run_ | self.held)
        wizard.run_ids = self.run_
        wizard.action_run()
        self.assertEqual(json.loads(version.preview_document_id.text)["runs"], [self.run_.name])
