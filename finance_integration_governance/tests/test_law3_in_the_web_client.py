import json
from io import BytesIO

from odoo import fields
from odoo.http import root
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import Finding

from .common import EVIDENCE, GROUPS, fact
from .wire import OverTheWire

HOSTILE = '<script>alert("x")</script> {{ 7*7 }} <img src=x onerror=alert(1)>\nsecond line\x1b[31m'


@tagged("post_install", "-at_install")
class TestLaw3InTheWebClient(OverTheWire, HttpCase):
    """What clients may do over the wire: approvals with a password, evidence never, bytes with a trace."""

    def version_in_review(self):
        self.flow.purpose = "changed"
        return self.propose(self.flow)

    def test_law3_an_approval_asks_for_the_password(self):
        version = self.version_in_review()
        user = self.login("approver")
        asked = self.call("fin.version", "action_approve", version.ids)
        self.assertEqual((asked["res_model"], version.state), ("res.users.identitycheck", "review"))
        context = {"password": user.login.ljust(8, "x")}
        self.call("res.users.identitycheck", "run_check", [asked["res_id"]], context=context)
        self.assertEqual(version.state, "live")

    def test_law3_a_wrong_password_approves_nothing(self):
        version = self.version_in_review()
        self.login("approver")
        asked = self.call("fin.version", "action_approve", version.ids)
        self.refused("res.users.identitycheck", "run_check", [asked["res_id"]], context={"password": "wrong"})
        self.assertEqual(version.state, "review")

    def test_law3_who_signs_in_by_another_service_only_needs_a_password_or_passkey_to_approve(self):
        version = self.version_in_review()
        user = self.login("approver")
        self.assertTrue(self.by("approver", version).can_decide)
        # As OAuth leaves it: a session, and nothing to prove oneself with.
        self.sql("UPDATE res_users SET password = NULL WHERE id = %s", user.id)
        self.env.registry.clear_cache()
        self.session.session_token = user._compute_session_token(self.session.sid)
        root.session_store.save(self.session)
        asked = self.call("fin.version", "action_approve", version.ids)
        self.assertEqual(asked["res_model"], "res.users.identitycheck")
        for password in ("", user.login.ljust(8, "x")):
            self.refused("res.users.identitycheck", "run_check", [asked["res_id"]], context={"password": password})
        shown = self.by("approver", version)
        self.assertEqual((version.state, shown.can_decide), ("review", False))
        self.assertIn("passkey", shown.why_not)

    def test_law3_private_methods_are_not_called(self):
        version = self.version_in_review()
        self.login("approver")
        for model, method, ids in (
            ("fin.version", "_approve", version.ids),
            ("fin.version", "_apply", version.ids),
            ("fin.approval", "_decide", version.approval_ids.ids),
            ("fin.run", "_transition", []),
            ("fin.database", "_release_by_command", []),
        ):
            with self.subTest(method):
                self.refused(model, method, ids)
        self.assertEqual(version.state, "review")

    def test_law3_an_api_key_approves_nothing(self):
        version, key = self.version_in_review(), self.key_of("approver")
        password = self.people["approver"].login.ljust(8, "x")
        asked = self.json2(key, "fin.version", "action_approve", ids=version.ids)
        self.assertEqual((asked.status_code, version.state), (200, "review"))
        wizard = asked.json()["res_id"]
        self.json2(key, "res.users.identitycheck", "run_check", ids=[wizard], context={"password": password})
        self.assertEqual(version.state, "review")

    def test_law3_an_api_key_reads(self):
        key = self.key_of("viewer")
        answer = self.json2(key, "fin.version", "search_read", domain=[["id", "=", self.version.id]], fields=["state"])
        self.assertEqual(answer.json()[0]["state"], "live")

    # S9: evidence over the wire

    def test_s09_no_group_writes_evidence_over_rpc(self):
        self.start(fact("a"), fact("poison"))
        settings = self.env.ref("base.group_system")
        for group in GROUPS:
            self.people[group].group_ids += settings
            self.login(group)
            for model in EVIDENCE:
                record = self.env[model].sudo().search([], limit=1)
                name = (
                    "state"
                    if "state" in record._fields
                    else "digest"
                    if "digest" in record._fields
                    else record._rec_name
                )
                context = {"fin_writer": True, "default_state": "approved", "tracking_disable": True}
                with self.subTest(f"{group} {model}"):
                    self.refused(model, "create", [{name: "approved"}], context=context)
                    if record:
                        self.refused(model, "write", record.ids, {name: "approved"}, context=context)
                        self.refused(
                            model, "web_save", record.ids, {name: "approved"}, specification={}, context=context
                        )
                        self.refused(model, "copy", record.ids, context=context)
                        self.refused(model, "unlink", record.ids, context=context)

    def test_s09_an_api_key_writes_no_evidence(self):
        run, key = self.start(fact("a")), self.key_of("administrator")
        answer = self.json2(key, "fin.run", "write", ids=run.ids, vals={"state": "failed"}, context={"fin_writer": 1})
        self.assertEqual((answer.status_code, run.state), (403, "done"))

    # S12, S24: bytes

    def bytes_of(self, payload):
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_http"):
            return self.url_open(f"/finance_integration/payload/{payload.uid}")

    def payload(self):
        run = self.start(fact("a"))
        return self.env["fin.payload"]._keep(run, Payload("two.txt", lambda: BytesIO(b"the bytes")))

    def test_s12_an_operator_downloads_and_leaves_a_trace(self):
        payload = self.payload()
        self.login("operator")
        answer = self.bytes_of(payload)
        self.assertEqual((answer.status_code, answer.content), (200, b"the bytes"))
        read = self.env["fin.audit.event"].search(
            [("code", "=", "fin.payload.read"), ("subject_key", "=", payload.uid)]
        )
        self.assertEqual(read.actor.partition("#")[0], "law-operator")
        self.assertEqual(read.company_ref, self.company.id)

    def test_s12_a_viewer_downloads_nothing(self):
        payload = self.payload()
        for group in ("viewer", "approver", "support"):
            self.login(group)
            with self.subTest(group):
                self.assertEqual(self.bytes_of(payload).status_code, 403)

    def test_s12_nobody_downloads_without_a_session(self):
        payload = self.payload()
        self.authenticate(None, None)
        self.assertNotIn(b"the bytes", self.bytes_of(payload).content)

    def test_s12_another_company_downloads_nothing(self):
        payload = self.payload()
        other = self.env["res.company"].create({"name": "Other"})
        self.people["operator"].write({"company_id": other.id, "company_ids": [fields.Command.set(other.ids)]})
        self.login("operator")
        self.assertEqual(self.bytes_of(payload).status_code, 403)

    def test_s12_an_identifier_that_is_none_tells_nothing(self):
        self.login("operator")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open("/finance_integration/payload/nothing").status_code, 403)

    def test_s12_rpc_does_not_reach_bytes(self):
        payload = self.payload()
        self.login("administrator")
        read = self.call("fin.payload", "read", payload.ids)
        self.assertNotIn("the bytes", json.dumps(read))

    def test_s12_an_attachment_of_a_run_has_the_rights_of_the_run(self):
        run = self.start(fact("a"))
        attachment = self.env["ir.attachment"].create(
            {"name": "a.txt", "raw": b"attached", "res_model": "fin.run", "res_id": run.id}
        )
        stranger = self.person("viewer", "stranger")
        stranger.group_ids -= self.env.ref("finance_integration_governance.group_viewer")
        self.authenticate(stranger.login, stranger.login.ljust(8, "x"))
        with mute_logger("odoo.http"):
            self.assertNotEqual(self.url_open(f"/web/content/{attachment.id}").content, b"attached")

    # S17: hostile text

    def test_s17_hostile_text_is_shown_and_not_done(self):
        run = self.start(fact("a", words=HOSTILE), Finding("odd", HOSTILE, document="a", facts={"who": HOSTILE}))
        exception = run.exception_ids
        exception.flow_id.name = HOSTILE
        decision = self.by("operator", "fin.exception.resolve").create(
            {"exception_id": exception.id, "decision": "reject", "reason": HOSTILE}
        )
        decision.action_decide()
        shown = {
            "facts": exception.facts_table,
            "content": run.item_ids[0].content_table,
            "stages": run.stage_progress,
            "version": self.version.document_table,
            **{f"message {m.id}": m.body for m in (exception.message_ids | run.message_ids)},
            **{f"activity {a.id}": a.note for a in exception.with_context(active_test=False).activity_ids},
        }
        for where, html in shown.items():
            with self.subTest(where):
                self.assertNotIn("<script", str(html))
                self.assertNotIn("<img src=x", str(html))
        self.assertIn("&lt;script&gt;", str(run.item_ids[0].content_table))
        self.assertNotIn("\n", exception.text)

    def test_s17_a_form_shows_hostile_text_as_text(self):
        run = self.start(fact("a"), Finding("odd", HOSTILE, document="a"))
        self.login("operator")
        told = self.call(
            "fin.exception", "web_read", run.exception_ids.ids, specification={"shown_text": {}, "facts_table": {}}
        )
        self.assertNotIn("<script", told[0]["facts_table"] or "")
