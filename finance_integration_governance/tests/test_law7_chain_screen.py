import json
import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import GROUPS
from .test_law7_verifier import script
from .wire import OverTheWire


@tagged("post_install", "-at_install")
class TestChainScreen(OverTheWire, HttpCase):
    """What an auditor does with the chain, as the web client does it."""

    def exported(self):
        return self.url_open("/finance_integration/audit/export")

    def test_law7_an_auditor_sees_verifies_and_exports_the_chain(self):
        self.login("auditor")
        chain = self.call("fin.audit.chain", "action_open")["res_id"]
        told = self.call("fin.audit.chain", "read", [chain], ["position", "waiting", "verdict"])[0]
        self.assertEqual((told["position"], told["verdict"]), (self.env["fin.audit.seal"]._head()[0], False))
        self.call("fin.audit.chain", "action_verify", [chain])
        check = self.env["fin.audit.check"].search([], limit=1)
        self.assertEqual((check.kind, check.by.partition("#")[0]), ("hand", "law-auditor"))
        answer = self.exported()
        self.assertEqual(json.loads(answer.content.splitlines()[-1])["end"]["position"], check.position)
        event = self.env["fin.audit.event"].search([("code", "=", "fin.audit.export")], limit=1)
        self.assertEqual(event.actor.partition("#")[0], "law-auditor")

    def test_s09_only_an_auditor_verifies_and_exports_over_rpc(self):
        refused = [group for group in GROUPS if group != "auditor"]
        for group in refused:
            self.login(group)
            for model, method in (("fin.audit.chain", "action_open"), ("fin.audit.seal", "action_verify")):
                with self.subTest(f"{group} {method}"):
                    self.refused(model, method)
            with self.subTest(f"{group} export"), mute_logger("odoo.http"):
                self.assertEqual(self.exported().status_code, 403)
        self.assertFalse(self.env["fin.audit.event"].search([("code", "=", "fin.audit.export")]))

    def test_s09_nobody_writes_checks_or_anchors_over_rpc(self):
        values = {"position": 1, "head": "0" * 64, "verdict": "proven", "kind": "hand", "target": "x"}
        for group in GROUPS:
            self.login(group)
            for model in ("fin.audit.check", "fin.audit.anchor", "fin.audit.event", "fin.audit.seal"):
                with self.subTest(f"{group} {model}"):
                    self.refused(model, "create", values)

    def test_s22_the_log_is_verified_without_any_key(self):
        """Keys are rotated and lost; what was sealed is as verifiable as it was, with its anchor, and never without."""
        position, head = self.env["fin.audit.seal"]._head()
        self.login("auditor")
        with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, {"FIN_SECRET_KEY": ""}):
            path = Path(folder) / "export.jsonl"
            path.write_bytes(self.exported().content)
            self.assertEqual(script(path, "--at", f"{position}:{head}").get("code"), None)
            self.assertEqual(script(path)["exit"], 2)
