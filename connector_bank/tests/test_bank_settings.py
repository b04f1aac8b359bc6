from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.finance_integration_governance.models.writer import by_program

from .common import BankCase
from .test_bank_continuity import next_day

PARAMETER = "finance_integration.policy.usual_bank_gap"
# name -> what a Settings admin writes to weaken it
WEAKER = {
    "usual_bank_gap": "tell",
    "usual_bank_break": "tell",
    "usual_bank_overlap": "tell",
    "usual_bank_unbalanced": "tell",
    "usual_bank_pending": "tell",
    "usual_bank_look_back": 1,
    "consent_reminders": "1",
    "payment_six_eyes": 1000000.0,
    "payment_eight_eyes": 5000000.0,
    "payment_duplicate_days": 1,
    "payment_duplicate": "off",
    "payment_name": "off",
    "payment_account": "off",
    "payment_cash": "off",
    "payment_cutoff_sepa": 23.5,
    "payment_cutoff_instant": 23.5,
    "payment_cutoff_foreign": 23.5,
    "payment_cutoff_core": 23.5,
    "payment_cutoff_b2b": 23.5,
    "payment_schemes": "GIRO: foreign",
    "payment_block_list": "Nobody; it was emptied",
}


@tagged("post_install", "-at_install")
class TestBankSettings(BankCase):
    """What becomes of statements that do not fit: by company, by flow and by account, each under change control."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german | cls.french)
        cls.policy = cls.env["fin.policy"]._of(cls.company)
        cls.admin = new_test_user(cls.env, "bank-settings", groups="base.group_system", company_id=cls.company.id)
        cls.agreed(cls.policy)  # so that something is in force

    @classmethod
    def agreed(cls, subject):
        """The working copy of a flow or policy, proposed and approved."""
        change = cls.env["fin.change"].with_user(cls.operator)._propose(subject.with_user(cls.operator))
        change.action_submit()
        by_program(change.version_ids.with_user(cls.second))._approve()
        cls.env["fin.audit.seal"]._seal_waiting()
        cls.env.invalidate_all()

    def behind_a_gap(self):
        self.import_file(self.flow, "pending")
        return self.import_file(self.flow, "pending", *next_day(number="44"))

    def waiting(self):
        return self.env["fin.change"].search([("state", "=", "review")], limit=1)

    # By company

    def test_s09_a_settings_admin_asks_and_nothing_changes_before_another_person_agrees(self):
        with self.enter_registry_test_mode():
            settings = self.env["res.config.settings"].with_user(self.admin)
            settings.create({"fin_policy_usual_bank_gap": "tell"}).execute()
        self.assertEqual(self.waiting().requested_by, self.admin)
        self.assertFalse(self.company._fin_policy()["usual"])
        self.assertNotIn("bank_policy", self.flow._compose())

    def test_s09_a_system_parameter_is_no_way_around_it(self):
        with self.enter_registry_test_mode():
            self.env["ir.config_parameter"].with_user(self.admin).set_param(PARAMETER, "tell")
        self.assertTrue(self.waiting())
        self.assertFalse(self.company._fin_policy()["usual"])

    def test_s09_every_setting_of_banks_waits_for_another_person(self):
        settings = self.env["res.config.settings"]._fields
        mine = {name for name in self.policy._settings() if settings[name]._module == "connector_bank"}
        self.assertEqual(mine, {f"fin_policy_{name}" for name in WEAKER})
        for name, value in WEAKER.items():
            with self.subTest(name), self.enter_registry_test_mode():
                before, in_force = self.policy[name], dict(self.company._fin_policy())
                self.env["res.config.settings"].with_user(self.admin).create({f"fin_policy_{name}": value}).execute()
                self.assertEqual(self.waiting().requested_by, self.admin)
                self.assertEqual(dict(self.company._fin_policy()), in_force)
                self.policy[name] = before

    def test_s09_a_viewer_does_not_edit_the_policy(self):
        viewer = self.person("viewer", "group_viewer")
        with self.assertRaises(AccessError):
            self.policy.with_user(viewer).usual_bank_gap = "tell"

    def test_what_is_usual_reaches_a_flow_when_it_is_approved_next(self):
        self.policy.usual_bank_gap = "tell"
        self.agreed(self.policy)
        before = self.flow.live_version_id
        self.assertTrue(self.flow._is_unusual())
        self.assertEqual(self.behind_a_gap().state, "held", "the live version is what it was")
        self.agreed(self.flow)
        self.assertNotEqual(self.flow.live_version_id, before)
        self.assertEqual(self.flow._document()["bank_policy"], {"gap": "tell"})

    def test_what_a_flow_says_itself_counts_before_what_is_usual(self):
        self.policy.write({"usual_bank_gap": "tell", "usual_bank_pending": "hold"})
        self.agreed(self.policy)
        self.flow.bank_gap = "hold"
        self.assertEqual(self.flow._compose()["bank_policy"], {"pending": "hold"})
        self.flow.write({"bank_gap": False, "is_usual": False})
        self.assertNotIn("bank_policy", self.flow._compose())

    # By account

    def test_a_journal_says_more_than_its_flow(self):
        self.german.fin_bank_gap = "tell"
        self.assertTrue(self.flow.is_changed)
        self.assertNotIn("policy", str(self.flow._document()["journals"]))
        self.agreed(self.flow)
        told = {one["code"]: one.get("policy") for one in self.flow._document()["journals"]}
        self.assertEqual(told, {"GIRO": {"gap": "tell"}, "FRAN": None})
        self.assertEqual(self.behind_a_gap().state, "done")

    def test_a_journal_that_says_nothing_is_as_its_flow_says(self):
        self.french.fin_bank_gap = "tell"
        self.agreed(self.flow)
        self.assertEqual(self.behind_a_gap().state, "held")

    def test_what_a_reader_notices_is_judged_by_the_account_too(self):
        wrong = ('Ccy="EUR">1150.00', 'Ccy="EUR">1151.00')
        self.assertEqual(self.import_file(self.flow, "pending", wrong).state, "held")
        self.german.fin_bank_unbalanced = "tell"
        self.french.fin_bank_unbalanced = "hold"
        self.agreed(self.flow)
        more = next_day(opening="1151.00", closing="1399.00")
        self.assertEqual(self.codes(self.import_file(self.flow, "pending", *more)), [])

    # What each of them does

    def test_entries_that_are_not_final_hold_their_statement_where_that_was_approved(self):
        self.flow.bank_pending = "hold"
        self.agreed(self.flow)
        run = self.import_file(self.flow, "pending")
        self.assertEqual((run.state, self.codes(run), self.amounts()), ("held", ["not_booked"], []))
        self.waive(self.exception(run, "not_booked"))
        self.release(run)
        self.assertEqual(self.amounts(), [150.0], "what is not final is never booked")

    def test_law3_what_waits_until_it_fits_is_booked_by_nobodys_waiver(self):
        self.flow.bank_gap = "wait"
        self.agreed(self.flow)
        run = self.behind_a_gap()
        case = self.exception(run, "statement_gap")
        self.assertEqual((run.state, case.is_waivable), ("held", False))
        with self.assertRaises(UserError):
            self.decide(case, "waive")
        self.import_file(self.flow, "pending", *next_day(number="42", closing="1300.00"), name="between.xml")
        self.assertEqual(case.is_waivable, False)

    def test_law3_an_account_may_be_the_one_that_waits(self):
        self.german.fin_bank_gap = "wait"
        self.agreed(self.flow)
        self.assertFalse(self.exception(self.behind_a_gap(), "statement_gap").is_waivable)

    def test_a_bundle_brings_what_the_accounts_say(self):
        self.german.fin_bank_gap = "tell"
        told = self.flow._compose()["journals"]
        self.german.fin_bank_gap = False
        self.flow._take_journals(told, {})
        self.assertEqual((self.german.fin_bank_gap, self.french.fin_bank_gap), ("tell", False))

    # Interfaces of banks

    def test_law3_consent_reminders_change_when_a_second_person_has_agreed(self):
        def steps():
            return self.env["fin.consent"].new({"company_id": self.company.id})._steps()

        self.policy.consent_reminders = "60, 5"
        self.assertEqual(steps(), [30, 14, 7, 1])
        self.agreed(self.policy)
        self.assertEqual(steps(), [60, 5])

    def test_reminders_are_days(self):
        for wrong in ("", "soon", "0", "7, 7", "366", "-1"):
            with self.assertRaises(ValidationError):
                self.policy.consent_reminders = wrong

    def test_how_far_banks_are_asked_back_is_usual_too(self):
        self.policy.usual_bank_look_back = 20
        self.agreed(self.policy)
        self.assertNotIn("bank_channel", self.flow._compose(), "only where a bank's interface is asked")
        with patch.object(type(self.flow), "is_bank_api", True):
            self.assertEqual(self.flow._compose()["bank_channel"], {"look_back": 20})
            self.flow.bank_look_back = 3
            self.assertEqual(self.flow._compose()["bank_channel"]["look_back"], 3)
