"""What an evidence pack of bank statements proves without Odoo, and what it names once somebody has changed it."""

import json
import os
import re
import unittest
from pathlib import Path

from odoo.addons.base.models.res_bank import sanitize_account_number
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.testing.evidence_pack import EvidencePackInHand

from .common import LONG_AGO, SAMPLES, BankCase

JOURNALS = 20  # what names another account is held, and re-performed all the same
AT_ONCE = 8  # more have too many causes for one run
PUBLISHED = Path(os.environ.get("FIG_SAMPLES") or Path(__file__).resolve().parents[3] / "shared" / "samples")


@tagged("post_install", "-at_install")
class TestBankEvidence(EvidencePackInHand, BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls.person("auditor", "group_auditor")
        cls.flow = cls.new_flow(cls.german | cls.french)

    def test_re_performance_of_our_samples_is_equal(self):
        for path in sorted(SAMPLES.glob("*.xml")):
            self.put(path.name, path.stem)
        run = self.run_flow(self.flow)
        self.assertEqual(len(run.payload_ids), len(list(SAMPLES.glob("*.xml"))))
        counts = self.reperformed(self.unpacked_pack(self.flow))
        runs = run | run.child_ids
        self.assertEqual(counts["payloads"], len(run.payload_ids))
        self.assertEqual(counts["items"], len(runs.item_ids))

    @unittest.skipUnless((PUBLISHED / "oracle").exists(), "no sample files: set FIG_SAMPLES to their folder")
    def test_re_performance_of_all_published_samples_is_equal(self):
        files = sorted(path for path in (PUBLISHED / "camt.053").rglob("*") if path.is_file())
        told = json.loads((PUBLISHED / "oracle" / "camt.053.json").read_text())
        accounts = (statement["account"] or "" for file in told.values() for statement in file.get("stmts", []))
        numbers = {sanitize_account_number(account) for account in accounts}
        known = (self.german | self.french).bank_account_id.mapped("sanitized_acc_number")
        journals = self.env["account.journal"]
        for place, number in enumerate(sorted(filter(None, numbers - set(known)))[:JOURNALS]):
            journals |= self.new_journal(f"P{place:03}", number)
        self.name_journals(self.flow, self.german | self.french | journals)
        runs = self.env["fin.run"]
        for start in range(0, len(files), AT_ONCE):
            runs |= self.import_published(start, files[start : start + AT_ONCE])
        runs |= runs.child_ids
        self.assertTrue(runs.filtered("delivered"))
        counts = self.reperformed(self.unpacked_pack(self.flow))
        self.assertEqual((counts["payloads"], counts["items"]), (len(files), len(runs.item_ids)))

    def import_published(self, start, files):
        """A run of these files; what it holds is given up, so that the next one can begin."""
        for place, path in enumerate(files, start):
            there = self.inbox / f"{place:03}-{path.stem}.xml"
            there.write_bytes(path.read_bytes())
            os.utime(there, (LONG_AGO, LONG_AGO))
        run = self.env["fin.run"]._queue(self.flow, "schedule")
        self.advance()
        (run | run.child_ids).filtered(lambda r: r.state in ("held", "failed"))._transition("cancel")
        return run

    def test_one_changed_byte_of_a_payload_is_named(self):
        run = self.import_file(self.flow, "no_reference")
        folder = self.unpacked_pack(self.flow)
        payload = folder / "payloads" / run.payload_ids.digest
        amount = re.search(r'<Ntry>.*?<Amt Ccy="EUR">(\d)', payload.read_text(), re.DOTALL)
        content = bytearray(payload.read_bytes())
        content[amount.start(1)] ^= 1
        payload.write_bytes(bytes(content))
        self.assertNamed(folder, "file", payload.name)
        self.assertNamed(folder, "payload", run.payload_ids.uid, "statement.xml")
        self.assertNamed(folder, "item", run.payload_ids.uid, "row 2, amount")

    def test_one_changed_amount_of_an_item_is_named(self):
        run = self.import_file(self.flow, "no_reference")
        folder = self.unpacked_pack(self.flow)
        item = run.item_ids.filtered("amount")[-1]
        path = folder / "lists" / "items.json"
        line = next(line for line in path.read_text().splitlines() if item.uid in line)
        self.change(path, line, re.sub(r'"amount":"(-?)(\d)', r'"amount":"\g<1>9\2', line, count=1))
        self.assertNamed(folder, "item", f"row {item.row}, amount")
        self.assertNamed(folder, "total", run.name, "EUR")

    def test_one_changed_line_of_an_approved_document_is_named(self):
        run = self.import_file(self.flow, "no_reference")
        folder = self.unpacked_pack(self.flow)
        self.change(folder / "documents" / f"{run.version_digest}.json", '"pattern":"*.xml"', '"pattern":"*.xmL"')
        self.assertNamed(folder, "document", run.version_digest[:12], "connection.settings.pattern")

    def test_a_dropped_item_is_named(self):
        run = self.import_file(self.flow, "no_reference")
        folder = self.unpacked_pack(self.flow)
        item = run.item_ids.filtered("amount")[-1]
        path = folder / "lists" / "items.json"
        lines = path.read_text().splitlines(keepends=True)
        kept = [line for line in lines if item.uid not in line]
        if item.uid in lines[-2]:  # the one before is the last row now
            kept[-2] = kept[-2].rstrip(",\n") + "\n"
        path.write_text("".join(kept))
        self.assertNamed(folder, "item", f"row {item.row}", "not there")
        self.assertNamed(folder, "total", run.name)

    def test_a_changed_total_is_named(self):
        run = self.import_file(self.flow, "no_reference")
        folder = self.unpacked_pack(self.flow)
        self.change(folder / "lists" / "runs.json", f'"received":{run.received}', f'"received":{run.received + 1}')
        self.assertNamed(folder, "total", run.name, "received")
