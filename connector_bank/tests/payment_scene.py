"""A company that pays its vendors from one bank account, and the three persons that this takes."""

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.finance_integration_governance.core.workdays import ORDINARY
from odoo.addons.finance_integration_governance.models.writer import by_program

from .common import BankCase

VENDORS = {
    "Canary Paper": "NL91 ABNA 0417 1643 00",
    "Canary Power": "BE68 5390 0754 7034",
    "Canary Rent": "AT61 1904 3002 3457 3201",
}


class PaymentCase(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.preparer = cls.payer("preparer", "group_payment_preparer")
        cls.approver = cls.payer("approver", "group_payment_approver")
        cls.third = cls.payer("third", "group_payment_approver")
        cls.sender = cls.payer("sender", "group_payment_sender")
        cls.today = fields.Date.context_today(cls.env["fin.flow"])
        cls.books()
        cls.vendors = {name: cls.vendor(name, number) for name, number in VENDORS.items()}

    @classmethod
    def payer(cls, login, *groups):
        named = ",".join(f"connector_bank.{group}" for group in groups)
        return new_test_user(cls.env, f"pay-{login}", f"base.group_user,{named}", company_id=cls.company.id)

    @classmethod
    def account(cls, code, kind):
        return cls.env["account.account"].create(
            {
                "code": code,
                "name": f"{kind} {code}",
                "account_type": kind,
                "reconcile": kind in ("liability_payable", "asset_receivable", "asset_current"),
                "company_ids": cls.company.ids,
            }
        )

    @classmethod
    def books(cls):
        cls.payable = cls.account("210000", "liability_payable")
        cls.receivable = cls.account("120000", "asset_receivable")
        cls.expense = cls.account("600000", "expense")
        cls.income = cls.account("400000", "income")
        cls.company.transfer_account_id = cls.account("199998", "asset_current")
        cls.company.account_journal_early_pay_discount_gain_account_id = cls.account("470000", "income_other")
        cls.company.account_journal_early_pay_discount_loss_account_id = cls.account("670000", "expense")
        cls.purchases, cls.sales = cls.env["account.journal"].create(
            [
                {
                    "name": name,
                    "code": code,
                    "type": kind,
                    "company_id": cls.company.id,
                    "default_account_id": account.id,
                }
                for name, code, kind, account in (
                    ("Bills", "BILL", "purchase", cls.expense),
                    ("Invoices", "INV", "sale", cls.income),
                )
            ]
        )

    @classmethod
    def vendor(cls, name, number=None, **vals):
        partner = cls.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "property_account_payable_id": cls.payable.id,
                "property_account_receivable_id": cls.receivable.id,
                "country_id": cls.env.ref("base.nl").id,
                "city": "Utrecht",
                "zip": "3511",
                "street": "Oudegracht 1",
                **vals,
            }
        )
        if number:
            cls.bank_account(partner, number)
        return partner

    @classmethod
    def bank_account(cls, partner, number, trusted=True, **vals):
        return cls.env["res.partner.bank"].create(
            {"acc_number": number, "partner_id": partner.id, "allow_out_payment": trusted, **vals}
        )

    @classmethod
    def bill(cls, partner, amount, ref="B-1", due=None, kind="in_invoice", **vals):
        if isinstance(partner, str):
            partner = cls.vendors[partner]
        journal = cls.purchases if kind.startswith("in") else cls.sales
        line = {"name": ref, "price_unit": amount, "quantity": 1, "tax_ids": [], "account_id": cls.expense.id}
        bill = cls.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": partner.id,
                "journal_id": journal.id,
                "ref": ref,
                "invoice_date": due or cls.today,
                "invoice_date_due": due or cls.today,
                "invoice_line_ids": [Command.create(line)],
                **vals,
            }
        )
        bill.action_post()
        return bill

    @classmethod
    def agreed(cls, **vals):
        """The company's policy with these values, proposed and approved."""
        policy = cls.env["fin.policy"]._of(cls.company)
        policy.write(vals)
        change = cls.env["fin.change"].with_user(cls.operator)._propose(policy.with_user(cls.operator))
        change.action_submit()
        by_program(change.version_ids.with_user(cls.second))._approve()
        cls.env["fin.audit.seal"]._seal_waiting()
        cls.env.invalidate_all()

    # Batches

    def propose(self, until=None, execute_on=None, by=None, **options):
        batches = self.env["fin.payment.batch"].with_user(by or self.preparer)
        until = until or self.today
        batch = batches._propose(self.german.with_user(by or self.preparer), until, execute_on or self.day(), **options)
        batch.note = "no statement yet"
        return batch

    @classmethod
    def day(cls, ahead=3):
        """A working day of the coming week."""
        return ORDINARY.shifted(fields.Date.add(cls.today, days=ahead), 1)

    def submitted(self, *amounts, **options):
        """A batch of bills of these amounts, submitted."""
        names = list(self.vendors)
        for number, amount in enumerate(amounts or (100.0, 200.0)):
            self.bill(names[number % len(names)], amount, f"B-{number}-{amount}")
        batch = self.propose(**options)
        batch._submit()
        return batch

    def left_out(self, batch):
        return dict(batch.left_out_ids.mapped(lambda row: (row.document, row.code)))
