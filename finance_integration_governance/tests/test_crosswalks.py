import base64
import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.canonical import digest

from .crosswalk_common import CrosswalkCase


@tagged("post_install", "-at_install")
class TestCrosswalk(CrosswalkCase):
    """The working copy, what versions pin of it, and files."""

    def lines(self, *lines):
        return {"line_ids": [Command.create(dict(zip(("source", "target"), line, strict=True))) for line in lines]}

    # What versions pin

    def test_a_flow_without_crosswalks_keeps_its_document(self):
        flow = self.new_flow("bare")
        before = flow._written()
        self.assertNotIn("crosswalks", flow._compose())
        flow.crosswalk_ids = self.crosswalk
        flow.crosswalk_ids = False
        self.assertEqual(flow._written(), before)

    def test_a_version_pins_the_lines_by_digest_and_keeps_them(self):
        pinned = self.version._read_document()["crosswalks"]["codes"]
        self.assertEqual(pinned["digest"], self.crosswalk.digest)
        kept = self.env["fin.document"].search([("digest", "=", pinned["digest"])])
        self.assertEqual((kept.kind, digest(kept.text)), ("crosswalk", kept.digest))
        self.assertEqual(len(self.version._crosswalks()["codes"].lines), 2)

    def test_its_history_is_the_versions_that_changed_it(self):
        first = self.flow.live_version_id
        self.flow.purpose = "Something else"
        self.approve(self.flow)
        self.add(("4200", "C"))
        last = self.approve(self.flow)
        told = self.by("viewer", self.crosswalk).action_open_history()
        found = self.by("viewer", told["res_model"]).search(told["domain"])
        self.assertEqual(found.sorted("id").ids, [first.id, last.id])

    def test_law3_the_working_copy_changes_no_version(self):
        self.add(("4200", "C"))
        self.assertEqual(len(self.version._crosswalks()["codes"].lines), 2)
        self.assertTrue(self.crosswalk.is_changed)
        self.assertTrue(self.flow.is_changed)

    def test_one_change_request_has_a_version_of_every_flow_that_uses_it(self):
        other = self.new_flow("second", crosswalk_ids=[Command.set(self.crosswalk.ids)])
        self.approve(other)
        self.add(("4200", "C"))
        change = self.say_why("operator", self.by("operator", self.crosswalk).action_propose())
        self.assertEqual(change.version_ids.flow_id, self.flow | other)
        self.assertEqual({v._crosswalks()["codes"].digest for v in change.version_ids}, {self.crosswalk.digest})
        self.assertIn("4200", str(change.version_ids[0].crosswalk_table))

    def test_a_crosswalk_that_is_not_kept_unchanged_is_not_used(self):
        kept = self.env["fin.document"].search([("digest", "=", self.crosswalk.digest)])
        self.without_triggers("fin_document")
        text = kept.text.replace('"target":"A"', '"target":"X"')
        self.sql("UPDATE fin_document SET text = %s WHERE id = %s", text, kept.id)
        with self.enter_registry_test_mode():
            run = self.start(*self.told("4000"))
        self.assertRefused(run, "no_crosswalk")

    # What may stand

    def test_the_same_source_twice_on_one_day_is_refused_by_every_door(self):
        with self.assertRaises(ValidationError):
            self.add(("4000", "Z"))
        with self.assertRaises(ValidationError):
            self.crosswalk.line_ids[1].source = "4000"
        with self.assertRaises(ValidationError):
            self.new_crosswalk("twice", ("1", "A"), ("1", "B"))
        result = self.env["fin.crosswalk.line"].load(
            ["crosswalk_id/.id", "source", "target"],
            [[str(self.crosswalk.id), "5000", "Z"], [str(self.crosswalk.id), "4000", "Z"]],
        )
        self.assertFalse(result["ids"])
        self.env.invalidate_all()
        self.assertEqual(len(self.crosswalk.line_ids), 2)
        # A client may send any context.
        key = {"fin_crosswalk_checked_later": True}
        with self.assertRaises(ValidationError):
            self.env["fin.crosswalk.line"].with_context(**key).create(
                {"crosswalk_id": self.crosswalk.id, "source": "4000", "target": "Z"}
            )

    def test_two_lines_may_change_places_in_one_save(self):
        one, other = self.crosswalk.line_ids
        self.crosswalk.write(
            {
                "line_ids": [
                    Command.update(one.id, {"source": other.source}),
                    Command.update(other.id, {"source": one.source}),
                ]
            }
        )
        self.assertEqual(self.texts(), [("exact", "4000", "B"), ("exact", "4100", "A")])

    def test_a_flow_takes_one_crosswalk_of_a_kind_of_its_company_and_direction(self):
        for vals in ({}, {"direction": "outbound", "kind": "project"}, {"active": False, "kind": "project"}):
            other = self.new_crosswalk("other", ("1", "A"), **vals)
            with self.assertRaises(ValidationError):
                self.flow.crosswalk_ids |= other
            self.flow.crosswalk_ids = self.crosswalk
            other.unlink()

    def test_a_crosswalk_in_use_is_neither_deleted_nor_archived(self):
        with self.assertRaises(UserError):
            self.crosswalk.unlink()
        with self.assertRaises(ValidationError):
            self.crosswalk.active = False

    # Files

    def replace(self, content, by="operator"):
        wizard = self.by(by, "fin.crosswalk.import").create(
            {"crosswalk_id": self.crosswalk.id, "file": base64.b64encode(content)}
        )
        return wizard.action_import()

    def test_a_bad_file_is_refused_whole_and_nothing_is_imported(self):
        before, events = self.texts(), self.env["fin.audit.event"].search_count([("code", "=", "fin.crosswalk.import")])
        bad = {
            b"source,target\n5000,C\n5000,D\n": "line 3: 5000 stands in line 2 already",
            b"source,target,valid_to\n1,C,2026-06-30\n1,D,\n": "line 3: 1 stands in line 2 already",
            b"kind,source,until,target\nrange,10,20,A\nrange,15,30,B\n": "line 3: the range overlaps the one in line 2",
            b"source,target\n5000,C\n,D\n": "line 3: there is no source",
        }
        for content, words in bad.items():
            with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
                self.replace(content)
            self.assertEqual(self.texts(), before)
        self.assertEqual(self.env["fin.audit.event"].search_count([("code", "=", "fin.crosswalk.import")]), events)

    def test_a_file_replaces_all_lines_and_what_stays_the_same_stays(self):
        kept = self.crosswalk.line_ids.filtered(lambda line: line.source == "4000")
        self.replace("source;target;label\n4000;A;\n5*;=C;Größe\n".replace("5*", "5000").encode())
        self.assertEqual(self.texts(), [("exact", "4000", "A"), ("exact", "5000", "=C")])
        self.assertIn(kept, self.crosswalk.line_ids)
        event = self.env["fin.audit.event"].search([("code", "=", "fin.crosswalk.import")], limit=1)
        self.assertEqual(json.loads(event.facts)["digest"], self.crosswalk.digest)

    # Who may

    def test_an_operator_edits_and_others_read(self):
        self.by("operator", self.crosswalk).line_ids[0].target = "AA"
        for group in ("viewer", "approver", "auditor"):
            self.assertEqual(len(self.by(group, self.crosswalk).line_ids), 2)
            with self.assertRaises(AccessError):
                self.by(group, self.crosswalk).line_ids[0].target = "BB"
            with self.assertRaises(AccessError):
                self.by(group, self.crosswalk).write({"name": "x"})
            with self.assertRaises(AccessError):
                self.replace(b"source,target\n1,A\n", by=group)
        with self.assertRaises(AccessError):
            self.by("support", self.crosswalk).read(["name"])

    def test_s11_another_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.new_crosswalk("theirs", ("1", "A"), company=other)
        found = self.by("operator", "fin.crosswalk").search([])
        self.assertNotIn(theirs, found)
        with self.assertRaises(AccessError):
            self.by("operator", theirs.line_ids).read(["target"])

    def test_s09_the_document_of_a_crosswalk_is_written_by_nobody(self):
        with self.assertRaises(AccessError):
            self.by("administrator", "fin.document").create({"kind": "crosswalk", "digest": "0" * 64, "text": "{}"})


@tagged("post_install", "-at_install")
class TestCoverage(CrosswalkCase):
    """The proof before each load, and what a gap does."""

    def load(self, *codes):
        with self.enter_registry_test_mode():
            return self.start(*self.told(*codes))

    def test_every_value_says_which_line_of_which_crosswalk_gave_it(self):
        run = self.load("4000", "4100")
        self.assertEqual(run.state, "done")
        told = [json.loads(item.mapped_values) for item in run.item_ids.sorted("id")]
        self.assertEqual([one["words"] for one in told], ["A", "B"])
        self.assertEqual(
            told[1]["crosswalk"]["words"],
            {"crosswalk": "codes", "digest": self.crosswalk.digest, "line": 2, "from": "4100", "value": "B"},
        )
        self.assertIn("4100", str(run.item_ids.sorted("id")[1].crosswalk_table))
        # What arrived stays as it came.
        self.assertIn('"words":"4100"', run.item_ids.sorted("id")[1].content)

    def test_law8_one_gap_holds_the_whole_load_and_is_listed(self):
        run = self.load("4000", "9999", "9999", "8888")
        self.assertEqual((run.state, run.stage), ("held", "gate"))
        self.assertFalse(self.env["fin.binding"].search([("run_id", "=", run.id)]))
        exception = run.exception_ids
        self.assertEqual((exception.code, exception.is_gap, exception.state), ("not_covered", True, "open"))
        self.assertIn("9999", exception.text)
        self.assertTrue(exception.user_id)
        self.assertIn("2 ×", str(exception.message_ids.mapped("body")))
        answer = run.answer_ids.filtered(lambda a: a.gate == "Coverage")
        self.assertEqual((answer.answer, answer.count), ("hold", 4))
        event = self.env["fin.audit.event"].search([("code", "=", "fin.run.coverage")], limit=1)
        facts = json.loads(event.facts)
        self.assertEqual((facts["values"], facts["mapped"], facts["gaps"]), (3, 1, 2))
        self.assertEqual(facts["digest"], self.crosswalk.digest)
        self.assertEqual(facts["uncovered"][1]["amounts"], {"USD": "20"})

    def test_after_an_approved_line_the_load_goes_on(self):
        with self.enter_registry_test_mode():
            run = self.start(*self.told("4000", "9999"))
            self.assertEqual(run.state, "held")
            # The working copy alone changes nothing.
            self.add(("9999", "Z"))
            self.by("operator", run).action_release()
            self.advance(run)
            self.assertEqual(run.state, "held")
            self.approve(self.flow)
            self.by("operator", run).action_release()
            self.advance(run)
        self.assertEqual((run.state, run.delivered), ("done", 2))
        self.assertEqual(run.exception_ids.mapped("state"), ["resolved"])
        told = json.loads(run.item_ids.sorted("id")[1].mapped_values)
        self.assertEqual(told["crosswalk"]["words"]["digest"], self.crosswalk.digest)
        self.assertEqual([a.answer for a in run.answer_ids if a.gate == "Coverage"], ["hold", "hold", "proceed"])

    def test_an_item_is_mapped_again_from_what_came(self):
        with self.enter_registry_test_mode():
            run = self.start(*self.told("4000", "9999"))
            self.add(("9999", "4000"), ("A", "wrong"))
            self.approve(self.flow)
            self.by("operator", run).action_release()
            self.advance(run)
        self.assertEqual([json.loads(item.mapped_values)["words"] for item in run.item_ids.sorted("id")], ["A", "4000"])

    def test_a_gap_is_one_cause_however_many_codes_are_missing(self):
        run = self.load(*(f"X{n}" for n in range(150)))
        self.assertEqual((run.state, len(run.exception_ids)), ("held", 1))

    def test_what_only_the_default_knows_is_flagged(self):
        self.crosswalk.line_ids = [Command.create({"kind": "default", "target": "REST"})]
        self.approve(self.flow)
        run = self.load("4000", "9999")
        self.assertEqual(run.state, "done")
        told = json.loads(run.item_ids.sorted("id")[1].mapped_values)
        self.assertEqual((told["words"], told["crosswalk"]["words"]["flagged"]), ("REST", True))
        event = self.env["fin.audit.event"].search([("code", "=", "fin.run.coverage")], limit=1)
        self.assertEqual(json.loads(event.facts)["flagged"], 1)

    def test_an_ambiguous_code_holds_like_a_gap(self):
        self.crosswalk.line_ids = [
            Command.create({"kind": "wildcard", "source": "77*", "target": "A"}),
            Command.create({"kind": "wildcard", "source": "*88", "target": "B"}),
        ]
        self.approve(self.flow)
        run = self.load("7788")
        self.assertEqual(run.state, "held")
        self.assertIn("1 map more than once", run.exception_ids.text)

    def test_without_a_crosswalk_nothing_is_asked(self):
        self.flow.crosswalk_ids = False
        self.approve(self.flow)
        run = self.load("9999")
        self.assertEqual(run.state, "done")
        self.assertFalse(run.answer_ids.filtered(lambda a: a.gate == "Coverage"))
        self.assertNotIn("crosswalk", json.loads(run.item_ids.mapped_values))

    # By a button

    def test_the_proof_is_asked_any_time_and_proposals_wait_for_a_yes(self):
        self.add(("4200", "C"))
        self.approve(self.flow)
        self.load("4000", "4101", "9999")
        before = self.texts()
        action = self.by("operator", self.crosswalk).action_prove()
        wizard = self.by("operator", "fin.crosswalk.coverage").browse(action["res_id"])
        self.assertFalse(wizard.is_whole)
        gaps = {gap.code: gap for gap in wizard.gap_ids}
        self.assertEqual(set(gaps), {"4101", "9999"})
        self.assertTrue(gaps["4101"].target)
        self.assertFalse(gaps["9999"].target)
        wizard.action_add()
        self.assertEqual(self.texts(), before)
        gaps["4101"].is_taken = True
        wizard.action_add()
        self.assertEqual(len(self.texts()), len(before) + 1)
        self.assertTrue(self.crosswalk.is_changed)

    def test_a_viewer_asks_for_the_proof_and_adds_nothing(self):
        self.load("4101")
        action = self.by("viewer", self.crosswalk).action_prove()
        wizard = self.by("viewer", "fin.crosswalk.coverage").browse(action["res_id"])
        self.assertEqual(wizard.gap_ids.code, "4101")
        with self.assertRaises(AccessError):
            wizard.gap_ids.write({"is_taken": True, "target": "Z"})
        wizard.sudo().gap_ids.write({"is_taken": True, "target": "Z"})
        with self.assertRaises(AccessError):
            wizard.action_add()


@tagged("post_install", "-at_install")
class TestUncovered(CrosswalkCase):
    """An account that active flows do not cover is told when it is made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The list carries nothing out; what the version says of the direction is what counts here.
        cls.flow.crosswalk_ids = False
        cls.outbound = cls.new_crosswalk("out", {"kind": "wildcard", "source": "70*", "target": "REV"})
        cls.flow.crosswalk_ids = cls.outbound
        cls.approve(cls.flow)
        cls.outbound.direction = "outbound"

    def account(self, code, name="New account"):
        return self.env["account.account"].create({"code": code, "name": name, "account_type": "income"})

    def told(self):
        return self.env["fin.exception"].search([("flow_id", "=", self.flow.id), ("code", "=", "not_covered_yet")])

    def test_a_new_account_without_a_line_tells_the_steward(self):
        self.account("700123")
        self.assertFalse(self.told())
        self.account("799999", "Sundry")
        self.assertEqual(len(self.told()), 1)
        self.assertIn("799999 Sundry", self.told().text)
        self.assertEqual(self.told().activity_ids.user_id, self.told().user_id)
        self.account("799998")
        self.assertEqual(len(self.told()), 1)
        self.assertIn("799998", str(self.told().message_ids.mapped("body")))

    def test_an_account_that_gets_another_code_is_looked_at_again(self):
        account = self.account("700123")
        account.code = "799123"
        self.assertIn("799123", self.told().text)

    def test_an_ordinary_accountant_may_make_accounts_all_the_same(self):
        accountant = self.person("viewer", "accountant")
        accountant.group_ids |= self.env.ref("account.group_account_manager")
        self.env["account.account"].with_user(accountant).create(
            {"code": "799997", "name": "Theirs", "account_type": "income"}
        )
        self.assertEqual(len(self.told()), 1)

    def test_the_version_decides_and_not_the_working_copy(self):
        self.outbound.line_ids = [Command.create({"kind": "wildcard", "source": "79*", "target": "X"})]
        self.account("799999")
        self.assertEqual(len(self.told()), 1)

    def queries(self, code):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.account(code)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_with_no_crosswalk_out_of_odoo_making_an_account_asks_nothing(self):
        self.outbound.direction = "inbound"
        self.account("700001")
        self.queries("700002")
        ours = self.queries("700003")
        self.classPatch(type(self.env["account.account"]), "_fin_warn", lambda self: None)
        self.assertEqual(ours, self.queries("700004"))

    def test_taxes_are_watched_too(self):
        taxes = self.new_crosswalk("taxes", ("Known", "T1"), kind="tax_code")
        self.flow.crosswalk_ids = taxes
        self.approve(self.flow)
        taxes.direction = "outbound"
        self.env["account.tax"].create({"name": "Unheard of", "amount": 3})
        self.assertIn("Unheard of", self.told().text)
