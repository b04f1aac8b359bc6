"""What a bank sends comes to stand in the books: every entry once, in its own journal, and back to its origin."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.connector_bank.core.statement import account_number

from .common import FRENCH, GERMAN, BankCase


@tagged("post_install", "-at_install")
class TestBankBooks(BankCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The samples are days of their own: that they do not follow each other is not what is tried here.
        cls.flow = cls.new_flow(cls.german | cls.french, bank_gap="tell", bank_break="tell")

    def test_two_accounts_in_one_file_land_in_their_own_journals(self):
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=5, received=5)
        self.assertEqual(run.reconciliation_state, "tied")
        self.assertEqual(self.amounts(self.german), [150.0, -40.0])
        self.assertEqual(self.amounts(self.french), [25.5])
        self.assertEqual(set(self.lines().move_id.mapped("state")), {"posted"})

    def test_a_statement_carries_the_balances_of_the_bank(self):
        self.import_file(self.flow, "two_accounts")
        german, french = self.statements(self.german), self.statements(self.french)
        told = [(s.name, s.balance_start, s.balance_end_real, str(s.date)) for s in german | french]
        self.assertEqual(told, [("STM-41", 1000.0, 1110.0, "2026-03-02"), ("STM-9", -20.0, 5.5, "2026-03-02")])
        self.assertEqual([s.balance_end for s in german | french], [1110.0, 5.5])
        self.assertEqual(self.lines(self.german).statement_id, german)

    def test_a_line_says_what_the_bank_said(self):
        partner = self.env["res.partner"].create({"name": "Azure Interior"})
        self.env["res.partner.bank"].create({"acc_number": "NL91 ABNA 0417 1643 00", "partner_id": partner.id})
        self.import_file(self.flow, "two_accounts")
        line = self.lines(self.german)[0]
        self.assertEqual(
            (line.payment_ref, line.partner_id, line.partner_name, line.account_number, str(line.date)),
            ("Invoice INV/2026/00012", partner, "Azure Interior", "NL91ABNA0417164300", "2026-03-02"),
        )
        self.assertEqual(line.transaction_type, "PMNT-RCDT-ESCT")
        self.assertEqual(line.transaction_details["end_to_end"], "INV-12")

    def test_an_account_that_two_partners_have_names_nobody(self):
        for name in ("One", "Another"):
            partner = self.env["res.partner"].create({"name": name})
            self.env["res.partner.bank"].create({"acc_number": "NL91ABNA0417164300", "partner_id": partner.id})
        self.import_file(self.flow, "two_accounts")
        self.assertFalse(self.lines().partner_id)

    def test_a_batch_with_details_becomes_a_line_for_each_detail(self):
        run = self.import_file(self.flow, "batch_with_details")
        self.assert_state(run, "done", delivered=4)
        self.assertEqual(self.amounts(), [100.0, 120.0, 80.0])
        self.assertEqual(self.lines().mapped("payment_ref"), ["Invoice 1", "Invoice 2", "Invoice 3"])

    def test_pending_entries_are_not_booked(self):
        run = self.import_file(self.flow, "pending")
        self.assert_state(run, "done", delivered=2)
        self.assertEqual(self.amounts(), [150.0])

    def test_a_statement_without_entries_is_kept_as_evidence(self):
        run = self.import_file(self.flow, "no_entries")
        self.assert_state(run, "done", delivered=1)
        statement = self.statements(self.german)
        self.assertEqual((statement.balance_start, statement.balance_end_real), (1000.0, 1000.0))
        self.assertEqual(statement.fin_run_id, run)
        self.assertFalse(self.lines())

    def test_a_reversal_keeps_its_sign(self):
        self.import_file(self.flow, "reversal")
        self.assertEqual(self.amounts(), [-60.0])

    def test_a_file_is_moved_to_done_once_it_is_kept(self):
        run = self.import_file(self.flow, "two_accounts")
        self.assertEqual([path.name for path in self.inbox.iterdir()], ["done"])
        self.assertTrue(run.payload_ids._is_intact())
        self.assertEqual((self.inbox / "done" / "statement.xml").read_bytes(), run.payload_ids._open().read())

    def test_several_files_of_one_run_are_one_run(self):
        self.put("a.xml", "two_accounts")
        self.put("b.xml", "reversal")
        run = self.run_flow(self.flow)
        self.assert_state(run, "done", delivered=7)
        self.assertEqual(len(run.payload_ids), 2)

    def test_a_domestic_number_is_found_whatever_separates_its_digits(self):
        self.french.bank_account_id.acc_number = "12345-67 / 890"
        self.name_journals(self.flow, self.german | self.french)
        iban = "<IBAN>FR7630006000011234567890189</IBAN>"
        run = self.import_file(self.flow, "two_accounts", (iban, "<Othr><Id>12345/67-890</Id></Othr>"))
        self.assert_state(run, "done", delivered=5)
        self.assertEqual(self.amounts(self.french), [25.5])

    # From the record to its origin and back

    def test_every_record_leads_to_its_run_and_item_and_back(self):
        run = self.import_file(self.flow, "two_accounts")
        line = self.lines(self.german)[0].with_user(self.operator)
        for record in (line, line.move_id, line.statement_id):
            self.assertEqual(record.fin_run_id, run)
            self.assertEqual(record.action_fin_open_run()["res_id"], run.id)
            self.assertEqual(record.action_fin_open_item()["res_id"], record.fin_item_id.id)
        self.assertEqual(line.fin_item_id.amount, 150.0)
        opened = line.fin_item_id.action_open_record()
        self.assertEqual((opened["res_model"], opened["res_id"]), (line._name, line.id))
        self.assertEqual(line.statement_id.fin_item_id.contract, "bank.statement/1.0")

    def test_what_people_book_has_no_origin(self):
        line = self.env["account.bank.statement.line"].create(
            {"journal_id": self.german.id, "amount": 1, "payment_ref": "by hand", "date": "2026-03-02"}
        )
        self.assertFalse(line.fin_run_id or line.move_id.fin_run_id)

    # Who books

    def test_lines_are_made_by_the_service_user(self):
        self.import_file(self.flow, "two_accounts")
        service = self.company.fin_service_user_id
        for records in (self.lines(), self.lines().move_id, self.statements()):
            self.assertEqual(records.create_uid, service)
        self.assertFalse(service.has_group("base.group_system"))

    def test_what_the_service_user_may_not_do_is_not_done(self):
        self.env["ir.rule"].create(
            {
                "name": "not in the French journal",
                "model_id": self.env["ir.model"]._get_id("account.bank.statement.line"),
                "domain_force": f"[('journal_id', '!=', {self.french.id})]",
            }
        )
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=4, rejected=1)
        self.assertEqual(self.amounts(), [150.0, -40.0])
        self.assertEqual(self.exception(run, "not_booked").user_id, self.operator)

    def test_a_person_who_sees_another_company_only_sees_nothing(self):
        run = self.import_file(self.flow, "two_accounts")
        stranger = self.person("stranger", "group_viewer", company=self.new_company("Somewhere else"))
        for records in (run, run.item_ids, run.payload_ids, self.lines()):
            with self.assertRaises(AccessError):
                records[0].with_user(stranger).check_access("read")


@tagged("post_install", "-at_install")
class TestBankCompanies(BankCase):
    """One flow of two companies, whose journals have the same code."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.daughter = cls.new_company("Daughter SARL")
        cls.env.user.company_ids |= cls.daughter
        cls.operator.company_ids |= cls.daughter
        cls.second.company_ids |= cls.daughter
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": (cls.company | cls.daughter).ids})
        cls.french.bank_account_id = False
        cls.own = cls.new_journal("GIRO", FRENCH, company=cls.daughter)
        cls.flow = cls.new_flow(cls.german | cls.own, company_ids=[(6, 0, cls.daughter.ids)])

    def test_each_company_gets_its_own_entries(self):
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=5)
        self.assertEqual((self.amounts(self.german), self.amounts(self.own)), ([150.0, -40.0], [25.5]))
        self.assertEqual(self.lines(self.own).company_id, self.daughter)
        self.assertEqual(self.statements(self.own).company_id, self.daughter)

    def test_a_partner_of_another_company_is_not_taken(self):
        partner = self.env["res.partner"].create({"name": "Only here", "company_id": self.company.id})
        self.env["res.partner.bank"].create({"acc_number": "NL91ABNA0417164300", "partner_id": partner.id})
        run = self.import_file(self.flow, "two_accounts")
        self.assert_state(run, "done", delivered=5)
        self.assertEqual(self.lines(self.german)[0].partner_id, partner)
        self.assertFalse(self.lines(self.own).partner_id)

    def test_the_lock_date_of_each_company_counts(self):
        self.daughter.fiscalyear_lock_date = "2026-03-31"
        run = self.import_file(self.flow, "two_accounts")
        self.assertEqual(run.state, "done")
        self.assertEqual((self.amounts(self.german), self.amounts(self.own)), ([150.0, -40.0], []))
        self.assert_nothing_lost(run)

    def test_numbers_are_compared_as_wholes(self):
        self.assertEqual(account_number(GERMAN), "DE89370400440532013000")
        self.german.bank_account_id.acc_number = GERMAN[:-1]
        self.name_journals(self.flow, self.german | self.own)
        run = self.import_file(self.flow, "two_accounts")
        self.assertEqual((self.amounts(self.german), self.amounts(self.own)), ([], [25.5]))
        self.assertIn("unknown_account", self.codes(run.child_ids))
