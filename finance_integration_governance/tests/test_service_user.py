import datetime as dt

from odoo import fields
from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.tests import TransactionCase, tagged

from .common import LawScene, fact


@tagged("post_install", "-at_install")
class TestServiceUser(LawScene, TransactionCase):
    """In whose name flows work: exactly the rights that their objects need, and no person behind it."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.service = self.company.fin_service_user_id

    def own(self):
        self.by("administrator", self.flow).action_make_service_user()
        return self.flow.service_user_id

    def test_the_companys_user_has_what_its_flows_need_and_no_more(self):
        self.assertEqual((self.flow.used_service_user_id, self.flow.service_excess), (self.service, ""))
        self.assertFalse(self.flow.service_lacks)

    def test_a_group_beyond_the_need_is_shown_and_taken_away(self):
        self.service.group_ids += self.env.ref("base.group_system")
        self.flow.invalidate_recordset()
        self.assertIn("Role / Administrator", self.flow.service_excess)
        self.by("administrator", self.flow).action_trim_service_user()
        self.flow.invalidate_recordset()
        self.assertFalse(self.flow.service_excess)
        self.assertEqual(self.start(fact("a")).state, "done")

    def test_a_company_beyond_the_need_is_shown(self):
        other = self.env["res.company"].create({"name": "Not touched"})
        self.service.company_ids += other
        self.flow.invalidate_recordset()
        self.assertIn("Not touched", self.flow.service_excess)

    def test_what_is_missing_is_shown_and_given_when_the_flow_is_proposed(self):
        self.patch(type(self.env["fin.object"]), "_access", {"account.bank.statement.line": ("create",)})
        self.service.group_ids = self.env.ref("base.group_user")
        self.flow.invalidate_recordset()
        self.assertEqual(self.flow.service_lacks, "create account.bank.statement.line")
        self.flow.purpose = "Changed"
        self.approve(self.flow)
        self.flow.invalidate_recordset()
        self.assertFalse(self.flow.service_lacks)

    def test_a_flow_gets_a_user_of_its_own_which_works_once_approved(self):
        user = self.own()
        self.assertEqual(self.flow._document()["service"], self.service.login)
        self.approve(self.flow)
        run = self.start(fact("a"))
        self.assertEqual(run.state, "done")
        [binding] = run.item_ids.binding_ids
        line = self.env[binding.res_model].browse(binding.res_id)
        self.assertEqual(line.create_uid, user)

    def test_s24_nobody_logs_in_as_a_service_user(self):
        user = self.own()
        user.password = "somebody set one"
        with self.assertRaises(AccessDenied):
            credential = {"type": "password", "login": user.login, "password": "somebody set one"}
            user.with_user(user)._check_credentials(credential, {"interactive": True})
        key = (
            self.env["res.users.apikeys"]
            .with_user(user)
            ._generate("rpc", "x", fields.Datetime.now() + dt.timedelta(hours=1))
        )
        self.assertFalse(self.env["res.users.apikeys"]._check_credentials(scope="rpc", key=key))

    def test_s10_a_service_user_approves_nothing_whatever_groups_it_has(self):
        user = self.own()
        user.group_ids += self.env.ref("finance_integration_governance.group_approver")
        version = self.propose(self.flow)
        with self.assertRaises(AccessError):
            version.with_user(user)._approve()

    def test_s09_nobody_makes_somebody_a_service_user_or_stops_one_from_being_it(self):
        admin = self.env.ref("base.user_admin")
        for user, value in ((self.service, False), (self.people["approver"], True)):
            with self.assertRaises(AccessError):
                user.with_user(admin).write({"fin_is_service": value})
        with self.assertRaises(AccessError):
            self.env["res.users"].with_user(admin).create({"name": "x", "login": "x", "fin_is_service": True})

    def test_only_an_administrator_makes_one_and_only_once(self):
        with self.assertRaises(AccessError):
            self.by("operator", self.flow).action_make_service_user()
        self.own()
        with self.assertRaises(UserError):
            self.own()
