"""What the demo says of itself: flows that a second person approved, files that say what the cases expect."""

import io
import sys
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from odoo.addons.connector_bank.core.camt053 import Camt053
from odoo.addons.connector_bank.core.statement import BankEntry
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

FOLDER = str(Path(__file__).resolve().parents[1])


def given_cases():
    """The launcher's cases; its files are plain programs beside the addon, not part of it."""
    with patch.object(sys, "path", [FOLDER, *sys.path]):
        import cases
    first = cases.scheduled(1, opening)
    return {case.words: case for case in (*first, *cases.by_hand(1, first, opening))}


def opening(_account):
    return Decimal("100.00")


def read(content):
    """(rows, codes of blocking findings) of a statement file."""
    told = list(Camt053(location="file:///nowhere").parse(Payload("file.xml", lambda: io.BytesIO(content))))
    rows = [one for one in told if one.__class__ is BankEntry]  # what is pending is one by inheritance
    return rows, [one.code for one in told if isinstance(one, Finding) and one.blocking]


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    def test_every_flow_is_live_by_the_approvers_yes(self):
        flows = self.env["fin.flow"].search([("company_id", "=", self.env.ref("finance_integration_demo.company").id)])
        self.assertEqual(len(flows), 3)
        for flow in flows:
            self.assertEqual(flow.state, "active")
            self.assertEqual(flow.live_version_id.proposed_by.login, "operator")
            self.assertEqual(flow.live_version_id.approval_ids.person_id.login, "approver")

    def test_each_person_holds_one_group_of_the_suite(self):
        groups = {"operator": "operator", "approver": "approver", "finadmin": "administrator", "auditor": "auditor"}
        for login, group in groups.items():
            user = self.env.ref(f"finance_integration_demo.user_{login}")
            self.assertTrue(user.has_group(f"finance_integration_governance.group_{group}"))
            self.assertFalse(user.has_group("base.group_system"))

    def test_another_address_is_another_version_with_a_yes_of_its_own(self):
        flow = self.env["fin.flow"].search([("code", "=", "actuals-to-planning")])
        before = flow.live_version_id
        changed = self.env["fin.demo"]._connect({"demo-planning": {"base_url": "http://127.0.0.1:8099"}})
        self.assertEqual(changed, ["demo-planning"])
        self.assertEqual(before.state, "superseded")
        self.assertEqual(flow.live_version_id.number, before.number + 1)
        self.assertFalse(self.env["fin.demo"]._connect({"demo-planning": {"base_url": "http://127.0.0.1:8099"}}))

    def test_the_books_have_a_history(self):
        company = self.env.ref("finance_integration_demo.company")
        moves = self.env["account.move"].search([("company_id", "=", company.id), ("state", "=", "posted")])
        self.assertGreater(len(moves), 20)
        self.assertEqual(company.currency_id.name, "EUR")

    def test_two_accounts_a_batch_and_a_pending_entry(self):
        [content] = given_cases()["two accounts in one file, a batch, one pending entry"].files.values()
        rows, blocking = read(content)
        self.assertEqual((len(rows), len({row.account for row in rows}), blocking), (7, 2, []))
        self.assertEqual(sum(row.amount for row in rows), Decimal("4094.45"))

    def test_one_closing_balance_is_wrong(self):
        [content] = given_cases()["two accounts, one closing balance is wrong"].files.values()
        self.assertEqual(read(content)[1], ["balance_open"])

    def test_half_a_file_is_no_file(self):
        files = given_cases()["a good file, and half of another"].files
        [half] = [content for name, content in files.items() if "half" in name]
        with self.assertRaises(MalformedPayload):
            read(half)
