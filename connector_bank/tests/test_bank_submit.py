from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import BankCase


@tagged("post_install", "-at_install")
class TestBankSubmit(BankCase):
    """What a flow of bank statements needs is asked for before somebody approves it, not by its first run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german, code="submit")

    def submitted(self, journals):
        (self.flow.journal_ids - journals).fin_flow_id = False
        journals.fin_flow_id = self.flow
        self.flow.invalidate_recordset()
        version = self.env["fin.version"].with_user(self.operator)._propose(self.flow.with_user(self.operator))
        version.action_submit()
        return version

    def bare(self):
        return self.env["account.journal"].create(
            {"name": "Bare", "code": "BARE", "type": "bank", "company_id": self.company.id}
        )

    def test_a_flow_without_a_journal_is_not_submitted(self):
        with self.assertRaisesRegex(UserError, "no bank journal"):
            self.submitted(self.env["account.journal"])

    def test_a_journal_without_an_account_is_named(self):
        with self.assertRaisesRegex(UserError, "BARE"):
            self.submitted(self.bare())

    def test_a_flow_whose_journals_have_accounts_is_submitted(self):
        self.flow.purpose = "again"
        self.assertEqual(self.submitted(self.flow.journal_ids).state, "review")
