from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.finance_integration_governance.models.change.fin_approval import FinApproval
from odoo.addons.finance_integration_governance.tests.wire import OverTheWire

from .payment_flow_scene import PaymentFlowCase

WHERE = FinApproval._why_not_here  # as it is, before the scenes of tests stand people before a screen


class Wire(OverTheWire, HttpCase):
    """The calls of a client alone, without the scene that usually goes with them."""


@tagged("post_install", "-at_install")
class TestPaymentWire(PaymentFlowCase, HttpCase):
    """Every door to a payment over the wire: sessions with a password, and nothing else."""

    call, refused, json2 = Wire.call, Wire.refused, Wire.json2

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["fin.approval"]), "_why_not_here", WHERE)

    def login(self, user):
        self.authenticate(user.login, user.login.ljust(8, "x"))
        return user

    def key_of(self, user):
        keys = self.env["res.users.apikeys"].with_user(user).sudo()
        return keys._generate(None, "pay", fields.Datetime.now() + timedelta(days=1))

    def press(self, user, method, batch):
        """A button that asks for the password, and the password."""
        self.login(user)
        asked = self.call("fin.payment.batch", method, batch.ids)
        context = {"password": user.login.ljust(8, "x")}
        return self.call("res.users.identitycheck", "run_check", [asked["res_id"]], context=context)

    def test_s10_three_people_and_three_passwords(self):
        batch = self.submitted(100.0).with_env(self.env)
        self.press(self.approver, "action_approve", batch)
        self.assertEqual(batch.state, "approved")
        self.press(self.sender, "action_release", batch)
        self.assertEqual(batch.state, "released")

    def test_s10_without_the_password_nothing_is_approved_or_released(self):
        batch = self.submitted(100.0).with_env(self.env)
        self.login(self.approver)
        asked = self.call("fin.payment.batch", "action_approve", batch.ids)
        self.assertEqual(asked["res_model"], "res.users.identitycheck")
        self.refused("res.users.identitycheck", "run_check", [asked["res_id"]], context={"password": "wrong"})
        self.assertEqual(batch.state, "submitted")
        self.press(self.approver, "action_approve", batch)
        self.login(self.sender)
        self.call("fin.payment.batch", "action_release", batch.ids)
        self.assertEqual(batch.state, "approved")

    def test_s10_the_preparers_own_password_approves_and_releases_nothing(self):
        batch = self.submitted(100.0).with_env(self.env)
        self.preparer.group_ids += self.env.ref("connector_bank.group_payment_approver")
        self.preparer.group_ids += self.env.ref("connector_bank.group_payment_sender")
        for method in ("action_approve", "action_release"):
            self.login(self.preparer)
            asked = self.call("fin.payment.batch", method, batch.ids)
            context = {"password": self.preparer.login.ljust(8, "x")}
            self.refused("res.users.identitycheck", "run_check", [asked["res_id"]], context=context)
        self.assertEqual(batch.state, "submitted")

    def test_s10_an_api_key_approves_and_releases_nothing(self):
        batch = self.submitted(100.0).with_env(self.env)
        for user, method, state in (
            (self.approver, "action_approve", "submitted"),
            (self.sender, "action_release", "approved"),
        ):
            key = self.key_of(user)
            asked = self.json2(key, "fin.payment.batch", method, ids=batch.ids)
            if asked.status_code == 200:
                context = {"password": user.login.ljust(8, "x")}
                self.json2(key, "res.users.identitycheck", "run_check", ids=[asked.json()["res_id"]], context=context)
            with self.subTest(method):
                self.assertEqual(batch.state, state)
            if state == "submitted":
                self.press(self.approver, "action_approve", batch)

    def test_s10_a_server_action_approves_and_releases_nothing(self):
        batch = self.submitted(100.0).with_env(self.env)
        action = self.env["ir.actions.server"].create(
            {
                "name": "pay",
                "model_id": self.env["ir.model"]._get_id("fin.payment.batch"),
                "state": "code",
                "code": "record._approve()\nrecord._release()",
            }
        )
        for user in (self.approver, self.sender):
            self.login(user)
            context = {"active_model": batch._name, "active_id": batch.id, "active_ids": batch.ids}
            with self.subTest(user.login):
                self.refused("ir.actions.server", "run", action.ids, context=context)
        self.assertEqual(batch.state, "submitted")

    def test_s10_private_methods_are_not_called(self):
        batch = self.submitted(100.0).with_env(self.env)
        self.login(self.approver)
        for model, method, ids in (
            ("fin.payment.batch", "_approve", batch.ids),
            ("fin.payment.batch", "_release", batch.ids),
            ("fin.payment.batch", "_transition", batch.ids),
            ("fin.payment.line", "_transition", batch.line_ids.ids),
            ("fin.approval", "_decide", batch._asked_yes().ids),
        ):
            with self.subTest(method):
                self.refused(model, method, ids)

    def test_s10_no_role_writes_what_the_suite_writes(self):
        batch = self.submitted(100.0).with_env(self.env)
        context = {"fin_writer": True, "fin_program": True, "default_state": "approved", "tracking_disable": True}
        settings = self.env.ref("base.group_system")
        for user in (self.preparer, self.approver, self.sender, self.operator):
            user.group_ids += settings
            self.login(user)
            for record in (batch, batch.line_ids, batch.line_ids.part_ids, batch._asked_yes()):
                name = "amount" if record._name == "fin.payment.part" else "state"
                value = 1 if name == "amount" else "approved"
                with self.subTest(f"{user.login} {record._name}"):
                    self.refused(record._name, "write", record.ids, {name: value}, context=context)
                    self.refused(record._name, "web_save", record.ids, {name: value}, specification={}, context=context)
                    self.refused(record._name, "create", [{name: value}], context=context)
                    self.refused(record._name, "copy", record.ids, context=context)
                    self.refused(record._name, "unlink", record.ids, context=context)
        self.assertEqual(batch.state, "submitted")

    def test_s10_parts_are_not_slipped_in_through_the_batch(self):
        self.bill("Canary Paper", 100)
        batch = self.propose().with_env(self.env)
        self.login(self.preparer)
        line = batch.line_ids
        for commands in (
            [[0, 0, {"partner_id": line.partner_id.id, "end_to_end_id": "X-1"}]],
            [[1, line.id, {"state": "settled"}]],
            [[1, line.id, {"payment_id": 1}]],
            [[1, line.id, {"part_ids": [[1, line.part_ids.id, {"discount": 50}]]}]],
            [[2, line.id, 0]],
            [[6, 0, []]],
        ):
            with self.subTest(str(commands)):
                self.refused("fin.payment.batch", "write", batch.ids, {"line_ids": commands})
        self.call("fin.payment.batch", "write", batch.ids, {"paid_line_ids": [[1, line.id, {"text": "hello"}]]})
        self.assertEqual(line.text, "hello")

    def test_access_another_company_sees_no_payments(self):
        batch = self.submitted(100.0).with_env(self.env)
        other = self.env["res.company"].create({"name": "Other"})
        self.third.write({"company_id": other.id, "company_ids": [fields.Command.set(other.ids)]})
        self.login(self.third)
        for record in (batch, batch.line_ids, batch.line_ids.part_ids):
            with self.subTest(record._name):
                self.assertEqual(self.call(record._name, "search_count", [["id", "in", record.ids]]), 0)
