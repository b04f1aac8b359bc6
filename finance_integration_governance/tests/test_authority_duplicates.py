from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .authority_scene import AuthorityScene

VAT = "BE0428759497"


@tagged("post_install", "-at_install")
class TestAuthorityDuplicates(AuthorityScene, HttpCase):
    """Contacts that may be one: a case, a proposal, and Odoo's own merge after a second person's yes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"]
        cls.one = partners.create({"name": "De Haan NV", "vat": VAT, "city": "Gent", "is_company": True})
        cls.two = partners.create({"name": "Brouwerij", "vat": "BE 0428.759.497", "phone": "+32 470 123456"})
        cls.account = cls.env["res.partner.bank"].create({"partner_id": cls.two.id, "acc_number": "1111"})

    def case(self):
        self.by("operator", "fin.duplicate").action_scan()
        return self.env["fin.duplicate"].search([("partner_ids", "in", self.one.ids)])

    def asked(self):
        case = self.case()
        self.by("operator", case).action_request_merge()
        return case

    def test_a_group_is_a_case_with_a_proposal(self):
        case = self.case()
        self.assertEqual((case.partner_ids, case.reasons, case.state), (self.one + self.two, "vat", "open"))
        self.assertEqual((case.exception_id.code, case.survivor_id), ("duplicate_partner", self.one))
        told = {line.field: line.partner_id for line in case.line_ids}
        self.assertEqual((told["name"], told["phone"], told["city"]), (self.one, self.two, self.one))
        phone = case.line_ids.filtered(lambda line: line.field == "phone")
        self.assertEqual((phone.label, phone.value, phone.others), ("Phone", "+3…56", ""))

    def test_looking_again_opens_no_second_case_nor_one_that_was_closed(self):
        case = self.case()
        self.assertEqual(self.case(), case)
        self.by("operator", case.exception_id)._close("resolve", "they are two")
        self.assertEqual(self.case(), case)
        self.assertEqual(case.state, "resolved")

    def scan(self):
        """The nightly look, as the scheduler does it."""
        self.env.flush_all()
        self.env["fin.duplicate"]._cron_scan()
        return self.env["fin.duplicate"].search([("partner_ids", "in", self.one.ids)])

    def test_the_nightly_look_opens_a_case_once(self):
        case = self.scan()
        self.assertEqual((case.partner_ids, case.reasons), (self.one + self.two, "vat"))
        self.assertEqual(self.scan(), case)
        self.by("operator", case.exception_id)._close("resolve", "they are two")
        self.one.name = "De Haan"
        self.assertEqual(self.scan(), case)

    def test_the_nightly_look_compares_what_changed_with_all_the_rest(self):
        self.scan()
        self.env.flush_all()
        self.sql("UPDATE res_partner SET write_date = now() - interval '3 days' WHERE id <> %s", self.two.id)
        self.env.company.browse(self.company.id).fin_duplicates_until = fields.Datetime.now() - timedelta(days=2)
        old = self.env["res.partner"].create({"name": "Very Old", "email": "old@example.com"})
        self.env.flush_all()
        self.sql("UPDATE res_partner SET write_date = now() - interval '3 days' WHERE id = %s", old.id)
        new = self.env["res.partner"].create({"name": "New", "email": "OLD@example.com"})
        self.scan()
        case = self.env["fin.duplicate"].search([("partner_ids", "in", new.ids)])
        self.assertEqual((case.partner_ids, case.reasons), (old + new, "email"))

    def test_a_new_account_makes_a_contact_changed(self):
        self.scan()
        three = self.env["res.partner"].create({"name": "Three"})
        self.env.flush_all()
        self.sql("UPDATE res_partner SET write_date = now() - interval '3 days'")
        self.sql("UPDATE res_partner_bank SET write_date = now() - interval '3 days'")
        self.company.fin_duplicates_until = fields.Datetime.now() - timedelta(days=2)
        self.scan()
        self.env["res.partner.bank"].create({"partner_id": three.id, "acc_number": "BE68 5390 0754 7034"})
        self.account.copy({"partner_id": self.one.id, "acc_number": "BE68539007547034"})
        self.scan()
        self.assertIn(three, self.env["fin.duplicate"].search([("reasons", "ilike", "iban")]).partner_ids)

    def test_a_smaller_case_gives_way_to_a_larger_one(self):
        small = self.scan()
        self.env["res.partner"].create({"name": "Third", "vat": VAT})
        found = self.scan()
        self.assertEqual((small.state, len(found), len((found - small).partner_ids)), ("resolved", 2, 3))

    def test_nobody_looks_for_more_while_enough_wait(self):
        with patch("odoo.addons.finance_integration_governance.models.authority.fin_duplicate_watch.MOST_OPEN", 0):
            self.assertFalse(self.scan())

    def test_a_second_persons_yes_merges_by_odoo(self):
        case = self.asked()
        self.assertTrue(case.is_waiting)
        self.by("approver", case)._approve_merge()
        self.assertEqual((self.one.exists(), self.two.exists()), (self.one, self.two.browse()))
        self.assertEqual((self.one.name, self.one.phone, self.one.city), ("De Haan NV", "+32 470 123456", "Gent"))
        self.assertEqual((self.account.partner_id, case.state), (self.one, "resolved"))

    def test_a_rule_does_not_stand_in_the_way_of_what_two_persons_agreed(self):
        self.rule("partner/*")
        self.in_force()
        self.by("approver", self.asked())._approve_merge()
        self.assertFalse(self.two.exists())

    def test_s10_nobody_merges_alone(self):
        case = self.asked()
        for group in ("operator", "administrator", "viewer"):
            with self.subTest(group=group), self.assertRaises(AccessError):
                self.by(group, case)._approve_merge()
        self.assertTrue(self.two.exists())

    def test_a_yes_binds_to_the_values_that_were_shown(self):
        case = self.asked()
        self.one.name = "Somebody Else"
        with self.assertRaises(UserError):
            self.by("approver", case)._approve_merge()
        self.assertTrue(self.two.exists())

    def test_a_case_without_its_question_is_not_merged(self):
        with self.assertRaises(UserError):
            self.by("approver", self.case())._approve_merge()

    def test_s11_cases_of_another_company_are_not_seen(self):
        case = self.case()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        theirs = self.person("operator", "theirs", company_id=other.id, company_ids=[Command.set(other.ids)])
        self.assertFalse(self.env["fin.duplicate"].with_user(theirs).search([]))
        with self.assertRaises(AccessError):
            case.line_ids.with_user(theirs).read(["value"])
        with self.assertRaises(AccessError):
            case.with_user(theirs).action_request_merge()
