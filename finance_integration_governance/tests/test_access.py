import contextlib
from io import BytesIO
from types import SimpleNamespace
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.controllers import payload as download
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from ..models.writer import as_writer
from .common import MODULE, LawScene, ListSource, fact

# What support may see: that something happened, when and how it went.
SUPPORT = {
    "fin.run",
    "fin.slot",
    "fin.exception",
    "fin.attempt",
    "fin.circuit",
    "fin.gate.answer",
    "fin.connector",
    "fin.flow",
    "fin.heartbeat",
    "fin.metric",
}
AMOUNTS = ("fin.item", "fin.payload", "fin.reconciliation", "fin.reconciliation.line", "fin.binding", "fin.document")
# A question is no evidence: who may ask writes it down in one of these.
QUESTIONS = {"fin.drift", "fin.evidence.pack.ask", "fin.evidence.duties", "fin.item.story.show", "fin.intercompany.ask"}
# Rows that belong to no company: the catalogue of connectors, and heads of the one chain.
OF_NO_COMPANY = {"fin.connector", "fin.audit.seal", "fin.audit.anchor", "fin.audit.check", "fin.grant"}
OF_NO_COMPANY |= {"fin.contract", "fin.entity", "fin.entity.field", "fin.event.kind", "fin.heartbeat", "fin.reason"}


@tagged("post_install", "-at_install")
class TestAccess(LawScene, TransactionCase):
    """Who sees what: by group, and by company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = [
            cls.env[name]
            for name in sorted(cls.env.registry)
            if name.startswith("fin.") and not cls.env[name]._abstract and cls.env[name]._original_module == MODULE
        ]
        cls.other = cls.env["res.company"].create({"name": "Other Company"})
        cls.stranger = cls.person(
            "+".join(("administrator", "approver", "auditor")),
            "stranger",
            company_id=cls.other.id,
            company_ids=cls.other.ids,
        )

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def everything(self):
        """At least one record of every stored model, all of one company."""
        run = self.start(fact("a"), fact("b"), Finding("odd", "looks odd", document="b"))
        self.start(fact("a", "5"), name="two.txt")
        self.env["fin.slot"]._tick()
        today = fields.Date.today()
        self.by("approver", "fin.delegation")._ask(self.company, self.people["viewer"], today, today, "ill")
        payload = run.payload_ids
        self.env["fin.attempt"]._announce(payload)
        as_writer(self.env["fin.load"]).create({"run_id": run.id, "place": "law"})
        self.by("auditor", "fin.hold")._set("law suit", self.company)
        self.by("administrator", "fin.subject.request")._open_for(["nobody"], self.company)
        self.env["fin.purge"]._purge("retention", self.company, payload.browse(), [], "test")
        self.env["fin.reconciliation"]._compare(run, ControlTotals(), ControlTotals())
        currency = self.env.ref("base.USD")
        self.env["fin.flow.tolerance"].create({"flow_id": self.flow.id, "currency_id": currency.id, "amount": 1})
        self.env["fin.flow.limit"].create({"flow_id": self.flow.id, "currency_id": currency.id, "item_amount": 1})
        self.env["fin.checkpoint.template"].create({"name": "law", "code": "law", "company_id": self.company.id})
        self.env["fin.secret"].create({"name": "law", "company_id": self.company.id})
        today = fields.Date.today()
        self.by("auditor", "fin.evidence.pack")._ask(self.by("auditor", self.flow), today, today)
        as_writer(self.env["fin.circuit"]).create({"code": "law", "company_id": self.company.id})
        hour = {"begins_at": fields.Datetime.now(), "ends_at": fields.Datetime.add(fields.Datetime.now(), hours=1)}
        self.env["fin.maintenance"].create({"connection_id": self.flow.connection_id.id, "reason": "law", **hour})
        self.env["fin.rate"]._take("law", self.company.id, 10, 60)
        self.env["fin.webhook"]._count(self.flow.connection_id, "accepted")
        self.env["fin.webhook.message"]._is_new(self.flow.connection_id, "law", b"")
        old = {"name": "law", "before": today, "years": 10, "run_count": 1, "requested_by": self.env.uid}
        as_writer(self.env["fin.purge.request"]).create({**old, "company_id": self.company.id, "flow_id": self.flow.id})
        self.register()
        self.authority(run)
        inside = {"address": "law.intern", "reason": "law", "policy_id": self.env["fin.policy"]._of(self.company).id}
        self.env["fin.policy.host"].create(inside)
        self.field_map()
        self.flow.write({"schedule_kind": "interval", "interval_minutes": 1})
        self.env["fin.flow.blackout"].create({"flow_id": self.flow.id, "time_from": "00:01", "time_to": "00:02"})
        self.approve(self.flow)
        self.sql("UPDATE fin_version SET applied_at = now() - interval '1 hour' WHERE state = 'live'")
        self.sql("UPDATE fin_clock SET seen_until = NULL, look_at = NULL")
        self.env["fin.slot"]._tick()
        self.happening()
        self.closing()
        self.desk()
        self.seal()
        return run

    def closing(self):
        """A period with a checkpoint, and books that were written since."""
        period = self.env["fin.period"]._new(self.company, "2026-03")
        definition = {"code": "law", "name": "law", "check": "drafts", "day": 1, "time": "18:00"}
        self.env["fin.period.entry"]._recount(period)
        self.env["fin.checkpoint"]._open_in(period, {"zone": "UTC", "checkpoints": [definition]}, None)
        self.sql('INSERT INTO fin_close_touch (company_id, "on") VALUES (%s, now())', self.company.id)

    def desk(self):
        """A rule of the exception desk, and something done there."""
        policy = self.env["fin.policy"]._of(self.company)
        self.env["fin.assignment"].create({"policy_id": policy.id, "user_id": self.people["viewer"].id})
        flow = self.new_flow("desk")
        self.approve(flow)
        ListSource.told.clear()
        case = self.start(fact("broken", money="usd"), name="desk.txt", flow=flow).exception_ids
        reason = self.env["fin.reason"].search([], limit=1)
        self.by("operator", "fin.drill")._send(self.by("operator", self.flow))
        self.by("operator", case.filtered(lambda e: e.code == "contract_violation"))._skip("not ours", reason)

    def happening(self):
        """A flow that waits for something, and that something."""
        kind = self.env["fin.event.kind"].search([("key", "=", "res.partner/changed")])
        self.approve(self.new_flow("waiting", schedule_kind="event", event_kind_ids=kind.ids))
        self.env["res.partner"].create({"name": "Somebody"})
        self.env.cr.precommit.run()

    def register(self):
        mine = {"name": "law", "code": "law", "company_id": self.company.id}
        for model in ("fin.system", "fin.data.class", "fin.policy.set"):
            self.env[model].create(mine)
        lines = {"line_ids": [Command.create({"source": "a", "target": "b"})]}
        self.env["fin.crosswalk"].create({**mine, "system": "law", **lines})
        self.env["fin.feed"].create({"name": "law", "company_id": self.company.id, "kind": "cron", "key": "law"})
        self.env["fin.flow.check"].create({"flow_id": self.flow.id, "name": "Done before"})
        self.env["fin.recertification"]._start(self.flow)
        self.env["fin.flow.scope"].create({"flow_id": self.flow.id, "entity": "a", "field_name": "b"})

    def authority(self, run):
        """A rule, and what stood against one."""
        self.env["fin.authority"].create({"subject": "partner/vat"})
        self.env["res.partner"].create([{"name": name, "vat": "BE0477472701"} for name in ("Twice", "Two")])
        self.env["fin.duplicate"].with_company(self.company)._cron_scan()
        names = ("scope", "res_model", "res_id", "label", "ours", "theirs")
        told = {"key": "a", "entity": "partner", "field": "vat", "system": "Odoo", "rule": "reject", "run_id": run.id}
        refs = {"exception_id": run.exception_ids.id, "item_id": run.item_ids[0].id, "company_id": self.company.id}
        self.env["fin.conflict"]._keep([dict.fromkeys(names) | told | refs | {"scope": "here"}])

    def field_map(self):
        contract = self.env["fin.contract"].search([("is_here", "=", True)], limit=1)
        lines = [Command.create({"target_id": contract.entity_id.field_ids[:1].id, "source": "a"})]
        self.env["fin.field.map"].create({"flow_id": self.flow.id, "contract_id": contract.id, "line_ids": lines})
        self.env["fin.field.map.trial"]._keep(self.flow, "0" * 64, "0" * 64, 1, 0)

    # Groups

    def test_access_every_model_has_lines_and_each_line_a_group(self):
        for model in self.models:
            lines = self.env["ir.model.access"].search([("model_id.model", "=", model._name)])
            with self.subTest(model._name):
                self.assertTrue(lines)
                self.assertTrue(all(lines.mapped("group_id")))

    def test_access_every_model_of_a_company_has_its_rule(self):
        for model in self.models:
            if model._transient or not ({"company_id", "company_ref"} & set(model._fields)):
                continue
            rules = self.env["ir.rule"].search([("model_id.model", "=", model._name), ("groups", "=", False)])
            with self.subTest(model._name):
                self.assertIn("company_ids", " ".join(rules.mapped("domain_force")))

    def test_access_no_stored_model_is_without_a_company(self):
        without = {
            model._name
            for model in self.models
            if not model._transient and not self.env["ir.rule"].search([("model_id.model", "=", model._name)])
        }
        self.assertEqual(without, OF_NO_COMPANY)

    def test_access_support_sees_no_amounts_and_no_payloads(self):
        seen = {m._name for m in self.models if m.with_user(self.people["support"]).has_access("read")}
        self.assertEqual(seen & set(AMOUNTS), set())
        self.assertEqual(seen, SUPPORT)

    def test_access_support_reads_no_names_through_what_it_sees(self):
        run = self.start(fact("a"), Finding("odd", "looks odd", document="a"))
        for field in ("item_ids", "payload_ids", "reconciliation_ids"):
            with self.subTest(field), self.assertRaises(AccessError):
                self.by("support", run)[field].read(["display_name"])
        attempt = self.env["fin.attempt"]._announce(run.payload_ids or run.parent_id.payload_ids)
        with self.assertRaises(AccessError):
            self.by("support", attempt).rejects

    def test_access_a_viewer_reads_and_writes_nothing(self):
        for model in self.models:
            mine = model.with_user(self.people["viewer"])
            if model._name in QUESTIONS:
                continue
            rights = [op for op in ("write", "create", "unlink") if mine.has_access(op)]
            with self.subTest(model._name):
                self.assertEqual(rights, [])

    def test_access_approver_and_auditor_write_nothing(self):
        # An auditor decides on what was found in the log, in a dialog that is no record.
        # An approver chooses what a preview reads again, and names a deputy.
        dialogs = {
            "auditor": {"fin.exception.resolve", "fin.audit.chain", "fin.hold.set"},
            "approver": {"fin.version.preview", "fin.delegation.ask"},
        }
        for group in ("approver", "auditor", "support"):
            for model in (model for model in self.models if model._name not in QUESTIONS | dialogs.get(group, set())):
                mine = model.with_user(self.people[group])
                with self.subTest(f"{group} {model._name}"):
                    self.assertFalse([op for op in ("write", "create", "unlink") if mine.has_access(op)])

    def test_access_an_employee_without_our_groups_sees_nothing(self):
        nobody = (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {"name": "x", "login": "law-nobody", "group_ids": [Command.set([self.env.ref("base.group_user").id])]}
            )
        )
        self.assertFalse([m._name for m in self.models if m.with_user(nobody).has_access("read")])

    def test_access_an_administrator_is_no_approver_and_no_settings_admin(self):
        administrator = self.people["administrator"]
        self.assertFalse(administrator.has_group(f"{MODULE}.group_approver"))
        self.assertFalse(administrator.has_group("base.group_system"))

    def test_access_buttons_ask_for_their_group(self):
        run = self.start(fact("a"), Finding("odd", "looks odd", document="a"))
        viewer_refused = {
            "run": lambda: self.by("viewer", self.flow).action_run(),
            "resend": lambda: self.by("viewer", self.flow)._request_resend("lost"),
            "ask for a resend": lambda: self.by("viewer", self.flow).action_resend(),
            "propose": lambda: self.by("viewer", self.flow).action_propose(),
            "pause": lambda: self.by("viewer", self.flow).action_pause(),
            "retire": lambda: self.by("operator", self.flow).action_retire(),
            "release": lambda: self.by("viewer", run).action_release(),
            "cancel": lambda: self.by("approver", run).action_cancel(),
            "requeue": lambda: self.by("support", run).action_requeue(),
            "take": lambda: self.by("viewer", run.exception_ids).action_take(),
            "test": lambda: self.by("operator", self.flow.connection_id).action_test(),
            "preview": lambda: self.by("operator", self.flow.connection_id).action_preview(),
            "release database": lambda: self.by("operator", "fin.database").action_request_release(),
        }
        for name, button in viewer_refused.items():
            with self.subTest(name), self.assertRaises(AccessError):
                button()

    # Companies

    def test_s11_another_company_sees_nothing(self):
        self.everything()
        for model in self.models:
            if model._transient or model._name in OF_NO_COMPANY:
                continue
            field = "company_ref" if "company_ref" in model._fields else "company_id"
            if field not in model._fields:
                there = model.sudo().search([])
                mine = model.with_user(self.stranger).search([])
            else:
                there = model.sudo().search([(field, "=", self.company.id)])
                mine = model.with_user(self.stranger).search([(field, "=", self.company.id)])
            with self.subTest(model._name):
                self.assertTrue(there, "the scene has no record of this model")
                self.assertFalse(mine)
                with self.assertRaises(AccessError):
                    there[:1].with_user(self.stranger).read(["display_name"])

    def test_s11_a_context_does_not_widen_rights(self):
        self.everything()
        context = {"allowed_company_ids": [self.company.id, self.other.id]}
        with self.assertRaises(AccessError):
            self.env["fin.run"].with_user(self.stranger).with_context(**context).search([])

    def test_s11_groups_and_searches_do_not_count_what_is_not_seen(self):
        self.everything()
        mine = self.env["fin.item"].with_user(self.stranger)
        self.assertEqual(mine._read_group([], ["outcome"], ["amount:sum"]), [])
        runs = self.env["fin.run"].with_user(self.stranger)
        self.assertFalse(runs.search([("item_ids.key", "=", "a")]))
        self.assertFalse(runs.name_search("RUN"))

    def test_s11_buttons_do_not_reach_into_another_company(self):
        run = self.start(fact("a"), Finding("odd", "looks odd", document="a"))
        stranger_refused = {
            "run": lambda: self.flow.with_user(self.stranger).action_run(),
            "release": lambda: run.with_user(self.stranger).action_release(),
            "approve": lambda: self.version.with_user(self.stranger)._approve(),
            "take": lambda: run.exception_ids.with_user(self.stranger).action_take(),
        }
        for name, button in stranger_refused.items():
            with self.subTest(name), self.assertRaises(AccessError):
                button()

    def test_s11_a_flow_of_another_company_does_not_use_this_ones_connection(self):
        values = {"name": "x", "code": "x-other", "object": "fin.object", "company_id": self.other.id}
        with self.assertRaises(Exception) as caught:
            self.env["fin.flow"].with_user(self.stranger).create(
                {**values, "connection_id": self.flow.connection_id.id}
            )
            self.env.flush_all()
        self.assertIn("compan", str(caught.exception).lower())

    def test_s11_what_is_logged_about_a_company_is_for_its_auditors(self):
        run = self.start(fact("a"))
        auditor = self.env["fin.audit.event"].with_user(self.stranger)
        self.assertTrue(self.by("auditor", "fin.audit.event").search([("subject_key", "=", run.name)]))
        self.assertFalse(auditor.search([("subject_key", "=", run.name)]))


@tagged("post_install", "-at_install")
class TestReadIsLogged(LawScene, TransactionCase):
    """With a real second cursor, because the row has to outlive the download."""

    def test_s24_the_trace_stays_when_the_download_fails(self):
        run = self.env["fin.run"]._queue(self.flow, "schedule")
        payload = self.env["fin.payload"]._keep(run, Payload("x", lambda: BytesIO(b"x")))
        # Somebody whom other transactions see, too.
        admin = self.env.ref("base.user_admin")
        admin.group_ids += self.env.ref(f"{MODULE}.group_operator")
        uid = payload.uid
        request = SimpleNamespace(env=self.env(user=admin.id), make_response=lambda *_answer: None)
        self.env.flush_all()
        with (
            patch.object(download, "request", request),
            patch.object(type(self.env["fin.payload"]), "_open", side_effect=OSError("disk")),
            self.assertRaises(OSError),
        ):
            download.PayloadController.download.original_endpoint(download.PayloadController(), uid)
        with contextlib.closing(self.registry.cursor()) as cr:
            events = api.Environment(cr, SUPERUSER_ID, {})["fin.audit.event"]
            self.assertEqual(events.search_count([("code", "=", "fin.payload.read"), ("subject_key", "=", uid)]), 1)

    def test_s12_an_attachment_of_a_run_is_not_made_public(self):
        flow = self.flow
        attachment = self.env["ir.attachment"].create({"name": "x", "res_model": flow._name, "res_id": flow.id})
        with self.assertRaises(ValidationError):
            attachment.public = True
