from odoo.exceptions import UserError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .common import MODULE, LawScene
from .wire import OverTheWire

PARAMETER = "finance_integration.policy.approvals_high"


class SettingsScene(LawScene):
    """Odoo's own settings administrator, who holds no role of the suite, and a policy that wants two people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(cls.env, "law-settings", groups="base.group_system")
        cls.policy = cls.env["fin.policy"]._of(cls.company)
        policy = cls.by("administrator", cls.policy)
        policy.approvals_high = 2
        change = cls.by("administrator", "fin.change")._propose(policy)
        change.action_submit()
        cls.by("approver", change)._approve()
        cls.seal()

    def assertAsked(self, user=None):
        """The weaker value waits for another person, and what was in force still is."""
        change = self.env["fin.change"].search([], limit=1)
        self.assertEqual((change.state, change.requested_by), ("review", user or self.admin))
        self.assertIn('"high":1', change.version_ids.document_id.text)
        self.assertEqual(self.company._fin_policy()["approvals"]["high"], 2)


@tagged("post_install", "-at_install")
class TestSettings(SettingsScene, TransactionCase):
    """What weakens a control is a change request, wherever it is written."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def test_s09_a_weaker_value_saved_in_the_settings_waits_for_another_person(self):
        settings = self.env["res.config.settings"].with_user(self.admin).create({"fin_policy_approvals_high": 1})
        settings.execute()
        self.assertAsked()
        for user in (self.people["approver"], self.person("approver", "another")):
            self.env["fin.change"].search([], limit=1).with_user(user)._approve()
        self.seal()
        self.assertEqual(self.company._fin_policy()["approvals"]["high"], 1)

    def test_s09_settings_saved_without_a_change_ask_for_nothing(self):
        before = self.env["fin.change"].search_count([])
        self.env["res.config.settings"].with_user(self.admin).create({}).execute()
        self.assertEqual(self.env["fin.change"].search_count([]), before)

    def test_s09_a_value_that_decides_nothing_is_saved_at_once(self):
        owner = self.people["operator"]
        self.env["res.config.settings"].with_user(self.admin).create({"fin_owner_id": owner.id}).execute()
        self.assertEqual(self.company.fin_owner_id, owner)

    def test_s09_a_system_parameter_is_a_proposal(self):
        self.env["ir.config_parameter"].with_user(self.admin).set_param(PARAMETER, "1")
        self.assertAsked()
        self.assertNotEqual(self.env["ir.config_parameter"].sudo().get_param(PARAMETER), "1")

    def test_s09_a_system_parameter_that_is_edited_or_renamed_is_a_proposal(self):
        parameters = self.env["ir.config_parameter"].with_user(self.admin)
        parameters.create({"key": "harmless", "value": "1"}).key = PARAMETER
        self.assertAsked()

    def test_s09_an_imported_system_parameter_is_a_proposal(self):
        told = self.env["ir.config_parameter"].with_user(self.admin).load(["key", "value"], [[PARAMETER, "1"]])
        self.assertFalse(told["messages"])
        self.assertAsked()

    def test_s09_a_parameter_that_means_nothing_is_refused(self):
        for key, value in ((PARAMETER + "er", "1"), (PARAMETER, "many")):
            with self.subTest(key), self.assertRaises(UserError):
                self.env["ir.config_parameter"].with_user(self.admin).set_param(key, value)

    def test_s09_the_code_of_a_company_with_versions_stays(self):
        with self.assertRaises(UserError):
            self.company.with_user(self.admin).fin_code = "another"

    def test_s09_going_back_to_what_is_in_force_withdraws_the_request(self):
        settings = self.env["res.config.settings"].with_user(self.admin)
        settings.create({"fin_policy_approvals_high": 1}).execute()
        settings.create({"fin_policy_approvals_high": 2}).execute()
        self.assertEqual(self.env["fin.change"].search([], limit=1).state, "withdrawn")


@tagged("post_install", "-at_install")
class TestSettingsOverTheWire(SettingsScene, OverTheWire, HttpCase):
    """The same as a Settings admin's client does it: by RPC and by an API key."""

    def setUp(self):
        super().setUp()
        self.login(self.admin)

    def test_s09_settings_saved_over_rpc_wait_for_another_person(self):
        [settings] = self.call("res.config.settings", "create", [{"fin_policy_approvals_high": 1}])
        self.call("res.config.settings", "execute", [settings])
        self.assertAsked()

    def test_s09_a_system_parameter_over_rpc_is_a_proposal(self):
        self.call("ir.config_parameter", "create", [{"key": PARAMETER, "value": "1"}])
        self.assertAsked()

    def test_s09_a_system_parameter_by_an_api_key_is_a_proposal(self):
        answer = self.json2(self.key_of(self.admin), "ir.config_parameter", "set_param", key=PARAMETER, value="1")
        self.assertEqual(answer.status_code, 200)
        self.assertAsked()

    def test_s09_settings_admins_do_not_write_the_policy_or_its_versions(self):
        context = {"fin_writer": True, "default_state": "live", "tracking_disable": True}
        version = self.policy.live_version_id
        approval = self.env["fin.approval"].search([], limit=1)
        attempts = (
            ("fin.policy", "write", self.policy.ids, {"approvals_high": 1}),
            ("fin.policy", "create", [{"company_id": self.company.id}]),
            ("fin.version", "write", version.ids, {"state": "superseded"}),
            ("fin.version", "create", [{"policy_id": self.policy.id, "number": 9, "state": "live"}]),
            ("fin.version", "copy", version.ids, {"state": "live"}),
            ("fin.version", "web_save", version.ids, {"document_id": 1}),
            ("fin.change", "write", self.env["fin.change"].search([], limit=1).ids, {"effective_at": False}),
            ("fin.change", "web_save", [], {"name": "x"}),
            ("fin.approval", "write", approval.ids, {"state": "approved", "digest": "0" * 64}),
            ("fin.edit", "unlink", self.env["fin.edit"].search([], limit=1).ids),
            ("fin.grant", "create", [{"kind": "found", "user_ref": self.admin.id}]),
            ("res.company", "write", self.company.ids, {"fin_service_user_id": self.admin.id}),
            ("res.company", "write", self.company.ids, {"fin_code": "another"}),
        )
        # Also with every role of the suite: no group is enough.
        for groups in ("", "administrator", "approver"):
            if groups:
                self.admin.group_ids += self.env.ref(f"{MODULE}.group_{groups}")
            for model, method, *args in attempts:
                if groups and (model, method) == ("fin.policy", "write"):
                    continue  # the working copy, which is theirs to edit
                with self.subTest(f"{groups} {model}.{method}"):
                    more = {"specification": {}} if method == "web_save" else {}
                    self.refused(model, method, *args, context=context, **more)
        self.assertEqual(self.company._fin_policy()["approvals"]["high"], 2)

    def test_s09_import_makes_no_approved_version(self):
        self.admin.group_ids += self.env.ref(f"{MODULE}.group_administrator")
        rows = [[self.policy.display_name, "9", "Live"]]
        try:
            with mute_logger("odoo.http", "odoo.sql_db"):
                self.call("fin.version", "load", ["policy_id", "number", "state"], rows)
        except JsonRpcException as refusal:
            self.assertTrue(refusal)
        self.assertFalse(self.env["fin.version"].search([("number", "=", 9)]))

    def test_s09_onchange_leaves_nothing_behind(self):
        self.admin.group_ids += self.env.ref(f"{MODULE}.group_administrator")
        version = self.policy.live_version_id
        try:
            with mute_logger("odoo.http", "odoo.sql_db"):
                self.call("fin.version", "onchange", version.ids, {"state": "superseded"}, ["state"], {"state": {}})
        except JsonRpcException as refusal:
            self.assertTrue(refusal)
        self.assertEqual(version.state, "live")
