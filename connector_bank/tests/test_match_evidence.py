"""What an evidence pack and the sealed log say of matches."""

import json

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core import pack as packs
from odoo.addons.finance_integration_governance.core.testing.evidence_pack import EvidencePackInHand

from .match_scene import EVERYTHING, MatchCase


@tagged("post_install", "-at_install")
class TestMatchEvidence(EvidencePackInHand, MatchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls.person("auditor", "group_auditor")
        cls.flow = cls.new_flow(cls.german)

    def test_a_pack_lists_what_was_matched_by_which_rule_and_is_worked_out_again(self):
        self.rules(*EVERYTHING)
        invoice = self.invoice(self.anna, 119.0)
        line = self.line(119.0, invoice.name, self.anna)
        self.import_file(self.flow, "no_reference")
        self.assert_matched(line, invoice)
        folder = self.unpacked_pack(self.flow)
        with packs.read_list(folder / "lists" / "matches.json") as (_about, rows):
            told = list(rows)
        self.assertEqual([(one["act"], one["rule"]) for one in told], [("applied", "Numbers")])
        self.assertEqual(told[0]["documents"], invoice.name)
        self.reperformed(folder)

    def test_the_log_tells_of_a_match_and_its_undoing_without_names(self):
        invoice = self.invoice(self.anna, 119.0)
        line = self.line(119.0, invoice.name, self.anna)
        self.take(line)
        self.screen.undo(line.id)
        for act in ("applied", "undone"):
            kept = self.evidence(line, act)
            about = [("code", "=", f"fin.match.{act}"), ("subject_key", "=", str(kept.id))]
            event = self.env["fin.audit.event"].search(about)
            self.assertEqual(json.loads(event.content)["facts"]["digest"], kept.digest)
            self.assertNotIn("Anna", event.content)
