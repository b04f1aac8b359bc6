from io import BytesIO

from lxml import etree
from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.finance_integration_governance.core.connector import Payload, Setting, Source
from odoo.addons.finance_integration_governance.models.writer import as_writer, by_program

MODULE = "finance_integration_governance"
GROUPS = ("viewer", "operator", "administrator", "approver", "auditor", "support")


class SampleSource(Source):
    """Nothing waits here."""

    code = "test.screens"
    label = "Sample source"
    settings = (Setting("location", "Location"), Setting("password", "Password", required=False, secret=True))

    def extract(self, window):
        return iter(())

    def probe(self):
        return "It answered."


class ScreenScene:
    """People of every kind, and one record of every kind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        known = {SampleSource.code: (MODULE, SampleSource)}
        cls.classPatch(type(cls.env["fin.connector"]), "_classes", lambda self: known)
        cls.classPatch(type(cls.env["fin.flow"]), "_selection_object", lambda self: [("fin.object.test", "Test facts")])
        cls.people = {
            group: new_test_user(cls.env, f"screen-{group}", groups=f"{MODULE}.group_{group}") for group in GROUPS
        }
        cls.env["fin.connector"]._refresh()
        cls.journal = cls.env["account.journal"].create({"name": "Screen bank", "code": "SCRB", "type": "bank"})
        cls.connection = cls._connection()
        cls.flow = cls._flow()
        cls.passage = cls._passage()
        cls._evidence()
        cls.env.flush_all()

    @classmethod
    def _as(cls, group, model):
        return cls.env[model].with_user(cls.people[group])

    @classmethod
    def _connection(cls):
        return cls._as("administrator", "fin.connection").create(
            {
                "name": "Sample",
                "code": "screen-sample",
                "connector_id": cls.env["fin.connector"].search([("code", "=", SampleSource.code)]).id,
                "settings": {"location": "file:///nowhere"},
            }
        )

    @classmethod
    def _flow(cls):
        dialog = cls._as("operator", "fin.flow.new").create(
            {
                "name": "Screen flow",
                "purpose": "To be looked at",
                "connection_id": cls.connection.id,
                "object": "fin.object.test",
                "owner_id": cls.people["operator"].id,
                "deputy_id": cls.people["administrator"].id,
            }
        )
        flow = cls.env["fin.flow"].browse(dialog.action_create()["res_id"])
        by_program(flow.version_ids.with_user(cls.people["approver"]))._approve()
        return flow

    @classmethod
    def _passage(cls):
        run = cls.env["fin.run"]._queue(cls.flow.with_user(cls.people["operator"]), "hand")
        slot = as_writer(cls.env["fin.slot"]).create({"flow_id": cls.flow.id, "due_at": fields.Datetime.now()})
        as_writer(run).write({"slot_id": slot.id, "received": 1, "delivered": 1})
        return run.sudo(False).with_user(cls.env.user)

    @classmethod
    def _evidence(cls):
        run, env = cls.passage, cls.env
        payload = env["fin.payload"]._keep(run, Payload("sample.xml", lambda: BytesIO(b"<sample/>")))
        exception = env["fin.exception"]._raise(run, "test_code", "Something is wrong with 12 rows", account="DE00")
        cls.exception = exception.with_user(env.user)
        item = as_writer(env["fin.item"]).create(
            {
                "uid": "screen-item",
                "run_id": run.id,
                "payload_id": payload.id,
                "company_id": run.company_id.id,
                "row": 1,
                "contract": "test.fact/1.0",
                "object": "fin.object.test",
                "scope": "screen",
                "key": "screen-key",
                "digest": "0" * 64,
                "content": '{"amount":"12.50","parts":[{"name":"one"}],"when":{"on":"2026-03-02"}}',
                "amount": 12.5,
                "currency": "EUR",
                "outcome": "delivered",
                "exception_id": exception.id,
            }
        )
        line = env["account.bank.statement.line"].create(
            {"journal_id": cls.journal.id, "date": "2026-03-02", "payment_ref": "Sample", "amount": 12.5}
        )
        env["account.bank.statement"].create({"name": "SCR/1", "line_ids": [Command.set(line.ids)]})
        env.flush_all()
        env["fin.binding"]._bind(run, [(item.id, line)])
        cls.line, cls.item = line, env["fin.item"].browse(item.id)
        env["fin.attempt"]._announce(payload)
        as_writer(env["fin.gate.answer"]).create(
            {
                "run_id": run.id,
                "company_id": run.company_id.id,
                "gate": "Test",
                "question": "Is it fine?",
                "answer": "proceed",
                "digest": "0" * 64,
            }
        )
        cls.reconciliation = as_writer(env["fin.reconciliation"]).create(
            {
                "run_id": run.id,
                "state": "tied",
                "line_ids": [
                    Command.create({"measure": "count", "source": "1", "target": "1"}),
                    Command.create({"measure": "EUR", "source": "1012.5", "target": "1012.50"}),
                    Command.create({"measure": "USD", "source": "1", "target": ""}),
                ],
            }
        )
        event = env["fin.audit.event"].search([], limit=1)
        position, head = env["fin.audit.seal"]._head()
        as_writer(env["fin.audit.seal"]).create({"event_id": event.id, "position": position + 1, "head": head})
        cls._as("administrator", "fin.secret").create({"name": "screen-secret"})

    # What the web client does with a view

    def _spec(self, arch, fields_):
        """The specification by which the web client reads the records of a view."""
        spec = {}
        for node in arch.xpath(".//field[not(ancestor::field)]"):
            spec[node.get("name")] = self._spec_of(node, fields_[node.get("name")])
        return spec

    def _spec_of(self, node, described):
        if described["type"] == "many2one":
            return {"fields": {"display_name": {}}}
        if described["type"] in ("one2many", "many2many"):
            related = self.env[described["relation"]].fields_get()
            views = node.xpath("./list|./kanban")
            return {"fields": self._spec(views[0], related) if views else {"display_name": {}}}
        return {}

    def _arch(self, group, model, mode="form", view=False):
        views = self._as(group, model).get_views([(view, mode)])
        return etree.fromstring(views["views"][mode]["arch"])

    def _open(self, group, action):
        """Load every view of the action and read its records as the web client would."""
        model = self._as(group, action.res_model)
        views = model.get_views([*action.views, (action.search_view_id.id, "search")])["views"]
        for mode in ("list", "kanban", "calendar", "form"):
            if mode in views:
                arch = etree.fromstring(views[mode]["arch"])
                self._read(model, mode, self._spec(arch, model.fields_get()), safe_eval(action.domain or "[]"))
        self._filter(model, etree.fromstring(views["search"]["arch"]))

    def _read(self, model, mode, spec, domain):
        self.env.invalidate_all()  # each view is read by a request of its own
        if model._transient:
            return model.onchange({}, [], spec)
        if mode == "form":
            return model.search(domain, limit=1).web_read(spec)
        return model.web_search_read(domain, spec, limit=80)

    def _filter(self, model, arch):
        for node in arch.xpath("//filter[@domain]"):
            with self.subTest(filter=node.get("name")):
                model.search(safe_eval(node.get("domain"), {"uid": model.env.uid}), limit=1)

    def _menus(self, group):
        ours = self.env.ref(f"{MODULE}.fin_menu").with_user(self.people[group])
        return ours.search([("id", "child_of", ours.id)])._filter_visible_menus()


@tagged("post_install", "-at_install")
class TestScreens(ScreenScene, TransactionCase):
    def test_every_menu_opens_for_everybody_who_sees_it(self):
        for group in GROUPS:
            actions = [menu.sudo().action for menu in self._menus(group) if menu.sudo().action]
            self.assertTrue(actions, group)
            for action in actions:
                with self.subTest(group=group, action=action.name):
                    if action._name == "ir.actions.server":
                        # It makes the record that its page is about.
                        self.assertTrue(action.with_user(self.people[group]).run()["res_id"])
                    elif action._name == "ir.actions.client":
                        tower = self.env["fin.tower"].with_user(self.people[group])
                        self.assertTrue(tower.answers()["questions"])
                    else:
                        self._open(group, action)

    def test_each_kind_of_person_sees_the_menus_of_their_work(self):
        def seen(group):
            known = self._menus(group).sudo().get_external_id().values()
            return {name.partition(".")[2] for name in known}

        self.assertIn("fin_audit_event_menu", seen("auditor"))
        self.assertIn("fin_approval_mine_menu", seen("approver"))
        self.assertIn("fin_secret_menu", seen("administrator"))
        # An approver's deputy may be a viewer.
        self.assertIn("fin_approval_mine_menu", seen("viewer"))
        self.assertFalse(seen("viewer") & {"fin_audit_event_menu", "fin_secret_menu"})
        hidden = {"fin_item_menu", "fin_payload_menu", "fin_reconciliation_menu", "account_bank_statement_menu"}
        self.assertFalse(seen("support") & hidden)

    def test_support_sees_no_amounts_and_no_payloads(self):
        for model in ("fin.run", "fin.exception", "fin.flow", "fin.attempt"):
            shown = {node.get("name") for node in self._arch("support", model).xpath("//field")}
            self.assertFalse(
                shown & {"amount", "shown_item_ids", "payload_ids", "payload_id", "facts_table", "tie_line_ids"}, model
            )

    def test_a_viewer_gets_no_button_that_decides(self):
        for model in ("fin.flow", "fin.run", "fin.version", "fin.exception", "fin.connection", "fin.payload"):
            buttons = self._arch("viewer", model).xpath("//header/button")
            # What is shown to those who can decide is shown to an approver's deputy, too, who may be a viewer.
            names = {node.get("name") for node in buttons if "not can_decide" not in (node.get("invisible") or "")}
            self.assertFalse(names, model)

    def test_evidence_has_no_edit_and_no_create(self):
        models = ("run", "version", "approval", "slot", "payload", "item", "binding", "attempt", "exception")
        for name in (*models, "reconciliation", "audit.event", "audit.seal"):
            for mode in ("form", "list"):
                arch = self._arch("administrator" if name.startswith("audit") else "operator", f"fin.{name}", mode)
                self.assertEqual([arch.get("create"), arch.get("edit")], ["false", "false"], f"{name} {mode}")

    def test_a_run_shows_how_far_it_has_come_and_that_its_totals_tie(self):
        run = self.passage.with_user(self.people["viewer"])
        self.assertIn('data-stage="Reconcile"', run.stage_progress)
        self.assertEqual(run.tie_state, "tied")
        self.assertEqual(run.shown_item_ids, self.item)
        self.assertEqual(run.exception_count, 1)
        self.assertEqual(run.received, run.delivered + run.open_count)

    def test_amounts_are_compared_as_amounts(self):
        lines = self.reconciliation.line_ids.with_user(self.people["viewer"])
        self.assertEqual(lines.mapped("is_equal_text"), ["yes", "yes", "no"])
        self.assertEqual(lines[1].source_text, "1,012.50")
        self.assertEqual(lines.mapped("measure_text")[:2], ["Number of items", "Amount in EUR"])

    def test_content_from_outside_is_shown_as_text(self):
        event = self.env["fin.audit.event"].browse(
            self.env["fin.audit.event"]._append("test.code", "test", "x", None, {"told": "<script>alert(1)</script>"})
        )
        self.assertIn("&lt;script&gt;", event.with_user(self.people["auditor"]).facts_table)

    def test_a_record_leads_to_its_run_and_its_item_and_back(self):
        line = self.line.with_user(self.people["viewer"])
        self.assertEqual(line.action_fin_open_run()["res_id"], self.passage.id)
        self.assertEqual(line.action_fin_open_item()["res_id"], self.item.id)
        self.assertEqual(line.action_fin_open_entry()["res_id"], line.move_id.id)
        self.assertEqual(line.move_id.fin_run_id, self.passage)
        self.assertEqual(self.item.with_user(self.people["viewer"]).action_open_record()["res_id"], line.id)

    def test_an_operator_gives_a_flow_its_journals(self):
        flow = self.flow.with_user(self.people["operator"])
        flow.bound_journal_ids = self.journal
        self.assertEqual(self.journal.fin_flow_id, self.flow)
        self.assertTrue(flow.is_changed)
        flow.bound_journal_ids = False
        self.assertFalse(self.journal.fin_flow_id)

    def test_a_viewer_gives_a_flow_no_journals(self):
        with self.assertRaises(AccessError):
            self.flow.with_user(self.people["viewer"]).bound_journal_ids = self.journal

    def test_a_changed_flow_shows_what_a_version_would_change(self):
        flow = self.flow.with_user(self.people["operator"])
        flow.times = "07:15"
        flow.invalidate_recordset(["is_changed"])  # as in the next request
        action = flow.action_propose()
        dialog = self.env["fin.change.propose"].with_user(self.people["operator"]).with_context(**action["context"])
        opened = dialog.create({"reason": "It is late"}).action_propose()
        version = self.env["fin.version"].browse(opened["res_id"]).with_user(self.people["approver"])
        self.assertIn("07:15", version.changes_table)
        self.assertNotIn("Purpose", version.changes_table)
        self.assertEqual(flow.waiting_version_id, version)

    def test_the_defaults_stand_in_our_own_menu_too(self):
        dialog = self._as("administrator", "fin.defaults.edit").create({})
        self.assertEqual(dialog.fin_code, self.env.company.fin_code)
        dialog.fin_owner_id = self.people["operator"]
        dialog.action_save()
        self.assertEqual(self.env.company.fin_owner_id, self.people["operator"])
        with self.assertRaises(AccessError):
            self._as("operator", "fin.defaults.edit").create({})

    def test_settings_show_the_section_per_company(self):
        arch = self.env["res.config.settings"].get_views([(False, "form")])["views"]["form"]["arch"]
        shown = etree.fromstring(arch).xpath(f"//app[@name='{MODULE}']//field/@name")
        self.assertLessEqual({"fin_owner_id", "fin_deputy_id", "fin_steward_id", "fin_environment"}, set(shown))
        self.assertLessEqual({"fin_code", "fin_mail_sender", "fin_file_roots", "fin_release_state"}, set(shown))

    def test_the_release_is_asked_for_once(self):
        database = self._as("administrator", "fin.database")
        if database._release_state() == "released":
            self.skipTest("this database is released already")
        database.action_request_release()
        database.action_request_release()
        asked = self.env["fin.approval"].search([("purpose", "=", "release"), ("state", "=", "requested")])
        self.assertEqual(len(asked.filtered(lambda a: a.digest == database._fingerprint())), 1)
        self.assertEqual(self.flow.with_user(self.people["viewer"]).release_state, "requested")
        with self.assertRaises(AccessError):
            self._as("operator", "fin.database").action_request_release()

    def test_a_secret_is_never_read_back(self):
        secret = self._as("administrator", "fin.secret").search([("name", "=", "screen-secret")])
        self.assertEqual(secret.read(["value"])[0]["value"], False)
        self.assertNotIn("token", self._as("administrator", "fin.secret").fields_get())

    def test_the_chain_is_checked_in_plain_words(self):
        found = self._as("auditor", "fin.audit.seal").action_verify()["params"]
        self.assertEqual(found["type"], "danger")  # the seal of this test's scene is no true one
        with self.assertRaises(AccessError):
            self._as("viewer", "fin.audit.seal").action_verify()


@tagged("post_install", "-at_install")
class TestScreensInTheBrowser(ScreenScene, HttpCase):
    def _look(self, url, selector):
        ready = f"!!document.querySelector({selector!r})"
        self.browser_js(url, "console.log('test successful')", ready=ready, login="screen-operator")

    def test_a_run_is_seen_tied(self):
        self._look(f"/odoo/finance-runs/{self.passage.id}", ".o_fin_stages [data-stage=Reconcile]")

    def test_exceptions_are_seen_as_cards(self):
        self._look("/odoo/finance-exceptions?view_type=kanban", ".o_kanban_record .fw-bold")
