"""What an evidence pack of sent figures proves without Odoo: payloads made again, crosswalk lines named."""

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.testing.evidence_pack import EvidencePackInHand

from .common import PlanningCase


@tagged("post_install", "-at_install")
class TestPlanningEvidence(EvidencePackInHand, PlanningCase):
    @classmethod
    def people(cls):
        super().people()
        cls.auditor = cls.person("auditor", "group_auditor")

    def setUp(self):
        super().setUp()
        for day, amount in (("2026-01-10", 100), ("2026-01-20", 20.5), ("2026-02-10", 7)):
            self.entry(day, amount)
        self.crosswalk = self.new_crosswalk()

    def packed(self):
        """(folder of an unpacked pack, run): four cells in two payloads, and a second run in which nothing changed."""
        flow = self.flow(self.start_double().url, crosswalk_ids=[Command.set(self.crosswalk.ids)])
        run = self.complete(self.queue(flow))
        self.assertEqual((run.state, run.delivered), ("done", 4))
        self.complete(self.queue(flow))  # unchanged: items in no payload
        return self.unpacked_pack(flow), run

    def test_what_was_sent_is_made_again_byte_for_byte(self):
        folder, run = self.packed()
        counts = self.reperformed(folder)
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
