from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from .close_scene import NAME, CloseScene
from .common import fact


@tagged("post_install", "-at_install")
class TestCheckpoints(CloseScene, TransactionCase):
    """A checkpoint is looked at in figures, and its owner is told when it is late."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    # The calendar

    def test_the_close_calendar_is_in_force_by_the_policy_only(self):
        self.template("balance")
        self.tick()
        self.assertFalse(self.checkpoint("balance"))
        self.calendar()
        checkpoint = self.checkpoint("balance")
        self.assertEqual((checkpoint.state, checkpoint.owner_id), ("open", self.accountant))
        self.assertEqual(checkpoint.period_id.date_to, self.day("2026-03-31"))

    def test_a_checkpoint_is_due_on_its_working_day_in_the_companys_zone(self):
        self.company.resource_calendar_id.tz = "Europe/Zurich"
        self.template("balance", work_day=2, due_time="10:00")
        self.calendar()
        self.assertEqual(str(self.checkpoint("balance").due_at), "2026-04-02 08:00:00")

    def test_a_tick_opens_every_period_once(self):
        self.template("balance")
        self.calendar()
        self.tick()
        names = self.env["fin.checkpoint"].search([("code", "=", "balance")]).period_id.mapped("name")
        self.assertEqual(sorted(names), ["2026-03", "2026-04"])

    def test_a_new_policy_redefines_what_is_not_signed_and_nothing_that_is(self):
        first, other = self.template("balance"), self.template("drafts", "drafts")
        self.calendar()
        signed = self.sign(self.checkpoint("balance"))
        (first | other).write({"tolerance": 1})
        self.calendar()
        self.assertNotIn("tolerance", signed._says())
        self.assertEqual(self.checkpoint("drafts")._says()["tolerance"], "1.00")
        self.assertEqual(signed.state, "signed")

    def test_the_standard_checkpoints_come_whole(self):
        self.by("administrator", self.policy).action_standard_close()
        self.calendar()
        codes = set(self.env["fin.checkpoint"].search([("period_id.name", "=", NAME)]).mapped("code"))
        self.assertLessEqual({"drafts", "bank", "suspense", "trial-balance", "intercompany", "tax"}, codes)
        self.assertLessEqual({"payroll", "actuals", "reports"}, codes)

    def test_checkpoints_do_not_wait_for_each_other_in_a_circle(self):
        first = self.template("one")
        second = self.template("two", after_ids=first.ids)
        with self.assertRaises(ValidationError):
            first.after_ids = second

    # Figures

    def test_drafts_are_counted_until_the_periods_end(self):
        self.template("drafts", "drafts")
        self.calendar()
        checkpoint = self.checkpoint("drafts")
        move = self.entry(post=False)
        checkpoint._evaluate()
        self.assertEqual((checkpoint.state, checkpoint.told), ("open", "1 entries are drafts"))
        move.action_post()
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "tied")
        self.entry(post=False, day="2026-04-02")
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "tied")

    def test_the_trial_balance_is_what_the_ledger_says(self):
        self.template("balance")
        self.calendar()
        self.entry(100)
        self.entry(50.5, "2026-02-10")
        figures = self.checkpoint("balance")._figures()
        ledger = self.env["account.move.line"].search(
            [("parent_state", "=", "posted"), ("company_id", "=", self.company.id), ("date", "<=", "2026-03-31")]
        )
        period = ledger.filtered(lambda line: str(line.date) >= "2026-03-01")
        self.assertAlmostEqual(float(figures["debit"]), sum(ledger.mapped("debit")), 2)
        self.assertEqual((figures["lines"], figures["entries"]), (len(period), len(period.move_id)))

    def test_a_suspense_account_that_is_not_at_zero_does_not_tie(self):
        self.template("suspense", "suspense", accounts="999001", tolerance=5)
        self.calendar()
        checkpoint = self.checkpoint("suspense")
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "tied")
        self.entry(5)
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "tied")
        self.entry(0.01)
        checkpoint._evaluate()
        self.assertEqual((checkpoint.state, checkpoint.told), ("open", "not at zero: 999001"))

    def test_the_bank_is_reconciled_where_no_line_is_left_and_the_ledger_holds_the_statement(self):
        self.template("bank", "bank")
        self.calendar()
        checkpoint = self.checkpoint("bank")
        statement = self.env["account.bank.statement"].create(
            {
                "name": "S1",
                "journal_id": self.journal.id,
                "date": "2026-03-05",
                "balance_end_real": 70,
                "line_ids": [
                    Command.create(
                        {"journal_id": self.journal.id, "date": "2026-03-05", "payment_ref": "a", "amount": 70}
                    )
                ],
            }
        )
        checkpoint._evaluate()
        self.assertEqual((checkpoint.state, checkpoint.told), ("open", "1 statement lines are not reconciled"))
        line = statement.line_ids
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = self.debit
        self.assertTrue(line.is_reconciled)
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "tied", checkpoint.told)
        statement.balance_end_real = 71
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "open")
        self.assertIn("LAW", checkpoint.told)

    def test_what_no_figure_proves_needs_words_of_its_owner(self):
        self.template("payroll", "hand", accounts="999001")
        self.calendar()
        checkpoint = self.checkpoint("payroll")
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "open")
        with self.assertRaises(AccessError):
            checkpoint.with_user(self.people["administrator"]).action_state("I looked")
        checkpoint.with_user(self.accountant).action_state("Payroll of March, 42 people")
        self.assertEqual(checkpoint.state, "tied")
        self.sign(checkpoint)
        kept = self.env["fin.document"].search([("digest", "=", checkpoint.signed_digest)])
        self.assertIn("Payroll of March, 42 people", kept.text)

    def test_a_flow_has_delivered_the_period_after_its_last_change(self):
        self.template("actuals", "flow", flow_id=self.flow.id)
        self.calendar()
        checkpoint = self.checkpoint("actuals")
        checkpoint._evaluate()
        self.assertIn("no run", checkpoint.told)
        run = self.start(fact("a"))
        self.sql("UPDATE account_move_line SET write_date = %s", run.started_at)
        checkpoint._evaluate()
        self.assertEqual((checkpoint.state, checkpoint.told), ("tied", f"{run.name} has delivered it"))
        self.sql("UPDATE account_move_line SET write_date = write_date + interval '1 second'")
        checkpoint._evaluate()
        self.assertEqual((checkpoint.state, checkpoint.told), ("open", "1 entries have changed since it was delivered"))

    def test_a_flow_that_is_gone_has_delivered_nothing(self):
        self.template("actuals", "flow", flow_id=self.flow.id)
        self.calendar()
        checkpoint = self.checkpoint("actuals")
        gone = '{"flow": "gone"}'
        self.sql("UPDATE fin_checkpoint SET definition = %s WHERE id = %s", gone, checkpoint.id)
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "open")
        self.assertIn("no run", checkpoint.told)

    def test_intercompany_balances_match_pair_by_pair_and_currency_by_currency(self):
        self.template("intercompany", "intercompany")
        self.calendar()
        other = self.env["res.company"].create({"name": "Sister", "currency_id": self.company.currency_id.id})
        self.env.user.company_ids += other
        here, there = self.owing(self.company, other, 120), None
        checkpoint = self.checkpoint("intercompany")
        checkpoint._evaluate()
        self.assertEqual((checkpoint.state, checkpoint.told[:14]), ("open", "does not match"))
        there = self.owing(other, self.company, -120)
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "tied", checkpoint.told)
        self.assertEqual((here.state, there.state), ("posted", "posted"))
        self.owing(other, self.company, -1, day="2026-04-01")
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "tied")

    def owing(self, company, other, amount, day="2026-03-15"):
        """An entry of the company on a receivable (or payable) account with the other one as its partner."""
        env = self.env(context={"allowed_company_ids": company.ids})
        code, kind = ("990101", "asset_receivable") if amount > 0 else ("990201", "liability_payable")
        account = env["account.account"].search([("code", "=", code), ("company_ids", "=", company.id)])
        make = {"name": code, "code": code, "account_type": kind, "reconcile": True, "company_ids": company.ids}
        account = account or env["account.account"].create(make)
        make = {"name": "Law counter", "code": "990301", "account_type": "income", "company_ids": company.ids}
        counter = env["account.account"].search([("code", "=", "990301"), ("company_ids", "=", company.id)])
        counter = counter or env["account.account"].create(make)
        journal = env["account.journal"].search([("code", "=", "LWI"), ("company_id", "=", company.id)])
        make = {"name": "Law intercompany", "code": "LWI", "type": "general", "company_id": company.id}
        journal = journal or env["account.journal"].create(make)
        partner = {"partner_id": other.partner_id.id}
        move = env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": day,
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": amount, **partner}),
                    Command.create({"account_id": counter.id, "balance": -amount}),
                ],
            }
        )
        move.action_post()
        return move

    # Late

    def test_law6_what_is_not_signed_in_time_is_told_once_to_its_owner(self):
        first = self.template("drafts", "drafts")
        self.template("balance", after_ids=first.ids)
        with patch.object(type(self.env["fin.checkpoint"]), "_tell_late", lambda self: None):
            self.calendar()
        self.sql("UPDATE fin_checkpoint SET is_told = FALSE")
        self.tick()
        late = self.exceptions("checkpoint_late").filtered(lambda e: NAME in e.text)
        self.assertEqual(len(late), 2)
        self.assertEqual(late.user_id, self.accountant)
        self.assertIn("It waits for: Drafts", " ".join(late.mapped("text")))
        self.tick()
        self.assertEqual(len(self.exceptions("checkpoint_late").filtered(lambda e: NAME in e.text)), 2)
        self.sign(self.checkpoint("drafts"))
        self.assertEqual(len(self.exceptions("checkpoint_late").filtered(lambda e: NAME in e.text)), 1)

    def test_before_its_due_moment_nobody_is_told(self):
        self.template("balance", work_day=23)
        self.calendar()
        self.assertFalse(self.exceptions("checkpoint_late").filtered(lambda e: NAME in e.text))
