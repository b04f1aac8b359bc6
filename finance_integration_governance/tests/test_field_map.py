import dataclasses
import datetime as dt
import json
from base64 import b64encode
from decimal import Decimal
from io import BytesIO
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import Canonical, Code, Currency
from odoo.addons.finance_integration_governance.core.csv_rows import CsvFiles
from odoo.addons.finance_integration_governance.core.dictionary import means

from .common import MODULE, LawScene

HEAD = "Nr;Betrag;S/H;Datum;Art"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Booked(Canonical):
    """Something that was booked elsewhere."""

    contract = "test.booked/1.0"
    number: Code = means("Its number.")
    amount: Decimal = means("What was booked.")
    currency: Currency = means("In which currency.")
    day: dt.date = means("When.")
    kind: Code | None = means("What kind it is.", None)

    key = property(lambda self: self.number)
    on = property(lambda self: self.day)
    scope = "here"


class ListedCsv(CsvFiles):
    """The kernel's CSV source; its files lie in `files`, its rows are those of the real one."""

    files = {}

    def extract(self, window):
        for name in self.files:
            yield Payload(name, lambda name=name: BytesIO(self.files[name].encode()), "text/csv")

    def settle(self, payload):
        """Nothing to tell."""


class MapScene(LawScene):
    """A flow that reads CSV files by a field map."""

    @classmethod
    def _patch(cls):
        super()._patch()
        known = cls.env["fin.connector"]._classes()
        known[ListedCsv.code] = (MODULE, ListedCsv)
        contracts, known_contracts = type(cls.env["fin.contract"]), cls.env["fin.contract"]._classes()
        # As an addon's list CONTRACTS names it: the source itself carries nothing.
        booked = {Booked.contract: (MODULE, Booked)}
        cls.classPatch(contracts, "_classes", lambda self: {**known_contracts, **booked})

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["fin.entity"]._refresh()
        cls.csv = cls.new_flow("csv")
        cls.csv.connection_id.write(
            {
                "connector_id": cls.env["fin.connector"].search([("code", "=", ListedCsv.code)]).id,
                "settings": {"location": "file:///nowhere", "declared": HEAD.replace(";", ",")},
            }
        )
        cls.map = cls.by("operator", "fin.field.map").create(
            {"flow_id": cls.csv.id, "contract_id": cls.contract().id, "line_ids": cls.lines()}
        )

    @classmethod
    def contract(cls):
        return cls.env["fin.contract"].search([("name", "=", Booked.contract)])

    @classmethod
    def lines(cls):
        told = [
            ("number", "Nr", "take", {}),
            ("amount", "Betrag", "number", {"decimal": ",", "thousands": "."}),
            ("amount", "", "sign", {"column": "S/H", "negative": "H", "positive": "S"}),
            ("currency", "", "constant", {"value": "USD"}),
            ("day", "Datum", "date", {"format": "DD.MM.YYYY"}),
            ("kind", "Art", "choice", {"cases": "U = transfer\nL = debit"}),
        ]
        return [cls.line(place, *one) for place, one in enumerate(told)]

    @classmethod
    def line(cls, place, target, source, transform, more):
        field = cls.env["fin.entity.field"].search([("entity_id.name", "=", "test.booked"), ("name", "=", target)])
        vals = {"sequence": place, "target_id": field.id, "source": source, "transform": transform}
        return Command.create({**vals, **more})

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        ListedCsv.files.clear()

    def tried(self, *rows):
        """The map is tried on a file with these rows; the wizard."""
        content = "\n".join((HEAD, *(rows or ("A1;1.234,50;H;31.03.2026;U",))))
        wizard = self.by("operator", "fin.field.map.try").create(
            {"map_id": self.map.id, "sample": b64encode(content.encode()), "sample_name": "sample.csv"}
        )
        wizard.action_try()
        return wizard

    def read(self, *rows, name="one.csv"):
        """A run that reads these rows on a version with the map."""
        if not self.csv.live_version_id:
            self.tried()
            self.approve(self.csv)
        ListedCsv.files[name] = "\n".join((HEAD, *rows))
        return self.start(flow=self.csv)

    def first(self, run):
        return run.item_ids.sorted("row")[:1]


@tagged("post_install", "-at_install")
class TestFieldMap(MapScene, TransactionCase):
    """Raw rows become canonical objects by the map of the approved version, and nothing else."""

    def test_rows_go_through_the_pipeline_to_records(self):
        run = self.read("A1;1.234,50;H;31.03.2026;U", "A2;7,00;S;31.03.2026;")
        self.assertEqual((run.state, run.received, run.delivered), ("done", 2, 2))
        content = '{"amount":"-1234.5","currency":"USD","day":"2026-03-31","kind":"transfer","number":"A1"}'
        self.assertEqual(self.first(run).content, content)
        lines = self.env["account.bank.statement.line"].search([("journal_id", "=", self.journal.id)])
        self.assertEqual(sorted(lines.mapped("amount")), [-1234.5, 7.0])

    def test_the_map_is_part_of_the_version(self):
        self.read("A1;1,00;H;31.03.2026;U")
        document = self.csv._document()
        self.assertEqual(document["contracts"], {Booked.contract: {}})
        amount = next(one for one in document["field_map"]["fields"] if one["to"] == "amount")
        self.assertEqual([step["do"] for step in amount["steps"]], ["number", "sign"])

    def test_law3_an_edited_map_changes_no_run(self):
        self.read("A1;1,00;H;31.03.2026;U")
        currency = self.map.line_ids.filtered(lambda line: line.transform == "constant")
        self.by("operator", currency).value = "EUR"
        self.assertTrue(self.csv.is_changed)
        ListedCsv.files.clear()
        run = self.read("A3;1,00;H;31.03.2026;U", name="two.csv")
        self.assertEqual(run.item_ids.mapped("currency"), ["USD"])

    def test_a_map_comes_back_from_its_document(self):
        before, lines = self.map._document(), self.map.line_ids
        self.csv._take_field_map(json.loads(canonical(before)), {})
        self.assertNotEqual(self.csv.field_map_ids.line_ids, lines)
        self.assertEqual(self.csv.field_map_ids._document(), before)

    def test_a_row_that_cannot_be_made_is_rejected_as_it_is(self):
        run = self.read("A1;no number;H;31.03.2026;U", "A2;7,00;S;31.03.2026;U")
        self.assertEqual((run.state, run.received, run.rejected, run.delivered), ("done", 2, 1, 1))
        item = self.first(run)
        self.assertEqual((item.contract, item.outcome, item.reason), ("raw.row/1.0", "rejected", "contract_violation"))
        self.assertIn("no number", item.content)
        self.assertNotIn("no number", item.exception_id.text + item.exception_id.facts)
        self.assertIn('"step":"number"', item.exception_id.facts)

    def test_what_is_refused_is_told_by_its_row_of_the_file(self):
        run = self.read(
            "A1;7,00;S;31.03.2026;U", "", '"A2\n";x;H;31.03.2026;U', "A3;7,00;S;31.03.2026;U", "A4;x;H;31.03.2026;U"
        )
        rejected = run.item_ids.filtered(lambda item: item.outcome == "rejected")
        self.assertEqual(rejected.mapped("row"), [2, 4])
        self.assertIn("in row 4 and 1 more of one.csv", rejected.exception_id.text)

    def test_a_file_is_read_on_where_more_of_its_rows_are_asked_for(self):
        run = self.read("A1;7,00;S;31.03.2026;U", "", "A2;7,00;S;31.03.2026;U", "A3;7,00;S;31.03.2026;U")
        with patch.object(ListedCsv, "lines", autospec=True, side_effect=CsvFiles.lines) as lines:
            told = [run._lines(run.payload_ids, rows) for rows in ([1], [3, 2], [2])]
        self.assertEqual(told, [[2], [5, 4], [4]])
        lines.assert_called_once()

    def test_a_raw_row_needs_nothing_that_an_object_finds_its_scope_by(self):
        self.patch(type(self.env["fin.object"]), "_scope", lambda self, run: lambda one: one.day.isoformat())
        run = self.read("A1;no number;H;31.03.2026;U", "A2;7,00;S;31.03.2026;U")
        self.assertEqual((run.state, run.rejected), ("done", 1))

    def test_a_file_with_other_columns_is_refused_as_a_whole(self):
        self.tried()
        self.approve(self.csv)
        ListedCsv.files["one.csv"] = "Nr;Betrag\n1;2"
        run = self.start(flow=self.csv)
        self.assertEqual(run.payload_ids.reading, "refused")
        self.assertFalse(run.item_ids)

    def test_a_map_that_was_never_tried_is_not_submitted(self):
        with self.assertRaisesRegex(UserError, "Try the field map"):
            self.propose(self.csv)

    def test_a_map_that_was_changed_after_its_trial_is_not_submitted(self):
        self.tried()
        self.map.line_ids.filtered(lambda line: line.transform == "constant").value = "EUR"
        with self.assertRaisesRegex(UserError, "Try the field map"):
            self.propose(self.csv)

    def test_a_flow_of_raw_rows_without_a_map_is_not_submitted(self):
        self.map.unlink()
        with self.assertRaisesRegex(UserError, "needs a field map"):
            self.propose(self.csv)

    def test_a_map_that_cannot_stand_is_not_submitted(self):
        self.map.line_ids.filtered(lambda line: line.source == "Nr").source = "Other"
        self.assertIn("no column Other", self.map.problem)
        with self.assertRaisesRegex(UserError, "no column Other"):
            self.propose(self.csv)

    def test_a_trial_shows_rows_and_errors_and_keeps_no_item(self):
        before = self.env["fin.item"].search_count([])
        wizard = self.tried("A1;1.234,50;H;31.03.2026;U", "A2;x;H;31.03.2026;U")
        self.assertIn("-1234.5", wizard.result)
        self.assertIn("number: number", wizard.result)
        trial = self.env["fin.field.map.trial"].search([("flow_id", "=", self.csv.id)])
        self.assertEqual((trial.rows, trial.broken, trial.user_id), (2, 1, self.people["operator"]))
        self.assertEqual(self.env["fin.item"].search_count([]), before)

    def test_a_stored_payload_can_be_tried(self):
        run = self.read("A1;1,00;H;31.03.2026;U")
        wizard = self.by("operator", "fin.field.map.try").create(
            {"map_id": self.map.id, "payload_id": run.payload_ids.id}
        )
        wizard.action_try()
        read = self.env["fin.audit.event"].search([("code", "=", "fin.payload.read")])
        self.assertIn(run.payload_ids.uid, read.mapped("subject_key"))

    def test_markup_in_a_file_is_shown_as_text(self):
        wizard = self.tried("<img src=x onerror=alert(1)>;1,00;H;31.03.2026;U")
        self.assertNotIn("<img", wizard.result)

    def test_a_trial_is_written_by_the_suite_only(self):
        vals = {"flow_id": self.csv.id, "company_id": self.company.id, "digest": self.map.digest, "rows": 1}
        with self.assertRaises(AccessError):
            self.by("administrator", "fin.field.map.trial").create({**vals, "payload_digest": "0" * 64, "broken": 0})

    def test_who_may_only_look_edits_and_tries_nothing(self):
        with self.assertRaises(AccessError):
            self.by("viewer", self.map).line_ids[0].source = "x"
        with self.assertRaises(AccessError):
            self.by("viewer", "fin.field.map.try").create({"map_id": self.map.id})
        self.assertTrue(self.by("viewer", self.map).digest)

    def test_the_story_of_an_item_names_column_and_step(self):
        item = self.first(self.read("A1;1.234,50;H;31.03.2026;U"))
        stories = {story.to: story for story in item._stories()}
        self.assertEqual(stories["amount"].source, {"Betrag": "1.234,50"})
        self.assertEqual([step.do for step in stories["amount"].steps], ["number", "sign"])
        self.assertEqual(stories["amount"].value, Decimal("-1234.5"))
        action = self.by("operator", item).action_story()
        shown = self.by("operator", "fin.item.story.show").browse(action["res_id"]).story
        self.assertIn("1.234,50", shown)
        with self.assertRaises(AccessError):  # who sees it masked does not get it by the story
            self.by("viewer", item).action_story()

    def test_the_story_of_a_rejected_row_names_what_failed(self):
        item = self.first(self.read("A1;x;H;31.03.2026;U"))
        self.assertEqual(next(s.rule for s in item._stories() if s.to == "amount"), "number: number")

    def test_an_item_of_another_kind_of_source_has_no_story(self):
        self.assertFalse(self.first(self.read("A1;x;H;31.03.2026;U")).binding_ids)
        with self.assertRaises(UserError):
            self.env["fin.item"].new({"run_id": self.env["fin.run"]}).action_story()


@tagged("post_install", "-at_install")
class TestFieldMapLookups(MapScene, TransactionCase):
    """Look-ups: in the crosswalk that the version pins, and among the records that the service user may read."""

    def with_crosswalk(self):
        lines = [{"source": source, "target": target} for source, target in (("A1", "4000"), ("A2", "5000"))]
        crosswalk = self.by("operator", "fin.crosswalk").create(
            {
                "name": "Numbers",
                "code": "numbers",
                "kind": "transaction",
                "direction": "inbound",
                "system": "Books",
                "company_id": self.company.id,
                "line_ids": [Command.create(line) for line in lines],
            }
        )
        self.by("operator", self.csv).crosswalk_ids = crosswalk
        number = self.map.line_ids.filtered(lambda line: line.source == "Nr")
        number.write({"transform": "crosswalk", "crosswalk_id": crosswalk.id})
        self.tried("A1;1,00;H;31.03.2026;U")
        self.approve(self.csv)
        return crosswalk.digest

    def test_the_story_names_the_line_of_the_pinned_crosswalk(self):
        digest = self.with_crosswalk()
        item = self.first(self.read("A2;1,00;H;31.03.2026;U"))
        self.assertEqual(item.key, "5000")
        [step] = next(story.steps for story in item._stories() if story.to == "number")
        self.assertEqual((step.value, step.line, step.digest), ("5000", 2, digest))

    def test_a_code_that_the_crosswalk_does_not_know_is_rejected(self):
        self.with_crosswalk()
        item = self.first(self.read("A9;1,00;H;31.03.2026;U"))
        self.assertEqual(item.outcome, "rejected")
        self.assertIn("lookup: gap", item.exception_id.facts)

    def test_law8_a_code_that_the_map_cannot_look_up_holds_the_load(self):
        self.with_crosswalk()
        run = self.read("A1;1,00;H;31.03.2026;U", "A9;1,00;H;31.03.2026;U")
        self.assertEqual((run.state, run.item_ids.sorted("row").mapped("outcome")), ("held", ["open", "rejected"]))
        answer = run.answer_ids.filtered(lambda a: a.gate == "Coverage")
        self.assertIn("lookup: gap", answer.reason)
        run.exception_ids._close("resolve", "that row is not ours")
        self.by("operator", run).action_release()
        self.advance(run)
        self.assertEqual((run.state, run.item_ids.sorted("row").mapped("outcome")), ("done", ["delivered", "rejected"]))

    def test_law3_a_crosswalk_changed_in_the_table_makes_nothing(self):
        digest = self.with_crosswalk()
        self.without_triggers("fin_document")
        self.sql("UPDATE fin_document SET text = replace(text, '5000', '6000') WHERE digest = %s", digest)
        run = self.read("A2;1,00;H;31.03.2026;U")
        self.assertEqual((run.state, bool(run.item_ids)), ("failed", False))

    def test_a_crosswalk_that_the_flow_does_not_use_is_named(self):
        self.with_crosswalk()
        self.by("operator", self.csv).crosswalk_ids = False
        self.assertIn("numbers", self.map.problem)

    def test_a_record_is_looked_up_with_the_rights_of_the_service_user(self):
        number = self.map.line_ids.filtered(lambda line: line.source == "Nr")
        number.write({"transform": "record", "record": "journal"})
        self.tried("LAW;1,00;H;31.03.2026;U")
        self.approve(self.csv)
        run = self.read("LAW;1,00;H;31.03.2026;U", "NONE;1,00;H;31.03.2026;U")
        self.assertEqual(run.item_ids.sorted("row").mapped("outcome"), ["delivered", "rejected"])
