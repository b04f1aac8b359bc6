"""What an evidence pack of sent figures proves without Odoo: payloads made again, crosswalk lines named."""

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import PlanningCase


@tagged("post_install", "-at_install")
class TestPlanningEvidence(PlanningCase):
    @classmethod
    def people(cls):
        super().people()
        cls.auditor = cls.person("auditor", "group_auditor")

    def setUp(self):
        super().setUp()
        for day, amount in (("2026-01-10", 100), ("2026-01-20", 20.5), ("2026-02-10", 7)):
            self.entry(day, amount)
        self.crosswalk = self.env["fin.crosswalk"].create(
            {
                "name": "Accounts",
                "code": "accounts",
                "system": "Planning",
                "company_id": self.company.id,
                "line_ids": [
                    Command.create({"kind": "wildcard", "source": "70*", "target": "REV", "label": "Revenue"}),
                    Command.create({"kind": "range", "source": "550000", "until": "559999", "target": "CASH"}),
                ],
            }
        )

    def packed(self):
        """(folder of an unpacked pack, run): four cells in two payloads, and a second run in which nothing changed."""
        flow = self.flow(self.start_double().url, crosswalk_ids=[Command.set(self.crosswalk.ids)])
        run = self.complete(self.queue(flow))
        self.assertEqual((run.state, run.delivered), ("done", 4))
        self.complete(self.queue(flow))  # unchanged: items in no payload
        self.env["fin.audit.seal"]._seal_waiting()
        today, packs = fields.Date.today(), self.env["fin.evidence.pack"].with_user(self.auditor)
        asked = packs._ask(flow.with_user(self.auditor), today, today, has_payloads=True)
        with self.enter_registry_test_mode():
            self.env["fin.evidence.pack"]._cron_build()
        self.env.invalidate_all()
        self.assertEqual((asked.state, asked.reason), ("ready", False))
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        with zipfile.ZipFile(asked._stream().path) as archive:
            archive.extractall(folder)
        return folder, run

    def reperform(self, folder):
        command = [sys.executable, "-I", "-S", str(folder / "reperform.py")]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
        self.assertEqual(ran.stderr, "")
        return ran.returncode, ran.stdout

    def change(self, path, old, new):
        content = path.read_text()
        self.assertIn(old, content)
        path.write_text(content.replace(old, new, 1))

    def assertNamed(self, folder, *words):
        code, said = self.reperform(folder)
        lines = [line for line in said.splitlines() if line.startswith("DIFFERENT")]
        self.assertEqual(code, 1, said)
        self.assertTrue(any(all(word in line for word in words) for line in lines), said)

    def test_what_was_sent_is_made_again_byte_for_byte(self):
        folder, run = self.packed()
        code, said = self.reperform(folder)
        self.assertEqual(code, 0, said)
        counts = json.loads(said.splitlines()[-2])
        self.assertEqual((counts["payloads"], counts["items"], counts["look-ups"]), (2, 8, 8))
        self.assertEqual(len(run.payload_ids), 2)

    def test_one_changed_map_line_is_named(self):
        folder, _run = self.packed()
        self.change(folder / "documents" / f"{self.crosswalk.digest}.json", '"REV"', '"REX"')
        self.assertNamed(folder, "document", "crosswalk", self.crosswalk.digest[:12], "lines[2]")
        self.assertNamed(folder, "item", "account, accounts line 2", "REV", "REX")

    def test_one_changed_byte_of_what_was_sent_is_named(self):
        folder, run = self.packed()
        payload = run.payload_ids[0]
        self.change(folder / "payloads" / payload.digest, "120.5", "120.6")
        self.assertNamed(folder, "payload", payload.uid, payload.digest)

    def test_one_changed_amount_of_an_item_is_named(self):
        folder, run = self.packed()
        self.change(folder / "lists" / "items.json", '"amount":"120.5"', '"amount":"120.6"')
        item = run.item_ids.filtered(lambda item: item.amount == 120.5)
        self.assertNamed(folder, "item", f"row {item.row}, amount", "120.6", "120.5")
