import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time, tagged

from .common import LawScene, fact


@tagged("post_install", "-at_install")
class TestRegister(LawScene, TransactionCase):
    """What a flow says of itself, and what follows from it."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def run_of(self, flow=None):
        return self.by("operator", flow or self.flow)._request_run("hand").with_user(self.env.user)

    def raised(self, code, flow=None):
        flow = flow or self.flow
        return self.env["fin.exception"].search([("flow_id", "=", flow.id), ("code", "=", code)])

    def system(self, country="us", **vals):
        return self.env["fin.system"].create(
            {"name": "Elsewhere", "code": "elsewhere", "country_id": self.env.ref(f"base.{country}").id, **vals}
        )

    def bound_class(self):
        europe = self.env.ref("base.europe")
        return self.env["fin.data.class"].create(
            {"name": "Stays here", "code": "stays-here", "region_ids": [Command.set(europe.ids)]}
        )

    # The document

    def test_the_register_is_part_of_the_version(self):
        self.flow.write({"criticality": "high", "process": "treasury", "runbook": "Call the bank."})
        version = self.approve(self.flow)
        register = version._read_document()["register"]
        self.assertEqual((register["criticality"], register["process"]), ("high", "treasury"))
        self.assertEqual(register["runbook"], "Call the bank.")
        self.assertEqual(register["retention"], {"payload_days": 365, "evidence_years": 10})
        self.assertEqual(
            sorted(register["questions"]), sorted(["trigger", "approvals", "checks", "exceptions", "reconciliation"])
        )

    def test_a_legal_hold_works_at_once_and_is_lifted_by_a_version(self):
        self.assertFalse(self.flow._is_on_legal_hold())
        self.flow.legal_hold = True
        self.assertTrue(self.flow._is_on_legal_hold())
        self.approve(self.flow)
        self.flow.legal_hold = False
        self.assertTrue(self.flow._is_on_legal_hold())
        self.approve(self.flow)
        self.assertFalse(self.flow._is_on_legal_hold())

    def test_every_choice_of_the_register_can_be_chosen(self):
        for model in ("fin.flow", "fin.flow.new", "fin.policy.set", "fin.system", "fin.feed", "fin.governed.row"):
            for name, told in self.env[model].fields_get().items():
                if told["type"] == "selection" and not told.get("related"):
                    self.assertTrue(told["selection"], f"{model}.{name}")

    # Five questions

    def test_a_flow_with_an_open_question_is_not_submitted(self):
        for name in ("trigger", "approvals", "checks", "exceptions", "reconciliation"):
            flow = self.new_flow(f"law-{name}")
            flow[f"answer_{name}"] = "  "
            version = self.propose(flow, submit=False)
            with self.subTest(name), self.assertRaisesRegex(UserError, "Answer these questions"):
                version.action_submit()

    def test_what_counts_are_the_answers_of_the_version(self):
        flow = self.new_flow("law-late-answer")
        flow.answer_checks = False
        version = self.propose(flow, submit=False)
        flow.answer_checks = "Everything."
        with self.assertRaises(UserError):
            version.action_submit()

    def test_an_emergency_version_answers_them_too(self):
        flow = self.new_flow("law-hurry")
        flow.answer_checks = False
        version = self.by("administrator", self.propose(flow, submit=False))
        with self.assertRaises(UserError):
            version.action_apply_emergency.__wrapped__(version)

    def test_proposals_leave_what_a_person_wrote(self):
        flow = self.new_flow("law-own-words", answer_checks="My words")
        self.assertEqual(flow.answer_checks, "My words")
        self.assertIn("hand", flow.answer_trigger)

    # Region

    def test_data_that_may_not_leave_a_region_are_not_submitted_towards_another(self):
        flow = self.new_flow("law-region", data_class_id=self.bound_class().id)
        for system in (self.env["fin.system"], self.system()):
            flow.connection_id.system_id = system
            with self.subTest(system.code), self.assertRaisesRegex(UserError, "stays-here"):
                self.propose(flow)
        flow.connection_id.system_id.country_id = self.env.ref("base.de")
        self.approve(flow)
        self.assertEqual(flow.live_version_id._read_document()["register"]["system"]["country"], "DE")

    def test_the_gate_stops_a_pinned_version_towards_another_region(self):
        """Also where the guard at submit was not asked, as in a version that came some other way."""
        self.patch(type(self.env["fin.version"]), "_guard_register", lambda self, document: None)
        flow = self.new_flow("law-region-run", data_class_id=self.bound_class().id)
        flow.connection_id.system_id = self.system()
        self.approve(flow)
        run = self.start(fact("a"), flow=flow)
        self.assertEqual((run.state, run.exception_ids.code, run.delivered), ("failed", "gate_stopped", 0))
        self.assertIn("stays-here", run.last_error)
        [stop] = self.env["fin.gate.answer"].search([("run_id", "=", run.id), ("answer", "=", "stop")])
        self.assertIn("stays-here", stop.reason)

    def test_the_gate_obeys_the_pinned_version_and_not_the_working_copy(self):
        self.flow.data_class_id = self.bound_class()
        run = self.start(fact("a"))
        self.assertEqual(run.state, "done")

    # People

    def test_law5_an_owner_who_is_archived_raises_at_once(self):
        self.people["operator"].active = False
        found = self.raised("owner_left")
        self.assertEqual((found.state, found.user_id), ("open", self.people["administrator"]))
        self.assertIn("owner", self.flow.vacancy)

    def test_law5_in_the_time_of_grace_the_deputy_answers_for_it(self):
        run = self.run_of()
        self.people["operator"].active = False
        self.advance(run)
        self.assertEqual((run.state, self.raised("owner_left").state), ("done", "open"))

    def test_law5_after_the_grace_a_flow_without_its_owner_does_not_start(self):
        run = self.run_of()
        self.people["operator"].active = False
        with freeze_time(fields.Datetime.now() + dt.timedelta(days=15)):
            self.advance(run)
        self.assertEqual((run.state, run.exception_ids.code), ("failed", "unowned"))
        self.assertEqual(run.exception_ids.user_id, self.people["administrator"])

    def test_law5_the_exception_of_a_vacancy_is_not_closed_by_hand(self):
        self.people["operator"].active = False
        with self.assertRaises(UserError):
            self.raised("owner_left")._close("resolve", "somebody will be found")

    def test_law5_an_owner_whose_time_ends_in_the_document_raises_by_cron(self):
        role = self.flow.role_ids.filtered(lambda r: r.role == "owner")
        role.date_to = fields.Date.today() + dt.timedelta(days=1)
        self.approve(self.flow)
        run = self.run_of()
        with freeze_time(fields.Datetime.now() + dt.timedelta(days=3)):
            self.env["fin.flow"]._cron_watch()
            self.assertEqual(self.raised("owner_left").state, "open")
        with freeze_time(fields.Datetime.now() + dt.timedelta(days=17)):
            self.advance(run)
        self.assertEqual(run.state, "failed")

    def test_law5_another_owner_closes_the_exception(self):
        self.people["operator"].active = False
        self.flow.role_ids.filtered(lambda r: r.role == "owner").user_id = self.person("operator", "next")
        self.people["operator"].active = True
        self.approve(self.flow)
        self.env["fin.flow"]._cron_watch()
        self.assertEqual(self.raised("owner_left").state, "resolved")

    # Systems

    def test_a_date_of_a_system_that_runs_out_raises_once_and_closes(self):
        system = self.system(contract_ends_on=fields.Date.today() + dt.timedelta(days=3))
        self.flow.connection_id.system_id = system
        for _day in range(2):
            self.env["fin.flow"]._cron_watch()
        found = self.raised("system_ends")
        self.assertEqual((len(found), found.state, system.is_ending), (1, "open", True))
        system.contract_ends_on = fields.Date.today() + dt.timedelta(days=400)
        self.env["fin.flow"]._cron_watch()
        self.assertEqual(found.state, "resolved")

    # Access

    def test_s11_systems_and_scopes_stay_in_their_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        stranger = self.person("administrator", "register-stranger", company_id=other.id, company_ids=other.ids)
        system = self.system()
        self.flow.scope_ids = [Command.create({"entity": "a", "field_name": "b"})]
        self.env.flush_all()
        for record in (system, self.flow.scope_ids):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(stranger).read(["display_name"])

    def test_who_may_write_the_register(self):
        may = {"fin.system": ["administrator"], "fin.data.class": ["administrator"]}
        for model, groups in may.items():
            for group, person in self.people.items():
                allowed = self.env[model].with_user(person).has_access("create")
                self.assertEqual(allowed, group in groups, f"{group} {model}")
        for group in ("viewer", "approver", "auditor", "support"):
            self.assertFalse(self.by(group, "fin.flow.scope").has_access("write"), group)
