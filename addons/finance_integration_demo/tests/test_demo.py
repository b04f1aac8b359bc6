"""What the demo says of itself: flows that a second person approved, files that say what the cases expect."""

import importlib
import io
import sys
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from odoo.addons.connector_bank.core.camt053 import Camt053
from odoo.addons.connector_bank.core.pain002 import StatusFiles
from odoo.addons.connector_bank.core.statement import BankEntry
from odoo.addons.connector_planning.core.budget_files import BudgetFiles
from odoo.addons.finance_integration_governance.core.connector import Payload
from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload

FOLDER = str(Path(__file__).resolve().parents[1])


def program(name):
    """One of the launcher's modules: plain programs beside the addon, not part of it."""
    with patch.object(sys, "path", [FOLDER, *sys.path]):
        return importlib.import_module(name)


def given_cases():
    cases = program("bank_case")
    first = cases.scheduled("20260915-0001", opening)
    return {case.words: case for case in (*first, *cases.by_hand("20260915-0001", first, opening))}


def opening(_account):
    return Decimal("100.00")


def parsed(connector, content):
    """What a connector reads in a file."""
    return list(connector(location="file:///nowhere").parse(Payload("file", lambda: io.BytesIO(content))))


def read(content):
    """(rows, codes of blocking findings) of a statement file."""
    told = parsed(Camt053, content)
    rows = [one for one in told if one.__class__ is BankEntry]  # what is pending is one by inheritance
    return rows, [one.code for one in told if isinstance(one, Finding) and one.blocking]


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    def test_every_flow_is_live_by_the_approvers_yes(self):
        flows = self.env["fin.flow"].search([("company_id", "=", self.env.ref("finance_integration_demo.company").id)])
        self.assertEqual(len(flows), 7)
        for flow in flows:
            self.assertEqual(flow.state, "active")
            self.assertEqual(flow.live_version_id.proposed_by.login, "operator")
            self.assertEqual(flow.live_version_id.approval_ids.person_id.login, "approver")

    def test_each_person_holds_one_group(self):
        kernel, bank = "finance_integration_governance.group_", "connector_bank.group_payment_"
        groups = {
            "operator": f"{kernel}operator",
            "approver": f"{kernel}approver",
            "finadmin": f"{kernel}administrator",
            "auditor": f"{kernel}auditor",
            "viewer": f"{kernel}viewer",
            "bookkeeper": "account.group_account_user",
            "preparer": f"{bank}preparer",
            "payapprover": f"{bank}approver",
            "sender": f"{bank}sender",
        }
        of_all = self.env["res.groups"].union(*map(self.env.ref, groups.values()))
        for login, group in groups.items():
            user = self.env.ref(f"finance_integration_demo.user_{login}")
            self.assertEqual(user.group_ids & of_all, self.env.ref(group))
            self.assertFalse(user.has_group("base.group_system"))

    def test_three_companies_two_currencies_and_a_close_that_the_approver_has_agreed_to(self):
        self.env["fin.audit.seal"]._seal_waiting()  # an approval counts once the log has it
        self.env.registry.clear_cache()
        companies = self.env["res.company"].search([("fin_code", "=like", "linden%")])
        self.assertEqual(sorted(company.currency_id.name for company in companies), ["EUR", "EUR", "USD"])
        for company in companies:
            self.assertEqual([one["code"] for one in company._fin_close()["checkpoints"]], ["trial-balance"])
            version = self.env["fin.policy"]._of(company).live_version_id
            self.assertEqual(version.proposed_by.login, "finadmin")
            self.assertEqual(version.approval_ids.person_id.login, "approver")
        flow = self.env["fin.flow"].search([("code", "=", "actuals-to-planning")])
        self.assertEqual(flow.company_ids, companies)

    def test_another_address_is_another_version_with_a_yes_of_its_own(self):
        flow = self.env["fin.flow"].search([("code", "=", "actuals-to-planning")])
        before = flow.live_version_id
        changed = self.env["fin.demo"]._connect({"demo-planning": {"base_url": "http://127.0.0.1:8099"}})
        self.assertEqual(changed, ["demo-planning"])
        self.assertEqual(before.state, "superseded")
        self.assertEqual(flow.live_version_id.number, before.number + 1)
        self.assertFalse(self.env["fin.demo"]._connect({"demo-planning": {"base_url": "http://127.0.0.1:8099"}}))

    def test_the_books_have_a_history(self):
        for name in ("company", "company_us", "company_fr"):
            company = self.env.ref(f"finance_integration_demo.{name}")
            moves = self.env["account.move"].search([("company_id", "=", company.id), ("state", "=", "posted")])
            self.assertGreater(len(moves), 20)

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

    def test_plannings_file_has_a_figure_for_each_account_and_month(self):
        lines = parsed(BudgetFiles, program("planning_case").sheet("budget-1", 2026))
        heads = {(line.version, line.company, line.currency) for line in lines}
        self.assertEqual(heads, {("budget-1", "linden", "EUR")})
        self.assertEqual((len(lines), sum(line.balance for line in lines)), (36, 12 * (-40_000 + 9_500 + 3_200)))

    def test_the_banks_answer_settles_all_payments_but_those_to_one_supplier(self):
        bank = program("payment_answer")
        ordered = bank.Ordered("PAY-1-abc", "PAY-1-abc-1", {"E-1": "Mill & Sons", "E-2": "Couriers"})
        told = parsed(StatusFiles, bank.answer(ordered, "Couriers").encode())
        seen = [(one.end_to_end_id, one.status, one.reason) for one in told if one.level == "payment"]
        self.assertEqual(seen, [("E-1", "ACSC", None), ("E-2", "RJCT", "AC04")])
        self.assertEqual({one.original_message for one in told}, {"PAY-1-abc"})
