"""Rules: learned from what people did, in force by the policy that a second person approved."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.finance_integration_governance.models.writer import by_program

from .match_scene import EVERYTHING, MatchCase

FEES = "Kontofuehrung {}/2026"


@tagged("post_install", "-at_install")
class TestMatchRules(MatchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german)

    def fee(self, month, amount=-12.9, text=FEES):
        return self.line(amount, text.format(f"{month:02d}"), name="Hausbank", account="DE77000000000006438147")

    def book(self, line, account):
        self.screen.apply(line.id, [], "account", "keep", False, account)
        self.env.invalidate_all()

    def suggest(self):
        self.env["fin.match.learned"].with_user(self.operator).action_suggest()
        return self.env["fin.match.rule"].search([("company_id", "=", self.company.id), ("kind", "=", "learned")])

    def approve(self):
        policy = self.env["fin.policy"].with_user(self.operator)._of(self.company)
        change = policy.env["fin.change"]._propose(policy)
        change.action_submit()
        for version in change.version_ids:
            by_program(version.with_user(self.second))._approve()
        self.env["fin.audit.seal"]._seal_waiting()

    def test_s10_whoever_edits_a_rule_has_edited_the_policy_and_does_not_approve_it(self):
        rule = self.env["fin.match.rule"].create({"name": "References", "company_id": self.company.id})
        policy = self.env["fin.policy"].with_user(self.operator)._of(self.company)
        change = policy.env["fin.change"]._propose(policy)
        change.action_submit()
        editor = self.person("rules", "group_administrator")
        rule.with_user(editor).name = "Structured references"
        self.env.flush_all()
        self.assertEqual(change.version_ids.mapped("state"), ["superseded"])
        again = policy.env["fin.change"]._propose(policy)
        self.assertIn(editor, self.env["fin.edit"]._editors(again.version_ids))

    def test_what_people_did_is_proposed_the_next_time(self):
        self.book(self.fee(1), "690000")
        following = self.first(self.fee(2))
        self.assertEqual((following["kind"], following["account"]), ("account", "690000"))
        self.assertIn("People did so 1 times.", following["reasons"])

    def test_it_becomes_a_rule_after_three_times_and_automatic_after_the_approval_only(self):
        for month in (1, 2):
            self.book(self.fee(month), "690000")
        self.assertFalse(self.suggest())
        self.book(self.fee(3), "690000")
        rule = self.suggest()
        self.assertEqual((len(rule), rule.account_id, rule.words, rule.seen), (1, self.fees, "KONTOFUEHRUNG", 3))
        self.assertFalse(self.suggest() - rule, "asked for once")
        line = self.fee(4)
        self.rules_beside()
        self.match_by_run()
        self.assertFalse(line.is_reconciled)
        self.approve()
        self.match_by_run()
        self.assertTrue(line.is_reconciled)
        self.assertEqual(self.evidence(line).rule, rule.name)

    def rules_beside(self):
        self.env["fin.match.rule"].create([{"company_id": self.company.id, **one} for one in EVERYTHING])

    def test_an_approved_rule_rests_outside_of_the_amounts_that_were_seen(self):
        for month in (1, 2, 3):
            self.book(self.fee(month), "690000")
        self.suggest()
        self.approve()
        line = self.fee(4, amount=-512.9)
        self.match_by_run()
        self.assertFalse(line.is_reconciled)

    def test_an_approved_rule_rests_once_people_did_otherwise(self):
        for month in (1, 2, 3):
            self.book(self.fee(month), "690000")
        self.suggest()
        self.approve()
        self.book(self.fee(4), "680000")
        line = self.fee(5)
        self.match_by_run()
        self.assertFalse(line.is_reconciled)

    def test_what_was_undone_teaches_nothing(self):
        line = self.fee(1)
        self.book(line, "690000")
        self.screen.undo(line.id)
        self.env.invalidate_all()
        self.assertFalse([one for one in self.propose(self.fee(2)) if one["kind"] == "account"])

    def test_who_pays_for_whom_is_learned(self):
        invoice = self.invoice(self.anna, 300.0)
        line = self.line(300.0, invoice.name, name="Weber Holding", account="DE99888877776666555544")
        self.take(line)
        other = self.invoice(self.anna, 80.0)
        first = self.first(self.line(80.0, "thanks", name="Weber Holding", account="DE99888877776666555544"))
        self.assertEqual([part["item"] for part in first["parts"]], self.item(other).ids)

    def test_s09_rules_are_part_of_the_policy_and_wait_for_its_approval(self):
        self.rules(*EVERYTHING)
        told = self.company._fin_policy()["matching"]
        self.assertEqual([one["name"] for one in told], ["Payments of ours", "Numbers", "References"])
        self.env["fin.match.rule"].search([("name", "=", "Numbers")]).unlink()
        self.assertEqual(self.company._fin_policy()["matching"], told)

    def test_without_rules_the_policy_says_nothing_of_matching(self):
        self.assertNotIn("matching", self.env["fin.policy"]._of(self.company)._compose())

    def test_an_operator_reads_rules_and_makes_none(self):
        rules = self.env["fin.match.rule"].with_user(self.accountant)
        rules.search([]).read(["name"])
        with self.assertRaises(AccessError):
            rules.create({**EVERYTHING[0], "company_id": self.company.id})
        with self.assertRaises(AccessError):
            self.env["fin.match.learned"].with_user(self.accountant).action_suggest()

    def test_a_learned_rule_says_who_and_what(self):
        with self.assertRaises(ValidationError):
            self.env["fin.match.rule"].create({"name": "x", "kind": "learned", "company_id": self.company.id})
