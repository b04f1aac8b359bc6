from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.tests.common import LawScene, fact

NAME, EMAIL = "Ann Canary", "ann.canary@example.com"
SYSTEM = "base.group_system,base.group_partner_manager"


@tagged("post_install", "-at_install")
class TestPrivacyLookup(LawScene, TransactionCase):
    """A look-up in Odoo finds what flows keep of a person, and leads to a request instead of a delete."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        told = Finding("odd", f"{NAME} looks odd", document="b")
        self.run_ = self.start(fact("a", words=f"from {NAME}"), fact("b"), told, fact("c", words="Bob"))
        administrator = "finance_integration_governance.group_administrator"
        self.keeper = new_test_user(self.env, "lookup-keeper", groups=f"{SYSTEM},{administrator}")

    def look_up(self, by=None, name=NAME):
        wizards = self.env["privacy.lookup.wizard"].with_user(by or self.keeper)
        wizard = wizards.create({"name": name, "email": EMAIL})
        wizard.action_lookup()
        return wizard

    def found(self, wizard):
        return {(line.res_model, line.res_id) for line in wizard.line_ids if line.res_model.startswith("fin.")}

    def test_it_finds_items_and_exceptions(self):
        item = self.run_.item_ids.filtered(lambda one: one.key == "a")
        exception = self.env["fin.exception"].search([("run_ids", "in", self.run_.ids), ("code", "=", "odd")])
        expected = {("fin.item", item.id), ("fin.exception", exception.id), ("fin.payload", item.payload_id.id)}
        self.assertEqual(self.found(self.look_up()), expected)

    def test_it_finds_files_that_are_named_after_the_person(self):
        run = self.start(fact("z"), name=f"{NAME}.txt")
        named = run.payload_ids.filtered(lambda one: NAME in one.name)
        self.assertIn(("fin.payload", named.id), self.found(self.look_up()))

    def test_it_leads_to_a_subject_request_for_the_same_words(self):
        wizard = self.look_up()
        self.assertTrue(wizard.has_evidence)
        action = wizard.line_ids.filtered("is_evidence")[:1].action_fin_subject_request()
        request = self.env["fin.subject.request"].browse(action["res_id"])
        self.assertEqual((request.terms, request.state), (f"{NAME}\n{EMAIL}", "open"))
        self.assertEqual(request.requested_by, self.keeper)
        self.assertEqual(len(request.item_ids), 1)

    def test_s24_evidence_is_not_deleted_from_the_look_up(self):
        wizard = self.look_up()
        lines = wizard.line_ids.filtered("is_evidence")
        self.assertEqual(len(lines), 3)
        for line in lines:
            with self.subTest(line.res_model), self.assertRaises(UserError):
                line.action_unlink()
        wizard.line_ids.action_unlink_all()
        self.assertEqual(self.found(self.look_up()), self.found(wizard))

    def test_s24_only_an_administrator_of_the_suite_opens_a_request(self):
        wizard = self.look_up(new_test_user(self.env, "lookup-settings", groups=SYSTEM))
        self.assertTrue(wizard.has_evidence)
        with self.assertRaises(AccessError):
            wizard.action_fin_subject_request()

    def test_s11_it_finds_nothing_of_a_company_that_one_does_not_see(self):
        other = self.env["res.company"].create({"name": "Lookup Other"})
        groups = f"{SYSTEM},finance_integration_governance.group_administrator"
        stranger = new_test_user(self.env, "lookup-other", groups=groups, company_id=other.id, company_ids=other.ids)
        self.assertFalse(self.found(self.look_up(stranger)))

    def test_of_somebody_unknown_there_is_nothing(self):
        wizard = self.look_up(name="Zoe Nobody")
        self.assertFalse(self.found(wizard))
        with self.assertRaises(UserError):
            wizard.action_fin_subject_request()
