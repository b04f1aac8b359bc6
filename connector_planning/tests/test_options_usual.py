"""What a company calls usual for planning: saved by Odoo's administrator, copied into new flows, and not read later."""

from odoo.exceptions import ValidationError
from odoo.tests import Form, HttpCase, tagged

from odoo.addons.finance_integration_governance.tests.wire import OverTheWire

from ..models.options.res_company_planning import USUAL
from .common import PlanningCase


class Wire(OverTheWire, HttpCase):
    """The calls of a client alone, without the scene that usually goes with them."""


@tagged("post_install", "-at_install")
class TestUsual(PlanningCase, HttpCase):
    """In the Settings, in the dialog of a new flow, and in flows that are there."""

    call, words = Wire.call, Wire.words
    USUAL = {"period": "fiscal", "dimensions": ["partner"], "only_closed": True}

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.target = self.flow().connection_id
        self.admin = self.env["res.users"].create(
            {
                "name": "Settings",
                "login": "planning-settings",
                "password": "planning-settings",
                "company_id": self.company.id,
                "company_ids": self.company.ids,
                "group_ids": [(6, 0, [self.env.ref("base.group_user").id, self.env.ref("base.group_system").id])],
            }
        )
        self.authenticate("planning-settings", "planning-settings")

    def save(self, **vals):
        settings = self.call("res.config.settings", "create", [{"company_id": self.company.id, **vals}])
        return self.call("res.config.settings", "execute", settings)

    def made(self, **vals):
        told = {"name": "New", "code": "new", "company_id": self.company.id, "connection_id": self.target.id}
        return self.env["fin.flow"].with_user(self.operator).create({**told, "object": "fin.object.cell", **vals})

    def test_odoos_administrator_saves_what_is_usual_and_a_new_flow_begins_with_it(self):
        self.save(fin_planning_options=self.USUAL, fin_planning_connection_id=self.target.id)
        self.assertEqual(self.made().options, self.USUAL)
        self.assertEqual(self.made(code="actual", object="fin.object.actual").options, {"only_closed": True})
        self.assertEqual(self.made(code="own", options={"period": "day"}).options, {"period": "day"})
        self.assertFalse(self.made(code="members", object="fin.object.dimension").options)

    def test_the_dialog_of_a_new_flow_begins_with_it_and_with_the_usual_target(self):
        self.save(fin_planning_options=self.USUAL, fin_planning_connection_id=self.target.id)
        new = self.env["fin.flow.new"].with_user(self.operator).with_company(self.company)
        with Form(new) as form:
            form.name, form.purpose = "New", "To be made"
            form.object = "fin.object.cell"
            self.assertEqual((form.connection_id, form.options), (self.target, self.USUAL))
            form.owner_id, form.deputy_id = self.operator, self.approver

    def test_a_flow_that_is_there_keeps_its_copy(self):
        flow = self.env["fin.flow"].search([("code", "=", "actuals-test")])
        self.save(fin_planning_options=self.USUAL)
        self.assertEqual((flow.options, flow.is_changed), (False, False))
        self.assertEqual(flow._written()[1], flow.live_version_id.digest)

    def test_what_means_nothing_is_no_default(self):
        for words, told in {"partners": {"dimensions": ["partners"]}, "matter of each flow": {"delta": True}}.items():
            with self.subTest(told):
                answer = self.words("res.config.settings", "create", [{"fin_planning_options": told}])
                self.assertIn(words, answer)

    def test_only_a_way_out_of_the_company_is_a_target(self):
        other = self.env["res.company"].create({"name": "Elsewhere Inc", "vat": "BE0403019261"})
        with self.assertRaisesRegex(ValidationError, "does not lead out of Elsewhere"):
            other.fin_planning_connection_id = self.target

    def test_who_is_no_administrator_saves_nothing(self):
        self.authenticate(self.operator.login, self.operator.login)
        self.words("res.config.settings", "create", [{"fin_planning_options": self.USUAL}])
        self.words("res.company", "write", self.company.ids, {"fin_planning_options": self.USUAL})
        self.assertFalse(self.company.fin_planning_options)

    def test_the_settings_ask_for_what_is_usual_and_show_the_fiscal_year(self):
        settings = self.env["res.config.settings"].with_user(self.admin).with_company(self.company).create({})
        self.assertEqual({one["name"] for one in settings.fin_planning_option_fields}, set(USUAL))
        self.assertEqual(settings.fin_planning_year_ends, "31 December")
        self.assertIn('name="fin_planning_options"', settings.get_view(view_type="form")["arch"])
