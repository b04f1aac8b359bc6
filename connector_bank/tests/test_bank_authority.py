"""Rules over statement lines: whose word counts for what the bank says, in runs and when people edit them."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import BankCase


@tagged("post_install", "-at_install")
class TestBankAuthority(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)
        cls.accountant = cls.person("accountant", "group_operator")
        cls.accountant.group_ids = [Command.link(cls.env.ref("account.group_account_manager").id)]

    def in_force(self, subject="bank_statement/amount", owned=True, **vals):
        """A rule of the bank's own system, approved with the policy and pinned by the flow."""
        owner = {"connection_id": self.flow.connection_id.id} if owned else {}
        rules = self.env["fin.authority"].with_user(self.operator)
        rules.create({"subject": subject, **owner, "steward_id": self.operator.id, **vals})
        policy = self.env["fin.policy"].with_user(self.operator)._of(self.company)
        for subject in (policy, self.flow.with_user(self.operator)):
            change = subject.env["fin.change"]._propose(subject)
            change.action_submit()
            change.with_user(self.second)._approve()
            self.env["fin.audit.seal"]._seal_waiting()
            self.env.invalidate_all()

    def test_the_bank_brings_what_it_owns(self):
        self.in_force("bank_statement/*")
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=5, received=5)

    def test_a_line_that_odoo_owns_is_refused_with_the_amount_that_was_brought(self):
        self.in_force(owned=False)
        run = self.import_file(self.flow, "two_accounts")
        self.assertFalse(self.lines())
        exception = self.exception(run, "authority_conflict")
        self.assertEqual(sorted(exception.conflict_ids.mapped("theirs")), ["-40.0", "150.0", "25.5"])
        self.assert_nothing_lost(run)

    def test_nobody_edits_the_amount_that_the_bank_owns(self):
        self.in_force()
        self.import_file(self.flow, "two_accounts")
        line = self.lines(self.german)[0].with_user(self.accountant)
        with (
            self.enter_registry_test_mode(),
            self.assertRaisesRegex(UserError, "is the system of record for Bank statement line, Amount"),
        ):
            line.amount = 1
        line.payment_ref = "what no rule names"

    def test_nobody_makes_a_line_by_hand_where_the_bank_owns_them(self):
        self.in_force("bank_statement/*")
        with self.enter_registry_test_mode(), self.assertRaisesRegex(UserError, "system of record"):
            self.env["account.bank.statement.line"].with_user(self.accountant).create(
                {"journal_id": self.german.id, "amount": 5, "payment_ref": "by hand", "date": "2026-03-02"}
            )

    def test_an_edit_that_is_only_warned_of_is_noted_on_the_entry(self):
        self.in_force(edit="warn")
        self.import_file(self.flow, "two_accounts")
        line = self.lines(self.german)[0]
        line.with_user(self.accountant).amount = 1
        self.assertIn("system of record", str(line.move_id.message_ids.mapped("body")))

    def test_drift_names_a_line_that_says_something_else_than_the_bank(self):
        self.import_file(self.flow, "two_accounts")
        drift = self.env["fin.drift"].with_user(self.accountant).create({"flow_id": self.flow.id})
        drift.action_compare()
        self.assertFalse(drift.line_ids)
        self.lines(self.german)[0].payment_ref = "changed here"
        drift.action_compare()
        told = [(line.entity, line.field, line.ours, line.theirs) for line in drift.line_ids]
        self.assertEqual(told, [("Bank statement line", "Label", "changed here", "Invoice INV/2026/00012")])
