from odoo.exceptions import AccessError
from odoo.tests import tagged

from .payment_scene import PaymentCase

MODELS = ("fin.payment.batch", "fin.payment.line", "fin.payment.part", "fin.payment.left.out", "fin.payment.event")


@tagged("post_install", "-at_install")
class TestPaymentAccess(PaymentCase):
    """Who may see and touch payment batches; nobody makes one by hand."""

    def test_access_every_model_of_payments_has_lines_and_a_rule_of_companies(self):
        for name in MODELS:
            with self.subTest(name):
                lines = self.env["ir.model.access"].search([("model_id.model", "=", name)])
                self.assertTrue(lines and all(lines.mapped("group_id")))
                rules = self.env["ir.rule"].search([("model_id.model", "=", name), ("groups", "=", False)])
                self.assertIn("company_ids", " ".join(rules.mapped("domain_force")))

    def test_access_nobody_makes_or_deletes_one_by_hand(self):
        for person in (self.preparer, self.approver, self.sender, self.operator, self.env.user):
            for name in MODELS:
                with self.subTest(f"{person.login} {name}"), self.assertRaises(AccessError):
                    self.env[name].with_user(person).create({})

    def test_access_no_group_of_payments_implies_another(self):
        names = ("preparer", "approver", "sender")
        groups = {name: self.env.ref(f"connector_bank.group_payment_{name}") for name in names}
        for name, group in groups.items():
            others = {other for other_name, other in groups.items() if other_name != name}
            self.assertFalse(others & set(group.all_implied_ids), name)
