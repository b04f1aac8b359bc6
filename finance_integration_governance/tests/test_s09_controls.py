from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, tagged

from .common import MODULE
from .test_s09_settings import SettingsScene
from .wire import OverTheWire

PARAMETER = "finance_integration.policy."
# name -> what a Settings admin writes to weaken it
WEAKER = {
    "approvals_normal": 1,
    "approvals_high": 1,
    "approvals_critical": 1,
    "anchor_location": "file:///tmp",
    "anchor_credentials": "env:NOBODY",
    "anchor_mail": "nobody@example.com",
    "anchor_events": 100000,
    "anchor_minutes": 1440,
    "longest_payload_days": 0,
    "least_evidence_years": 0,
    "replay_alone": 1000,
    "close_from": "2099-01",
    "clear_viewer": True,
    "clear_operator": True,
    "clear_approver": True,
    "clear_auditor": True,
    "amounts_viewer": True,
    "amounts_operator": True,
    "amounts_approver": True,
    "amounts_auditor": True,
    "default_set_id": False,
    "digest_people": False,
    "digest_approvers": False,
    "digest_controller": False,
    "digest_user_ids": [],
    "digest_hour": 23,
    "digest_quiet": False,
    "calendar_id": False,
    "usual_on_time_minutes": 10000,
    "usual_fresh_minutes": 10000,
    "usual_acknowledge_minutes": 10000,
    "usual_resolve_minutes": 10000,
    "usual_reconcile_minutes": 10000,
    "usual_success_percent": 1,
    "usual_escalation": "deputy",
    "usual_retry_attempts": 10000,
    "usual_retry_minutes": 100000,
    "usual_retry_first_seconds": 1,
    "usual_retry_longest_minutes": 1,
    "usual_breaker_failures": 10000,
    "usual_breaker_first_seconds": 1,
    "usual_breaker_longest_seconds": 1,
    "usual_maintenance_day": "daily",
    "usual_maintenance_from": 12.0,
    "usual_maintenance_minutes": 720,
}


class ControlsScene(SettingsScene):
    """A company whose policy says something of every control."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        checkpoint = {"name": "Checked", "code": "checked", "owner_id": cls.people["viewer"].id}
        cls.env["fin.checkpoint.template"].create({**checkpoint, "company_id": cls.company.id})
        cls.shared = cls.env["fin.policy.set"].create({"name": "Shared", "code": "controls-shared"})
        cls.by("administrator", cls.policy).write(
            {
                "approvals_normal": 2,
                "approvals_critical": 3,
                "anchor_location": "file:///tmp/anchors",
                "anchor_credentials": "env:ANCHOR",
                "anchor_mail": "auditor@example.com",
                "longest_payload_days": 30,
                "least_evidence_years": 10,
                "close_from": "2026-01",
                "clear_operator": False,
                "clear_approver": False,
                "clear_auditor": False,
                "amounts_viewer": False,
                "amounts_operator": False,
                "amounts_approver": False,
                "amounts_auditor": False,
                "default_set_id": cls.shared.id,
                "digest_quiet": True,
                "usual_escalation": "steward, owner, controller",
                "usual_maintenance_day": "sunday",
                "usual_maintenance_from": 2.0,
                "usual_maintenance_minutes": 60,
                **{name: 30 for name in WEAKER if name.startswith("usual_") and name.endswith(("s", "percent"))},
                "digest_user_ids": [Command.set(cls.people["auditor"].ids)],
            }
        )
        change = cls.by("administrator", "fin.change")._propose(cls.by("administrator", cls.policy))
        change.action_submit()
        for login in ("", "another", "third"):
            if change.state == "review":
                approver = cls.person("approver", login) if login else cls.people["approver"]
                change.with_user(approver)._approve()
        cls.seal()
        cls.in_force = dict(cls.company._fin_policy())

    def assertWaits(self, name):
        """What is in force still is, and the weaker value waits for another person."""
        self.env.registry.clear_cache()
        change = self.env["fin.change"].search([], limit=1)
        self.assertEqual((change.state, change.requested_by), ("review", self.admin), name)
        self.assertEqual(dict(self.company._fin_policy()), self.in_force)

    def reset(self):
        """The working copy as it was approved; what waited is withdrawn."""
        content = {name: value for name, value in self.approved.items() if self.policy._plain(name) != value}
        self.policy.write(content)

    def setUp(self):
        super().setUp()
        self.approved = {name: self.policy._plain(name) for name in WEAKER}


@tagged("post_install", "-at_install")
class TestControls(ControlsScene, TransactionCase):
    """S9: each control of the settings is a real field, and saving it asks for a second person."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def test_s09_every_control_is_tried(self):
        settings = self.env["res.config.settings"]._fields
        ours = {name for name in self.policy._settings() if settings[name]._module == MODULE}
        self.assertEqual(ours, {f"fin_policy_{name}" for name in WEAKER}, "an addon tries its own")
        kinds = ("char", "integer", "boolean", "selection", "float", "text", "many2one")
        edited = {
            name
            for name, field in self.policy._fields.items()
            if field.type in kinds and field.store and not (field.compute or field.readonly) and field._module == MODULE
        }
        stock = set(self.env["mail.thread"]._fields) | {"id", "create_date", "create_uid", "write_date", "write_uid"}
        self.assertFalse(edited - set(WEAKER) - stock, "no setting for it")

    def test_s09_a_weaker_control_saved_in_the_settings_waits(self):
        for name, value in WEAKER.items():
            with self.subTest(name):
                self.env["res.config.settings"].with_user(self.admin).create({f"fin_policy_{name}": value}).execute()
                self.assertWaits(name)
                self.reset()

    def test_s09_a_weaker_control_written_as_a_system_parameter_waits(self):
        parameters = self.env["ir.config_parameter"].with_user(self.admin)
        for name, value in WEAKER.items():
            with self.subTest(name):
                if name.endswith(("_id", "_ids")):
                    with self.assertRaises(UserError):
                        parameters.set_param(PARAMETER + name, "1")
                    continue
                parameters.create({"key": PARAMETER + name, "value": str(value)})
                self.assertWaits(name)
                self.reset()

    def test_s09_what_is_no_anchor_is_refused_in_the_settings_too(self):
        settings = self.env["res.config.settings"].with_user(self.admin)
        with self.assertRaises(UserError):
            settings.create({"fin_policy_anchor_location": "http://example.com"}).execute()

    def test_flows_stay_within_the_bounds_of_retention(self):
        for vals in ({"payload_days": 31}, {"evidence_years": 9}):
            with self.subTest(vals), self.assertRaises(UserError), self.env.cr.savepoint():
                self.by("operator", self.flow).write({"payload_days": 30, "evidence_years": 10, **vals})
                self.propose(self.flow)
        self.by("operator", self.flow).write({"payload_days": 30, "evidence_years": 10})
        self.assertEqual(self.propose(self.flow).state, "review")

    def test_new_flows_begin_with_what_the_policy_says(self):
        flow = self.by("operator", "fin.flow").new({})
        self.assertEqual((flow.policy_set_id._origin, flow.payload_days), (self.shared, 30))

    def test_the_settings_show_a_section_for_each_control(self):
        arch = self.env["res.config.settings"].get_views([(False, "form")])["views"]["form"]["arch"]
        for name in (
            "usual",
            "approvals",
            "retention",
            "anchors",
            "masking",
            "policy_sets",
            "notification",
            "environments",
        ):
            with self.subTest(name):
                self.assertIn(f'name="fin_{name}"', arch)


@tagged("post_install", "-at_install")
class TestControlsOverTheWire(ControlsScene, OverTheWire, HttpCase):
    """The same by the Settings admin's client, and by their key."""

    def test_s09_a_weaker_control_over_rpc_waits(self):
        self.login(self.admin)
        for name, value in WEAKER.items():
            with self.subTest(name):
                [settings] = self.call("res.config.settings", "create", [{f"fin_policy_{name}": value}])
                self.call("res.config.settings", "execute", [settings])
                self.assertWaits(name)
                self.reset()

    def test_s09_a_weaker_control_by_an_api_key_waits(self):
        key = self.key_of(self.admin)
        for name in ("anchor_mail", "least_evidence_years", "clear_viewer"):
            with self.subTest(name):
                answer = self.json2(
                    key, "ir.config_parameter", "set_param", key=PARAMETER + name, value=str(WEAKER[name])
                )
                self.assertEqual(answer.status_code, 200)
                self.assertWaits(name)
                self.reset()

    def test_s09_who_is_no_settings_admin_saves_no_settings(self):
        for group in ("operator", "administrator", "approver"):
            self.login(self.people[group])
            with self.subTest(group):
                self.refused("res.config.settings", "create", [{"fin_policy_usual_retry_attempts": 1}])
                self.refused("ir.config_parameter", "set_param", PARAMETER + "usual_retry_attempts", "1")
        self.assertEqual(dict(self.company._fin_policy()), self.in_force)

    def test_s09_nobody_writes_the_policy_beside_its_versions(self):
        self.login(self.admin)
        for name, value in WEAKER.items():
            with self.subTest(name):
                self.refused("fin.policy", "write", self.policy.ids, {name: value})
        self.assertFalse(self.env["res.users"].browse(self.admin.id).has_group(f"{MODULE}.group_administrator"))
