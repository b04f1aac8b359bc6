"""What an interface told stands in an evidence pack, and is worked out again from its pages without Odoo."""

import contextlib

from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.testing.evidence_pack import EvidencePackInHand

from .api_scene import ApiCase, balance, booked


@tagged("post_install", "-at_install")
class TestBankApiEvidence(EvidencePackInHand, ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = cls.person("auditor", "group_auditor")

    def test_re_performance_of_a_pull_is_equal(self):
        self.consent()
        equal = [booked("2026-03-05", "5.00", words="Coffee") for _time in range(2)]
        self.has(
            *equal,
            booked("2026-03-06", "-40.00", "A2"),
            pending=[booked("2026-03-09", "-8.00", "P1")],
            balances=[balance("closingBooked", "100.00", "2026-03-09")],
        )
        self.pull()
        runs = self.env["fin.run"].search([("flow_id", "=", self.flow.id)])
        self.env.flush_all()
        self.enter_registry_test_mode = contextlib.nullcontext  # it is in it already
        counts = self.reperformed(self.unpacked_pack(self.flow))
        self.assertEqual(counts["payloads"], len(runs.payload_ids))
        self.assertEqual(counts["items"], len(runs.item_ids))
