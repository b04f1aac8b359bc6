from odoo.tests import HttpCase, new_test_user, tagged

from .authority_scene import AuthorityScene
from .wire import OverTheWire

NEW = "BE0428759497"


@tagged("post_install", "-at_install")
class TestAuthorityOverTheWire(AuthorityScene, OverTheWire, HttpCase):
    """The authority matrix, met over RPC."""

    def test_s09_over_rpc_as_an_ordinary_user_and_as_a_settings_admin(self):
        self.rule()
        self.in_force()
        admin = new_test_user(self.env, "law-settings", groups="base.group_system,base.group_partner_manager")
        for user in (self.anna, admin):
            self.login(user)
            for method, args in {
                "write": [self.partner.ids, {"vat": NEW}],
                "web_save": [self.partner.ids, {"vat": NEW}],
                "create": [[{"name": "Via RPC", "vat": NEW}]],
            }.items():
                kwargs = {"specification": {}} if method == "web_save" else {}
                self.assertIn("UserError", self.refused("res.partner", method, *args, **kwargs))
            context = {"fin_flow_writer": {"code": "law"}, "fin_merge": True, "tracking_disable": True}
            write = self.refused("res.partner", "write", self.partner.ids, {"vat": NEW}, context=context)
            self.assertIn("UserError", write)
        self.assertEqual(self.partner.vat, "BE0477472701")

    def test_s09_a_settings_admin_neither_writes_nor_weakens_a_rule(self):
        rule = self.rule()
        admin = new_test_user(self.env, "law-settings", groups="base.group_system")
        self.authenticate(admin.login, admin.login.ljust(8, "x"))
        self.refused("fin.authority", "write", rule.ids, {"edit": "warn"})
        self.refused("fin.authority", "create", [{"subject": "partner/name", "steward_id": admin.id}])
        self.refused("fin.authority", "unlink", rule.ids)
        self.assertEqual(rule.edit, "refuse")
