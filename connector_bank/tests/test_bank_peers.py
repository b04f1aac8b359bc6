"""Defects that were measured in other importers of bank statements, one test each; what a line knows of its origin."""

from collections import namedtuple

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.core.errors import DataError

from ..models.fin_object_bank_line import _unique_id
from .common import GERMAN, BankCase

RF = "RF18539007547034"


@tagged("post_install", "-at_install")
class TestBankPeers(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french, bank_gap="tell", bank_break="tell")

    # Imports

    def test_peers_the_same_file_twice_books_nothing_twice(self):
        self.import_file(self.flow, "two_accounts")
        again = self.import_file(self.flow, "two_accounts", name="again.xml")
        self.assert_state(again, "done", delivered=0)
        self.assertEqual(self.amounts(), [150.0, -40.0, 25.5])

    def test_peers_two_accounts_of_a_file_are_not_both_booked_into_the_last_one(self):
        self.import_file(self.flow, "two_accounts")
        self.assertEqual([len(self.lines(one)) for one in (self.german, self.french)], [2, 1])

    def test_peers_a_batch_of_300_whose_details_have_no_amounts_is_not_900(self):
        self.import_file(self.flow, "batch_without_amounts")
        self.assertEqual(sum(self.amounts()), 300.0)

    def test_peers_of_a_file_cut_in_half_nothing_is_booked(self):
        run = self.import_file(self.flow, "half_a_file")
        self.assertEqual(run.state, "held")
        self.assertFalse(self.lines())

    def test_peers_a_pending_entry_is_not_booked(self):
        self.import_file(self.flow, "pending")
        self.assertEqual(self.amounts(), [150.0])

    def test_peers_no_journal_is_found_by_a_part_of_its_number(self):
        run = self.import_file(self.flow, "reversal", (GERMAN.replace(" ", ""), GERMAN.replace(" ", "")[4:]))
        self.assertIn("unknown_account", self.codes(run))
        self.assertFalse(self.lines())

    def test_peers_no_journal_of_another_company_is_taken(self):
        stranger = self.new_company("Stranger")
        self.new_journal("STRA", "BE71 0961 2345 6769", company=stranger)
        run = self.import_file(self.flow, "reversal", (GERMAN.replace(" ", ""), "BE71096123456769"))
        self.assertIn("unknown_account", self.codes(run))
        self.assertFalse(self.env["account.bank.statement.line"].search([("company_id", "=", stranger.id)]))

    def test_peers_a_line_of_a_locked_period_is_held_and_gets_no_other_date(self):
        self.company.fiscalyear_lock_date = "2026-03-31"
        run = self.import_file(self.flow, "reversal")
        self.assertEqual(run.state, "held")
        self.assertFalse(self.lines())

    def test_peers_one_poison_entry_does_not_keep_the_others_from_being_booked(self):
        business = type(self.env["fin.object.bank_statement"])
        told = business._told

        def refused(me, item):
            if item.amount == -40:
                raise DataError("nobody can book this", code="poison")
            return told(me, item)

        self.patch(business, "_told", refused)
        self.import_file(self.flow, "two_accounts")
        self.assertEqual(sorted(self.amounts()), [25.5, 150.0])

    def test_peers_no_bookkeeper_changes_where_a_bank_is_asked(self):
        clerk = self.person("bookkeeper", "group_operator")
        clerk.group_ids |= self.env.ref("account.group_account_user")
        with self.assertRaises(AccessError):
            self.flow.connection_id.with_user(clerk).write({"settings": {"location": "file:///elsewhere"}})

    # What a line knows

    def test_a_structured_reference_names_the_partner_whom_the_account_does_not_name(self):
        partner = self.env["res.partner"].create({"name": "Who pays by reference"})
        self.bill(partner, "RF18 5390 0754 7034")
        self.import_file(self.flow, "two_accounts", *self.with_reference())
        self.assertEqual(self.lines(self.german)[0].partner_id, partner)

    def test_a_reference_that_two_partners_have_names_nobody(self):
        for name in ("One", "Another"):
            self.bill(self.env["res.partner"].create({"name": name}), RF)
        self.import_file(self.flow, "two_accounts", *self.with_reference())
        self.assertFalse(self.lines(self.german)[0].partner_id)

    def test_the_account_of_a_partner_goes_before_the_reference(self):
        payer, other = self.env["res.partner"].create([{"name": "Payer"}, {"name": "Other"}])
        self.env["res.partner.bank"].create({"acc_number": "NL91ABNA0417164300", "partner_id": payer.id})
        self.bill(other, RF)
        self.import_file(self.flow, "two_accounts", *self.with_reference())
        self.assertEqual(self.lines(self.german)[0].partner_id, payer)

    def test_foreign_money_stands_beside_the_amount_of_the_account(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.import_file(self.flow, "foreign_currency")
        line = self.lines()[0]
        self.assertEqual((line.amount, line.foreign_currency_id), (100.0, dollar))
        self.assertGreater(line.amount_currency, 0)
        self.assertEqual(line.move_id.state, "posted")

    def test_a_currency_that_odoo_does_not_use_leaves_the_line_in_its_own(self):
        self.import_file(self.flow, "foreign_currency", ('Ccy="USD"', 'Ccy="XPF"'))
        self.assertEqual((self.lines()[0].amount, self.lines()[0].foreign_currency_id.id), (100.0, False))

    def test_the_id_of_ocas_importers_is_account_journal_and_the_banks_reference(self):
        item = namedtuple("Item", "content key")
        with_reference = item({"account": "DE89370400440532013000"}, "ref1:DE89370400440532013000:A-1")
        without = item({"account": "DE89370400440532013000"}, "fp1:abc:1")
        self.assertEqual(_unique_id(with_reference, 7), "DE89370400440532013000-7-A-1")
        self.assertEqual(_unique_id(without, 7), "DE89370400440532013000-7-fp1:abc:1")

    def test_every_line_leads_to_run_item_and_payload_and_they_lead_back(self):
        run = self.import_file(self.flow, "two_accounts")
        for line in self.lines():
            self.assertEqual((line.fin_run_id, line.move_id.fin_run_id), (run, run))
            self.assertEqual(line.fin_item_id.payload_id, run.payload_ids)
            self.assertEqual(self.env["fin.binding"]._of_items(line.fin_item_id).res_id, line.id)

    # What is there

    def with_reference(self):
        told = f"<RmtInf><Strd><CdtrRefInf><Ref>{RF}</Ref></CdtrRefInf></Strd></RmtInf>"
        return [("<RmtInf><Ustrd>Invoice INV/2026/00012</Ustrd></RmtInf>", told)]

    def bill(self, partner, reference):
        income = self.env["account.account"].create(
            {"code": f"4{partner.id:05d}", "name": "Income", "account_type": "income", "company_ids": self.company.ids}
        )
        due = self.env["account.account"].create(
            {
                "code": f"1{partner.id:05d}",
                "name": "Due",
                "account_type": "asset_receivable",
                "reconcile": True,
                "company_ids": self.company.ids,
            }
        )
        partner.with_company(self.company).property_account_receivable_id = due
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        ) or self.env["account.journal"].create(
            {"name": "Sales", "code": "SALE", "type": "sale", "company_id": self.company.id}
        )
        line = {"name": "Work", "quantity": 1, "price_unit": 150, "account_id": income.id, "tax_ids": []}
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "journal_id": journal.id,
                "invoice_date": "2026-02-01",
                "payment_reference": reference,
                "invoice_line_ids": [(0, 0, line)],
            }
        )
        move.action_post()
        return move
