import json
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from .authority_scene import AuthorityScene

NEW = "BE0428759497"


@tagged("post_install", "-at_install")
class TestAuthorityMaking(AuthorityScene, TransactionCase):
    """Who makes and deletes records that another system owns, in whole or in part."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def test_a_new_record_leaves_the_field_empty(self):
        self.rule()
        self.in_force()
        partners = self.env["res.partner"].with_user(self.anna)
        self.refuses(lambda: partners.create({"name": "New", "vat": NEW}))
        self.assertTrue(partners.create({"name": "New", "vat": False}))

    def test_who_owns_every_field_owns_making_and_deleting_too(self):
        self.rule("bank_account/*")
        self.in_force()
        account = self.env["res.partner.bank"].create({"partner_id": self.partner.id, "acc_number": "1111"})
        accounts = account.with_user(self.anna)
        self.refuses(lambda: accounts.create({"partner_id": self.partner.id, "acc_number": "2222"}))
        self.refuses(accounts.unlink)
        self.assertTrue(account.exists())
        self.refuses(lambda: accounts.write({"sanitized_acc_number": "3333"}))
        self.refuses(lambda: self.mine().write({"bank_ids": [Command.create({"acc_number": "4444"})]}))

    def test_who_owns_every_field_owns_deleting(self):
        """A bank account is archived where it is used, which is an edit; an analytic account goes for good."""
        self.rule("cost_center/*")
        self.in_force()
        plan = self.env["account.analytic.plan"].create({"name": "Plan"})
        account = self.env["account.analytic.account"].create({"name": "A", "plan_id": plan.id})
        self.refuses(account.with_user(self.anna).unlink, "every field")
        self.assertTrue(account.exists())
        account.unlink()
        self.assertFalse(account.exists())

    def test_a_record_is_made_by_its_owner_also_where_nothing_is_told_of_it(self):
        self.rule("partner/*")
        self.in_force()
        partners = self.env["res.partner"].with_user(self.anna)
        self.refuses(lambda: partners.create({"type": "delivery"}), "every field")

    def test_a_rule_for_one_field_lets_people_make_and_delete(self):
        self.rule()
        self.in_force()
        made = self.env["res.partner"].with_user(self.anna).create({"name": "New"})
        self.assertTrue(made.unlink())

    def test_listed_people_make_and_delete(self):
        self.rule("bank_account/*", user_ids=[Command.set(self.anna.ids)])
        self.in_force()
        accounts = self.env["res.partner.bank"].with_user(self.anna)
        made = accounts.create({"partner_id": self.partner.id, "acc_number": "1111"})
        self.assertTrue(made.unlink())

    def test_what_odoo_proposes_is_nobodys_word(self):
        self.rule("tax/amount_type")
        self.in_force()
        taxes = self.env["account.tax"].with_user(self.anna)
        self.assertTrue(taxes.create({"name": "New", "amount": 1, "amount_type": "percent"}))
        self.refuses(lambda: taxes.create({"name": "Other", "amount": 1, "amount_type": "fixed"}), "Tax Computation")

    def test_s09_a_default_in_the_context_is_somebodys_word(self):
        self.rule()
        self.in_force()
        partners = self.env["res.partner"].with_user(self.anna).with_context(default_vat=NEW)
        self.refuses(lambda: partners.create({"name": "New"}))
        self.refuses(lambda: partners.create({"name": "New", "vat": NEW}))
        self.assertTrue(partners.create({"name": "New", "vat": False}))

    def test_s09_a_default_that_somebody_keeps_is_their_word(self):
        self.rule()
        self.in_force()
        defaults, partners = self.env["ir.default"], self.env["res.partner"].with_user(self.anna)
        defaults.set("res.partner", "vat", NEW, user_id=self.anna.id)
        self.refuses(lambda: partners.create({"name": "New"}))
        self.refuses(lambda: partners.create({"name": "New", "vat": NEW}))

    def test_a_default_for_everybody_is_odoos(self):
        self.rule()
        self.in_force()
        self.env["ir.default"].set("res.partner", "vat", NEW)
        self.assertEqual(self.env["res.partner"].with_user(self.anna).create({"name": "New"}).vat, NEW)

    def test_a_record_is_made_in_its_company(self):
        self.rule()
        self.in_force()
        partners = self.env["res.partner"].with_user(self.anna)
        self.assertTrue(partners.create({"name": "New", "company_id": self.company.id}))
        self.refuses(lambda: partners.create({"name": "New", "company_id": self.company.id, "vat": NEW}))

    def test_a_new_record_obeys_the_rules_of_the_company_that_it_is_made_in(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.anna.company_ids += other
        self.rule()
        self.in_force()
        partners = self.env["res.partner"].with_user(self.anna)
        self.assertTrue(partners.create({"name": "Theirs", "company_id": other.id, "vat": NEW}))
        self.refuses(lambda: partners.with_company(other).create({"name": "Ours", "vat": NEW}))

    def test_a_statement_line_obeys_the_rules_of_its_journals_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.anna.company_ids += other
        self.rule("bank_statement/payment_ref")
        self.in_force()
        lines = self.env["account.bank.statement.line"].with_user(self.anna)
        vals = {"journal_id": self.bank.id, "amount": 1, "payment_ref": "By hand"}
        self.refuses(lambda: lines.with_context(allowed_company_ids=[other.id, self.company.id]).create(vals))
        self.assertTrue(lines.create({**vals, "payment_ref": False}))
        theirs = self.env["account.journal"].create(
            {"name": "Theirs", "code": "THR", "type": "general", "company_id": other.id}
        )
        self.assertEqual(lines._fin_home_of({"journal_id": theirs.id}), other.id)

    def test_a_warned_new_record_is_told_too(self):
        self.rule(edit="warn")
        self.in_force()
        made = self.env["res.partner"].with_user(self.anna).create({"name": "New", "vat": NEW})
        self.assertIn("change it there", "".join(made.message_ids.mapped("body")))

    def test_a_warned_end_is_told_to_the_person_and_in_the_log(self):
        self.rule("cost_center/*", edit="warn")
        self.in_force()
        plan = self.env["account.analytic.plan"].create({"name": "Plan"})
        vals = [{"name": name, "plan_id": plan.id} for name in ("A", "B")]
        accounts = self.env["account.analytic.account"].create(vals).with_user(self.anna)
        with patch.object(type(self.anna), "_bus_send") as sent:
            accounts.unlink()
        self.assertFalse(accounts.exists())
        self.assertIn("change it there", sent.call_args.args[1]["message"])
        event = self.env["fin.audit.event"].search([("code", "=", "fin.authority.warned")], limit=1)
        self.assertEqual(
            (event.subject_key, json.loads(event.content)["facts"]["count"]), ("account.analytic.account", 2)
        )
