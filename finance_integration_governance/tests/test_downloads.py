from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import fact
from .evidence_scene import EvidenceScene
from .wire import OverTheWire


@tagged("post_install", "-at_install")
class TestDownloads(EvidenceScene, OverTheWire, HttpCase):
    """What leaves as a file: for whom, with a trace, and in a way that no cache keeps and no browser guesses at."""

    def setUp(self):
        super().setUp()
        self.run_ = self.start(fact("a"))
        self.pack = self.built()
        self.url = f"/finance_integration/evidence/{self.pack.uid}"

    def get(self, who, url=None):
        self.login(who) if who else self.authenticate(None, None)
        self.env.flush_all()
        with mute_logger("odoo.http"):
            return self.url_open(url or self.url, allow_redirects=False)

    def assertGuarded(self, answer, name):
        self.assertEqual(answer.status_code, 200)
        self.assertIn("no-store", answer.headers["Cache-Control"])
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(answer.headers["Content-Disposition"].partition(";")[0], "attachment")
        self.assertIn(name, answer.headers["Content-Disposition"])

    def reads(self):
        return self.env["fin.audit.event"].search([("code", "=", "fin.evidence.pack.read")])

    def test_s12_the_auditor_gets_the_archive_and_leaves_a_trace(self):
        answer = self.get("auditor")
        self.assertGuarded(answer, f"{self.pack.name}.zip")
        self.assertEqual(answer.content[:2], b"PK")
        [event] = self.reads()
        self.assertEqual((event.actor.partition("#")[0], event.subject_key), ("law-auditor", self.pack.name))

    def test_s12_the_owner_gets_what_they_asked_for_and_nothing_else(self):
        self.assertEqual(self.get("operator").status_code, 403)
        own = self.built("operator")
        self.assertGuarded(self.get("operator", f"/finance_integration/evidence/{own.uid}"), own.name)

    def test_s12_a_wrong_user_gets_no_evidence(self):
        for group in ("viewer", "approver", "support"):
            with self.subTest(group):
                self.assertEqual(self.get(group).status_code, 403)
        self.assertFalse(self.reads())

    def test_s11_the_auditor_of_another_company_gets_no_evidence(self):
        other = self.env["res.company"].create({"name": "Download Other"})
        self.people["auditor"].write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})
        self.assertEqual(self.get("auditor").status_code, 403)
        self.assertFalse(self.reads())

    def test_s12_logged_out_there_is_no_evidence(self):
        answer = self.get(None)
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/login", answer.headers["Location"])
        self.assertFalse(self.reads())

    def test_s12_an_identifier_that_is_none_tells_nothing(self):
        self.assertEqual(self.get("auditor", "/finance_integration/evidence/nothing").status_code, 403)

    def test_an_archive_that_is_gone_is_told(self):
        self.pack._expire()
        answer = self.get("auditor")
        self.assertEqual(answer.status_code, 422)
        self.assertIn("expired", answer.text)

    def test_what_is_purged_is_told(self):
        payload = self.run_.payload_ids
        self.env["fin.purge"]._purge("retention", self.company, payload, [], "test")
        answer = self.get("operator", f"/finance_integration/payload/{payload.uid}")
        self.assertEqual((answer.status_code, "purged" in answer.text), (422, True))

    def test_s12_every_file_is_a_download_that_nobody_keeps(self):
        self.env["fin.crosswalk"].create(
            {"name": "Codes", "code": "codes", "system": "X", "company_id": self.company.id}
        )
        # What stands in them is tested elsewhere.
        self.patch(type(self.env["fin.drift"]), "_rows", lambda _drift: [["Key"], ["a"]])
        self.patch(type(self.env["fin.bundle"]), "_export", lambda _bundle, _flow: "flow: law")
        drift = self.by("operator", "fin.drift").create({"flow_id": self.flow.id})
        request = self.by("administrator", "fin.subject.request")._open_for(["Ann Canary"], self.company)
        self.people["auditor"].company_ids = self.env["res.company"].with_context(active_test=False).search([])
        for who, path, name in (
            ("operator", f"payload/{self.run_.payload_ids.uid}", "one.txt"),
            ("operator", "crosswalk/codes.csv", "codes.csv"),
            ("operator", "crosswalk/codes.xlsx", "codes.xlsx"),
            ("operator", f"drift/{drift.id}.csv", "drift-law.csv"),
            ("operator", "bundle/law", "law.yaml"),
            ("administrator", f"subject/{request.name}", f"{request.name}.json"),
            ("auditor", "audit/export", "audit-"),
        ):
            with self.subTest(path):
                self.assertGuarded(self.get(who, f"/finance_integration/{path}"), name)
