"""Anchors on a real SFTP server: written, read back, and what its owner sees when it is away or another one."""

import json
import os
import tempfile
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.finance_integration_governance.core.testing.double import Double

from .common import MODULE, LawScene

PASSWORD = "canary-anchor-password"
ANCHOR = f"odoo.addons.{MODULE}.models.watch.fin_audit_anchor"


@tagged("post_install", "-at_install")
class TestAnchorOverSftp(LawScene, TransactionCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "kept").mkdir()
        self.anchors, self.seals = self.env["fin.audit.anchor"], self.env["fin.audit.seal"]
        self.server = self.started()
        self.named(self.server.ready["hostkey"])
        self.addCleanup(self.anchors._forget)

    def started(self, *more):
        key = self.folder / "hostkey"
        told = ("--root", self.folder, "--user", "bank", "--password", PASSWORD, "--host-key", key, *more)
        server = Double("sftp_server.py", *told)
        self.addCleanup(lambda: server.process.poll() is None and server.stop())
        return server

    def named(self, hostkey):
        """The installation anchors there, and knows this key of the server."""
        place = f"{self.server.url}kept?hostkey={quote(hostkey, safe='')}"
        told = {
            "FIN_ANCHORS": place,
            "FIN_ANCHORS_CREDENTIALS": "conf:anchor_password",
            "FIN_ANCHOR_PASSWORD": PASSWORD,
        }
        self.enterContext(patch.dict(os.environ, told))
        self.anchors._forget()

    def keep_up(self):
        self.env["fin.audit.event"]._append("test.code", "test", "x")
        self.seal()
        with mute_logger(ANCHOR):
            self.anchors._keep_up()

    def a_while_passes(self):
        self.without_triggers("fin_audit_anchor")
        self.sql("UPDATE fin_audit_anchor SET at = at - interval '1 hour'")

    def lines(self):
        [file] = (self.folder / "kept").iterdir()
        return [json.loads(line) for line in file.read_text().splitlines()]

    def failures(self):
        return self.env["fin.exception"].search([("code", "=", "audit_anchor"), ("state", "=", "open")])

    def test_law7_the_head_is_kept_on_an_sftp_server_and_read_back(self):
        self.keep_up()
        self.a_while_passes()
        self.keep_up()
        position, head = self.seals._head()
        told = [(line["position"], line["head"]) for line in self.lines()]
        self.assertEqual((len(told), told[-1]), (2, (position, head)))
        self.assertIsNone(self.seals._verify(anchors=self.anchors._all()))
        target = self.anchors.search([], limit=1).target
        self.assertEqual((PASSWORD in target, "bank@" in target, "hostkey" in target), (False, False, False))

    def test_law7_an_older_backup_is_known_by_the_anchor_on_the_server(self):
        self.keep_up()
        [file] = (self.folder / "kept").iterdir()
        ahead = {**self.lines()[0], "position": 10**6, "head": "0" * 64}
        file.write_text(file.read_text() + json.dumps(ahead) + "\n")
        self.anchors._forget()
        self.assertEqual(self.anchors._foreign(), ([10**6, "0" * 64],))

    def test_law7_a_server_that_is_away_is_told_to_its_owner_and_stops_no_seal(self):
        self.server.stop()
        before = self.failures()
        self.keep_up()
        position, _head = self.seals._head()
        self.keep_up()
        self.assertGreater(self.seals._head()[0], position)
        [found] = self.failures() - before
        seen = found.with_user(found.user_id)
        self.assertTrue(found.user_id.has_group(f"{MODULE}.group_auditor"))
        self.assertIn("the audit log cannot be anchored at sftp://127.0.0.1", seen.shown_text)
        self.assertNotIn(PASSWORD, seen.shown_text + (seen.facts_table or ""))
        self.assertTrue(seen.activity_ids)

    def test_law7_once_it_is_back_the_cause_is_closed(self):
        self.server.stop()
        self.keep_up()
        found = self.failures()
        self.server = self.started("--port", self.server.ready["port"])
        self.keep_up()
        self.assertEqual((found.state, len(self.lines())), ("resolved", 1))

    def test_s18_a_server_with_another_key_gets_no_anchor(self):
        self.named("SHA256:" + "A" * 43)
        before = self.failures()
        self.keep_up()
        self.assertFalse(list((self.folder / "kept").iterdir()))
        self.assertIn("not the one that is known", (self.failures() - before).text)
