from unittest.mock import patch

from odoo.fields import Command
from odoo.models import BaseModel
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import MODULE
from .test_field_map import MapScene

RIGHTS = (
    *(f"{MODULE}.group_{name}" for name in ("operator", "administrator", "approver")),
    "base.group_system",
    "base.group_partner_manager",
    "account.group_account_manager",
    "account.group_validate_bank_account",
)
# What a document is made of and nobody edits in a way that changes it.
EXPLAINED = {
    "res.company": "its code stays once there is a version; its currency is tried below",
    "res.currency": "the code of a currency is the ISO's",
    "res.country": "the code of a country is the ISO's",
    "res.partner": "the name of a person stands in no document",
    "fin.connector": "computed from the code",
    "fin.entity": "computed from the code",
    "fin.entity.field": "computed from the code",
    "fin.version": "what is in force of the company's policy",
    "fin.document": "the same",
    "res.groups": "named by external ids",
    "ir.model.data": "external ids",
}


class PartsScene(MapScene):
    """A flow and a policy with everything that can stand in their documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env, flow = cls.env, cls.csv
        cls.region = env["res.country.group"].create({"name": "Here", "country_ids": [env.ref("base.be").id]})
        cls.data_class = env["fin.data.class"].create(
            {"name": "Secret", "code": "parts-secret", "region_ids": cls.region.ids}
        )
        cls.system = env["fin.system"].create({"name": "Elsewhere", "code": "elsewhere"})
        cls.set = env["fin.policy.set"].create({"name": "Shared", "code": "parts-shared"})
        cls.crosswalk = env["fin.crosswalk"].create(
            {
                "name": "Kinds",
                "code": "parts-kinds",
                "system": "Elsewhere",
                "direction": "inbound",
                "line_ids": [Command.create({"source": "U", "target": "transfer"})],
            }
        )
        cls.account = env["res.partner.bank"].create(
            {"acc_number": "BE71096123456769", "partner_id": cls.company.partner_id.id}
        )
        cls.journal.write({"bank_account_id": cls.account.id, "fin_flow_id": flow.id})
        cls.plain = env["account.journal"].create(
            {"name": "Plain", "code": "PLN", "type": "bank", "fin_flow_id": flow.id}
        )
        flow.connection_id.system_id = cls.system
        flow.write(
            {
                "data_class_id": cls.data_class.id,
                "policy_set_id": cls.set.id,
                "crosswalk_ids": cls.crosswalk.ids,
                "tolerance_ids": [Command.create({"currency_id": env.ref("base.USD").id, "amount": 1})],
                "limit_ids": [Command.create({"currency_id": env.ref("base.USD").id, "item_amount": 1})],
                "scope_ids": [Command.create({"entity": "test.booked", "field_name": "number", "is_allowed": True})],
                "check_ids": [Command.create({"name": "All is well"})],
            }
        )
        cls.by("administrator", flow).action_make_service_user()
        cls.rule = env["fin.authority"].create(
            {
                "subject": "partner/vat",
                "connection_id": flow.connection_id.id,
                "steward_id": cls.people["operator"].id,
                "user_ids": cls.people["support"].ids,
            }
        )
        cls.plain_rule = env["fin.authority"].create(
            {
                "subject": "partner/name",
                "connection_id": cls.flow.connection_id.id,
                "steward_id": cls.people["operator"].id,
            }
        )
        cls.policy = env["fin.policy"]._of(cls.company)
        cls.policy.write({"default_set_id": cls.set.id, "close_from": "2026-03"})
        cls.policy.native_journal_ids = env["account.journal"].create({"name": "Odoo", "code": "OWN", "type": "sale"})
        cls.checkpoint = env["fin.checkpoint.template"].create(
            {"name": "Checked", "code": "checked", "owner_id": cls.person("viewer", "checker").id}
        )
        flow.gate_checkpoint_id = cls.checkpoint
        cls.desk = env["fin.assignment"].create({"policy_id": cls.policy.id, "user_id": cls.people["operator"].id})
        host = {"policy_id": cls.policy.id, "address": "inside.example.com", "reason": "it stands beside us"}
        cls.host = env["fin.policy.host"].create(host)
        cls.maintenance = env["fin.maintenance"].create(
            {
                "connection_id": flow.connection_id.id,
                "begins_at": "2030-05-01 00:00:00",
                "ends_at": "2030-05-01 04:00:00",
                "reason": "The bank moves",
            }
        )
        cls.calendar = cls.company.resource_calendar_id
        cls.holiday = env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": cls.calendar.id,
                "date_from": "2030-05-01 00:00:00",
                "date_to": "2030-05-01 22:00:00",
            }
        )
        cls.author = cls.person("administrator", "author")

    def proposed(self, subject):
        return self.env["fin.change"].with_user(self.author)._propose(subject.with_user(self.author)).version_ids


@tagged("post_install", "-at_install")
class TestParts(PartsScene, TransactionCase):
    """S10, S23: whatever enters a version's document, an edit of it is an edit of the flow or the policy."""

    def edits(self):
        """(what, in whose document, the record, values), one of each kind that a document is made of."""
        flow, policy = self.csv, self.policy
        other = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "CHF")])
        return (
            ("flow", flow, flow, {"purpose": "Another"}),
            ("connection", flow, flow.connection_id, {"environment": "sandbox"}),
            ("maintenance", flow, self.maintenance, {"ends_at": "2030-05-01 05:00:00"}),
            ("person", flow, flow.role_ids[:1], {"date_to": "2030-01-01"}),
            ("login of a person", flow, flow.role_ids[:1].user_id, {"login": "law-renamed"}),
            ("service user", flow, flow.service_user_id, {"login": "law-service"}),
            ("tolerance", flow, flow.tolerance_ids, {"amount": 5}),
            ("amount limit", flow, flow.limit_ids, {"run_amount": 5}),
            ("data scope", flow, flow.scope_ids[:1], {"is_allowed": False}),
            ("masking", flow, flow.scope_ids[:1], {"is_allowed": True, "masking": "mask"}),
            ("checklist", flow, flow.check_ids[:1], {"name": "All is better"}),
            ("crosswalk line", flow, self.crosswalk.line_ids, {"target": "elsewhere"}),
            ("crosswalk", flow, self.crosswalk, {"system": "Nowhere"}),
            ("policy set", flow, self.set, {"retries": 3}),
            ("data class", flow, self.data_class, {"code": "parts-open"}),
            ("countries of a data class", flow, self.region, {"country_ids": [self.env.ref("base.ch").id]}),
            ("outside system", flow, self.system, {"country_id": self.env.ref("base.be").id}),
            ("field map", flow, self.map, {"line_ids": [Command.delete(self.map.line_ids[-1:].id)]}),
            ("field map line", flow, self.map.line_ids[:1], {"source": "Number"}),
            ("contract", flow, self.contract(), {"deprecated_on": "2030-01-01"}),
            ("journal", flow, self.journal, {"code": "LAX"}),
            ("currency of a journal", flow, self.plain, {"currency_id": other.id}),
            ("bank account", flow, self.account, {"acc_number": "BE68539007547034"}),
            ("a journal less", flow, self.plain, {"fin_flow_id": False}),
            ("policy", policy, policy, {"approvals_high": 3}),
            ("anchors", policy, policy, {"anchor_mail": "auditor@example.com"}),
            ("masking on screens", policy, policy, {"clear_viewer": True}),
            ("policy set of new flows", policy, self.set, {"code": "parts-renamed"}),
            ("working calendar", policy, self.calendar, {"name": "Renamed"}),
            ("working hours", policy, self.calendar.attendance_ids[:1], {"hour_from": 1.0}),
            ("holiday", policy, self.holiday, {"name": "Another"}),
            ("authority rule", policy, self.rule, {"edit": "warn"}),
            ("connection that a rule names", policy, self.plain_rule.connection_id, {"code": "list-renamed"}),
            ("system that a rule names", policy, self.system, {"code": "renamed"}),
            ("checkpoint", policy, self.checkpoint, {"tolerance": 5}),
            ("checkpoint that a flow waits for", flow, self.checkpoint, {"code": "renamed"}),
            ("journal that begins in Odoo", policy, self.policy.native_journal_ids, {"code": "OWM"}),
            ("owner of a checkpoint", policy, self.checkpoint.owner_id, {"login": "law-checked"}),
            ("whose desk a case comes to", policy, self.desk, {"code": "unknown_account"}),
            ("host inside", policy, self.host, {"address": "other.example.com"}),
            ("login that a rule names", policy, self.rule.user_ids, {"login": "law-named"}),
        )

    def test_s10_an_edit_of_any_part_is_an_edit_of_what_it_is_part_of(self):
        for what, subject, part, vals in self.edits():
            editor = new_test_user(self.env, f"law-{what}".replace(" ", "-"), groups=",".join(RIGHTS))
            with self.subTest(what):
                version = self.proposed(subject)
                part.with_user(editor).write(vals)
                self.env.flush_all()
                self.assertNotEqual(subject._written()[1], version.digest, "it does not enter the document")
                self.assertEqual(version.state, "superseded")
                again = self.proposed(subject)
                self.assertIn(editor, self.env["fin.edit"]._editors(again))

    def test_s10_no_part_of_a_document_is_left_out_above(self):
        tried = {part._name for _what, _subject, part, _vals in self.edits()}
        for subject in (self.csv, self.policy):
            with self.subTest(subject._name):
                read = {name for name in self.read_by(subject) if not self.is_of_an_addon(name)}
                self.assertFalse(read - tried - set(EXPLAINED))

    def is_of_an_addon(self, name):
        """Whether another addon of the suite brings the model: it tries its own."""
        module = self.env[name]._original_module
        return name.startswith("fin.") and module != MODULE

    def read_by(self, subject):
        """The models whose rows are read to write the document."""
        read, fetch = set(), BaseModel._fetch_query

        def noted(records, query, names):
            read.add(records._name)
            return fetch(records, query, names)

        self.env.flush_all()
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        with patch.object(BaseModel, "_fetch_query", noted):
            subject._compose()
        return read

    def test_an_edit_of_a_journal_that_no_version_keeps_withdraws_nothing(self):
        version = self.proposed(self.csv)
        self.journal.write({"name": "Renamed", "sequence": 3})
        self.system.write({"vendor_id": self.company.partner_id.id})
        self.assertEqual(version.state, "proposed")
