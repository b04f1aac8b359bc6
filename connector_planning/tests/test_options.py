"""What a flow of planning may be told: declared as the code reads it, refused where it means nothing, approved."""

import inspect
from pathlib import Path

from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.testing.options_read import options_read
from odoo.addons.finance_integration_governance.tests.wire import OverTheWire

from ..core.cell import GRAINS
from ..core.member import KINDS
from ..models.dataset.fin_dataset import KINDS as DATASETS
from ..models.fin_object_cell import DIMENSIONS, MEASURES, RATES
from .common import PlanningCase

MODELS = Path(__file__).parents[1] / "models"
WORDS = {
    "fin.object.cell": {"period": GRAINS, "dimensions": DIMENSIONS, "measures": MEASURES, "group.rate": RATES},
    "fin.object.dataset": {"datasets": dict(DATASETS)},
    "fin.object.dimension": {"kinds": KINDS},
    "fin.object.rate": {"days": ("target",)},
}


class Wire(OverTheWire, HttpCase):
    """The calls of a client alone, without the scene that usually goes with them."""


@tagged("post_install", "-at_install")
class TestDeclared(TransactionCase):
    """No option is read that nobody can set, and none can be set that nobody reads."""

    def declared(self, business):
        known = business._known_options(self.env.company)
        return {one.name: one for one in known if not one.name.startswith("limits.")}

    def objects(self):
        """Object -> the files of this addon that its class is made of."""
        for name, _label in self.env["fin.flow"]._selection_object():
            files = {Path(inspect.getfile(cls)) for cls in type(self.env[name]).mro() if cls.__module__ != "builtins"}
            ours = {file for file in files if file.is_relative_to(MODELS)}
            if ours:
                yield self.env[name], ours

    def test_the_options_that_are_declared_are_those_that_the_code_reads(self):
        declared = {name for business, _files in self.objects() for name in self.declared(business)}
        self.assertEqual(declared, options_read(MODELS))

    def test_an_object_declares_whatever_its_own_code_reads(self):
        for business, files in self.objects():
            with self.subTest(business._name):
                self.assertLessEqual(options_read(*files), set(self.declared(business)))

    def test_the_words_that_are_offered_are_those_that_the_code_knows(self):
        for name, options in WORDS.items():
            known = self.declared(self.env[name])
            for option, words in options.items():
                with self.subTest(name, option=option):
                    self.assertEqual((set(known[option].words), known[option].is_open), (set(words), False))

    def test_every_option_is_asked_for_by_a_label_of_its_own(self):
        for business, _files in self.objects():
            labels = [one.label for one in business._known_options(self.env.company)]
            self.assertEqual(len(labels), len(set(labels)), business._name)


@tagged("post_install", "-at_install")
class TestOptions(PlanningCase):
    """A flow's options, from the screen to its version."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.cells = self.flow(object="fin.object.cell", options={"dimensions": ["partner"]})

    def test_what_means_nothing_is_refused_where_it_is_written(self):
        wrong = {
            "partners": {"dimensions": ["partners"]},
            "quarter": {"period": "quarter"},
            "best": {"group": {"currency": "EUR", "rate": "best"}},
            "need both": {"group": {"currency": "EUR"}},
            "2026-13": {"period_from": "2026-13"},
            "yes": {"delta": "yes"},
            "no option dimension": {"dimension": ["partner"]},
            "no option group.age": {"group": {"currency": "EUR", "rate": "closing", "age": 1}},
            "values by their names": ["partner"],
        }
        for words, told in wrong.items():
            with self.subTest(told), self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                self.cells.options = told

    def test_options_of_another_object_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "Actuals by Account and Month has no option dimensions"):
            self.cells.write({"object": "fin.object.actual", "options": {"dimensions": ["partner"]}})

    def test_another_object_keeps_what_it_knows_too(self):
        self.cells.options = {"dimensions": ["partner"], "period_from": "2026-01"}
        self.cells.object = "fin.object.actual"
        self.assertEqual(self.cells.options, {"period_from": "2026-01"})

    def test_a_run_reads_the_approved_options_and_not_the_edited_ones(self):
        self.cells.options = {"dimensions": ["tax"]}
        self.assertEqual(self.cells._document()["options"], {"dimensions": ["partner"]})
        self.assertTrue(self.cells.is_changed)
        self.approve(self.cells)
        self.assertEqual(self.cells._document()["options"], {"dimensions": ["tax"]})

    def test_the_names_of_records_are_offered(self):
        self.env["account.analytic.plan"].create({"name": "Projects"})
        offered = {one["name"]: one["words"] for one in self.cells.option_fields}
        self.assertIn("Projects", offered["plans"])
        self.assertIn("PLAN", offered["journals"])

    def test_the_form_asks_for_options_and_the_wizard_too(self):
        for model in ("fin.flow", "fin.flow.new"):
            arch = self.env[model].with_user(self.operator).get_view(view_type="form")["arch"]
            self.assertIn('widget="fin_options"', arch)


@tagged("post_install", "-at_install")
class TestOptionsOverTheWire(PlanningCase, HttpCase):
    """As an operator's web client sends them."""

    call, words = Wire.call, Wire.words

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.person("clerk", "group_operator")
        self.person("reader", "group_viewer")
        self.authenticate("planning-clerk", "planning-clerk")
        self.target = self.flow(object="fin.object.cell").connection_id

    def new(self, call=None, **vals):
        told = {
            "name": "Cells to planning",
            "purpose": "The forecast is made of them",
            "connection_id": self.target.id,
            "company_id": self.company.id,
            "object": "fin.object.cell",
            "owner_id": self.operator.id,
            "deputy_id": self.approver.id,
            **vals,
        }
        return (call or self.call)("fin.flow.new", "create", [told])

    def test_an_operator_makes_a_flow_with_dimensions_and_its_version_has_them(self):
        told = {"dimensions": ["partner", "tax"], "period": "fiscal", "group": {"currency": "EUR", "rate": "closing"}}
        made = self.call("fin.flow.new", "action_create", self.new(options=told))
        flow = self.env["fin.flow"].browse(made["res_id"])
        [version] = flow.version_ids
        self.assertEqual((flow.options, version.state), (told, "review"))
        self.assertEqual(version._read_document()["options"], told)

    def test_a_word_that_means_nothing_is_refused_in_words_that_name_what_would(self):
        flow = self.env["fin.flow"].search([("code", "=", "actuals-test")])
        with self.subTest("the dialog"):
            self.assertIn("day, week, month, fiscal", self.new(self.words, options={"period": "year"}))
        with self.subTest("the flow"):
            told = self.words("fin.flow", "write", flow.ids, {"options": {"period_until": "soon"}})
            self.assertIn("Until period (period_until) takes a month such as 2026-03: soon means nothing here.", told)
            self.assertFalse(flow.options)

    def test_nobody_is_offered_the_names_of_a_company_that_is_not_theirs(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere Inc", "vat": "BE0403019261"})
        self.env["account.journal"].create(
            {"name": "Secret deal", "code": "DEAL", "type": "general", "company_id": elsewhere.id}
        )
        asked = (["object"], {"object": {}, "company_id": {}, "option_fields": {}})
        mine, other = ({"object": "fin.object.cell", "company_id": one.id} for one in (self.company, elsewhere))
        answer = self.call("fin.flow.new", "onchange", [], mine, *asked)
        offered = {one["name"]: one["words"] for one in answer["value"]["option_fields"]}["journals"]
        self.assertEqual(("PLAN" in offered, "DEAL" in offered), (True, False))
        self.assertNotIn("DEAL", self.words("fin.flow.new", "onchange", [], other, *asked))

    def test_who_only_looks_sets_no_option(self):
        flow = self.env["fin.flow"].search([("code", "=", "actuals-test")])
        self.authenticate("planning-reader", "planning-reader")
        self.words("fin.flow", "write", flow.ids, {"options": {"delta": True}})
        self.assertFalse(flow.options)
