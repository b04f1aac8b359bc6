from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .close_scene import LATER, NAME, CloseScene
from .common import ListSource, fact
from .wire import QUIET, OverTheWire


@tagged("post_install", "-at_install")
class TestCheckpoints(CloseScene, TransactionCase):
    """A checkpoint is looked at in figures, signed by two people, and suspended when its figures move."""

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

    # Signatures

    def test_two_people_sign_the_same_figures(self):
        self.template("balance")
        self.calendar()
        self.entry()
        checkpoint = self.sign(self.checkpoint("balance"))
        self.assertEqual(checkpoint.state, "signed")
        self.assertTrue(checkpoint._is_sealed())
        given = self.approvals(checkpoint)
        self.assertEqual((given.requested_by, given.person_id), (self.accountant, self.controller))
        self.assertEqual(given.digest, checkpoint.signed_digest)

    def test_whoever_signed_first_does_not_sign_second(self):
        both = self.person("operator+approver", "both")
        self.template("balance", owner_id=both.id)
        self.calendar()
        checkpoint = self.checkpoint("balance")
        checkpoint.with_user(both)._sign()
        with self.assertRaises(AccessError):
            checkpoint.with_user(both)._approve()
        self.assertNotEqual(checkpoint.state, "signed")

    def test_the_second_signature_is_that_of_whoever_is_named(self):
        other = self.person("approver", "named")
        self.template("balance", second_id=other.id)
        self.calendar()
        checkpoint = self.checkpoint("balance")
        checkpoint.with_user(self.accountant)._sign()
        self.assertIn(other.name, checkpoint.with_user(self.controller).why_not)
        with self.assertRaises(AccessError):
            checkpoint.with_user(self.controller)._approve()
        checkpoint.with_user(other)._approve()
        self.assertEqual(checkpoint.state, "signed")

    def test_only_its_owner_or_the_controller_signs_first(self):
        self.template("balance")
        self.calendar()
        with self.assertRaises(AccessError):
            self.checkpoint("balance").with_user(self.people["administrator"])._sign()

    def test_what_does_not_tie_is_not_signed(self):
        self.template("drafts", "drafts")
        self.calendar()
        self.entry(post=False)
        with self.assertRaisesRegex(UserError, "1 entries are drafts"):
            self.checkpoint("drafts").with_user(self.accountant)._sign()

    def test_what_it_rests_on_is_signed_first(self):
        first = self.template("drafts", "drafts")
        self.template("balance", after_ids=first.ids)
        self.calendar()
        with self.assertRaisesRegex(UserError, "Drafts"):
            self.checkpoint("balance").with_user(self.accountant)._sign()
        self.sign(self.checkpoint("drafts"))
        self.sign(self.checkpoint("balance"))

    def test_figures_that_move_between_the_signatures_ask_for_both_again(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.checkpoint("balance")
        checkpoint.with_user(self.accountant)._sign()
        self.entry()
        with self.assertRaisesRegex(UserError, "moved"):
            checkpoint.with_user(self.controller)._approve()
        self.sign(checkpoint)
        self.assertEqual(sorted(self.approvals(checkpoint).mapped("state")), ["approved", "expired"])

    def test_a_signature_that_sql_wrote_is_none(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.checkpoint("balance")
        checkpoint._evaluate()
        self.sql(
            "UPDATE fin_checkpoint SET state = 'signed', signed_at = now(), signed_digest = %s WHERE id = %s",
            checkpoint._seen(),
            checkpoint.id,
        )
        self.assertFalse(checkpoint._is_sealed())

    def test_a_refusal_goes_back_to_the_owner(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.checkpoint("balance")
        checkpoint._evaluate()
        checkpoint.with_user(self.accountant)._sign()
        checkpoint.with_user(self.controller)._refuse()
        self.assertEqual(checkpoint.state, "tied")
        self.assertIn(self.accountant, checkpoint.sudo().activity_ids.user_id)
        self.sign(checkpoint)

    # A balance moves after sign-off

    def test_r36_a_late_posting_suspends_the_signature_and_its_history_stays(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.sign(self.checkpoint("balance"))
        before = checkpoint.signed_digest
        self.entry()
        self.tick()
        self.assertEqual(checkpoint.state, "suspended")
        given = self.approvals(checkpoint)
        self.assertEqual((given.state, given.digest), ("approved", before))
        exception = self.exceptions("checkpoint_suspended")
        self.assertEqual(exception.user_id, self.accountant)
        self.assertIn("figures entries: 0 → 1", exception.text)
        self.assertIn("Entries", checkpoint.moved_table)
        self.sign(checkpoint)
        self.assertEqual((checkpoint.state, exception.state), ("signed", "resolved"))
        self.assertEqual(self.approvals(checkpoint).mapped("state"), ["approved", "approved"])

    def test_a_reset_to_draft_suspends_the_signature(self):
        self.template("balance")
        self.calendar()
        move = self.entry()
        checkpoint = self.sign(self.checkpoint("balance"))
        move.button_draft()
        self.tick()
        self.assertEqual(checkpoint.state, "suspended")

    def test_an_entry_moved_out_of_the_period_suspends_the_signature(self):
        self.template("drafts", "drafts")
        self.calendar()
        move = self.entry(post=False, day="2026-04-05")
        checkpoint = self.sign(self.checkpoint("drafts"))
        move.date = "2026-03-30"
        self.tick()
        self.assertEqual(checkpoint.state, "suspended")

    def test_a_line_unreconciled_after_sign_off_suspends_the_signature(self):
        self.template("bank", "bank")
        self.calendar()
        checkpoint = self.sign(self.checkpoint("bank"))
        self.env["account.bank.statement.line"].create(
            {"journal_id": self.journal.id, "date": "2026-03-05", "payment_ref": "a", "amount": 70}
        )
        self.tick()
        self.assertEqual(checkpoint.state, "suspended")

    def test_what_moves_in_a_later_period_suspends_nothing(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.sign(self.checkpoint("balance"))
        self.entry(day="2026-04-01")
        self.tick()
        self.assertEqual(checkpoint.state, "signed")

    def test_what_sql_moved_is_seen_when_it_is_looked_at(self):
        self.template("balance")
        self.calendar()
        move = self.entry()
        checkpoint = self.sign(self.checkpoint("balance"))
        self.sql("UPDATE account_move_line SET account_id = %s WHERE id = %s", self.credit.id, move.line_ids[0].id)
        checkpoint._evaluate()
        self.assertEqual(checkpoint.state, "suspended")

    def test_whatever_rests_on_a_suspended_one_is_told(self):
        first = self.template("balance")
        other = self.person("operator", "other-owner")
        self.template("reports", "drafts", after_ids=first.ids, owner_id=other.id)
        self.calendar()
        checkpoint = self.sign(self.checkpoint("balance"))
        self.entry()
        self.tick()
        told = self.checkpoint("reports")
        self.assertEqual(checkpoint.dependent_text, "Reports")
        self.assertIn(other, told.sudo().activity_ids.user_id)
        self.assertTrue(told.message_ids.filtered(lambda m: "suspended" in m.body))
        self.assertEqual(told.missing_text, "Balance")

    def test_posting_costs_nothing_where_nothing_was_signed(self):
        self.template("balance")
        self.calendar()
        self.entry()
        self.env.cr.precommit.run()
        self.assertFalse(self.env["fin.close.touch"].search([]))

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

    # Odoo's lock dates

    def test_an_unsigned_checkpoint_holds_the_lock_date(self):
        self.template("balance", holds_lock="books")
        self.calendar()
        for name in ("fiscalyear_lock_date", "hard_lock_date"):
            with self.subTest(name), self.assertRaisesRegex(UserError, "2026-03 of .* Balance"):
                self.company[name] = "2026-03-31"
        self.company.fiscalyear_lock_date = "2026-03-30"
        self.company.tax_lock_date = "2026-03-31"
        self.sign(self.checkpoint("balance"))
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRaisesRegex(UserError, "2026-04"):
            self.company.fiscalyear_lock_date = "2026-04-30"

    def test_a_tax_checkpoint_holds_the_tax_lock_date(self):
        self.template("tax", "drafts", holds_lock="tax")
        self.calendar()
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRaises(UserError):
            self.company.tax_lock_date = "2026-03-31"

    def test_periods_before_the_close_calendar_are_locked_as_ever(self):
        self.template("balance", holds_lock="books")
        self.calendar()
        self.company.fiscalyear_lock_date = "2026-02-28"
        self.company.fiscalyear_lock_date = False

    def test_a_signature_whose_figures_have_moved_holds_the_lock_date(self):
        self.template("balance", holds_lock="books")
        self.calendar()
        self.sign(self.checkpoint("balance"))
        self.entry()
        with self.assertRaises(UserError):
            self.company.fiscalyear_lock_date = "2026-03-31"

    # What a checkpoint does

    def test_a_signed_checkpoint_sets_the_lock_date_and_never_back(self):
        self.template("balance", action="lock")
        self.calendar()
        self.sign(self.checkpoint("balance"))
        self.assertEqual(self.company.fiscalyear_lock_date, self.day("2026-03-31"))
        self.company.fiscalyear_lock_date = "2026-05-31"
        self.sign(self.checkpoint("balance", "2026-04"))
        self.assertEqual(self.company.fiscalyear_lock_date, self.day("2026-05-31"))

    def test_a_signed_checkpoint_lifts_the_lock_date(self):
        self.template("reopen", "drafts", action="unlock")
        self.calendar()
        self.company.fiscalyear_lock_date = "2026-04-30"
        self.sign(self.checkpoint("reopen"))
        self.assertEqual(self.company.fiscalyear_lock_date, self.day("2026-02-28"))

    def test_a_signed_checkpoint_runs_a_flow(self):
        self.template("balance", action="run", action_flow_id=self.flow.id)
        self.calendar()
        self.sign(self.checkpoint("balance"))
        run = self.flow.run_ids[:1]
        self.assertEqual((run.state, run.trigger), ("queued", "event"))

    def test_a_signed_checkpoint_looks_at_the_others(self):
        self.template("drafts", "drafts")
        self.template("balance", action="evaluate")
        self.calendar()
        self.assertEqual(self.checkpoint("drafts").state, "open")
        self.sign(self.checkpoint("balance"))
        self.assertEqual(self.checkpoint("drafts").state, "tied")

    def test_a_signed_checkpoint_sends_the_pack(self):
        self.template("balance", action="pack")
        self.calendar()
        checkpoint = self.sign(self.checkpoint("balance"))
        pack = self.env["fin.evidence.pack"].search([("checkpoint_id", "=", checkpoint.id)])
        self.assertEqual(
            (pack.asked_by, pack.state, pack.date_to), (self.accountant, "requested", self.day("2026-03-31"))
        )
        pack._transition("begin")
        pack._transition("finish")
        note = self.env["mail.message"].search([("model", "=", checkpoint._name), ("res_id", "=", checkpoint.id)])
        self.assertIn(self.accountant.partner_id, note.notified_partner_ids)

    # Flows behind a checkpoint

    def behind(self, **vals):
        template = self.template("balance", **vals)
        self.flow.gate_checkpoint_id = template
        self.approve(self.flow)
        self.calendar()
        return self.checkpoint("balance")

    def test_a_flow_publishes_only_behind_its_checkpoint(self):
        checkpoint = self.behind()
        run = self.start(fact("a"))
        self.assertEqual((run.state, run.waits_for, run.delivered), ("held", "checkpoint", 0))
        answer = run.answer_ids.filtered(lambda a: a.gate == "CheckpointSigned")
        self.assertIn(f"Balance {NAME} is tied", answer.reason)
        self.sign(checkpoint)
        self.advance(run)
        self.assertEqual((run.state, run.delivered), ("done", 1))
        self.assertEqual(run.exception_ids.mapped("state"), ["resolved"])

    def test_a_suspended_signature_lets_nothing_through(self):
        checkpoint = self.sign(self.behind())
        self.entry()
        run = self.start(fact("a"))
        self.assertEqual((run.state, checkpoint.state), ("held", "suspended"))

    def test_a_signature_in_the_table_alone_lets_nothing_through(self):
        checkpoint = self.behind()
        checkpoint._evaluate()
        self.sql(
            "UPDATE fin_checkpoint SET state = 'signed', signed_digest = %s WHERE id = %s",
            checkpoint._seen(),
            checkpoint.id,
        )
        self.assertEqual(self.start(fact("a")).state, "held")

    def test_what_it_rests_on_has_to_be_signed_too(self):
        first = self.template("drafts", "drafts")
        checkpoint = self.behind(after_ids=first.ids)
        self.sign(self.checkpoint("drafts"))
        self.sign(checkpoint)
        self.entry(post=False)
        run = self.start(fact("a"))
        self.assertEqual(run.state, "held")
        self.assertIn("Drafts", run.answer_ids.filtered(lambda a: a.gate == "CheckpointSigned").reason)

    def test_items_of_a_signed_period_go_on_and_the_others_wait(self):
        checkpoint = self.sign(self.behind())
        self.assertTrue(checkpoint)
        run = self.collected(fact("a"), fact("b"))
        self.without_triggers("fin_item")
        self.sql("UPDATE fin_item SET \"on\" = '2026-04-02' WHERE run_id = %s AND key = 'b'", run.id)
        gate = next(gate for gate in run._gates() if type(gate).__name__ == "CheckpointSigned")
        answer = gate.ask(run)
        self.assertEqual((answer.verdict, len(answer.ids), answer.key), ("hold", 1, "balance"))

    def test_a_flow_runs_after_a_checkpoint_is_signed(self):
        template = self.template("balance")
        self.flow.write({"schedule_kind": "checkpoint", "checkpoint_ids": template.ids})
        self.approve(self.flow)
        self.calendar()
        self.assertEqual(self.flow._document()["schedule"], {"kind": "checkpoint", "checkpoints": ["balance"]})
        ListSource.told["x"] = [fact("a")]
        self.sign(self.checkpoint("balance"))
        self.env.cr.precommit.run()
        self.env["fin.event"]._take(LATER)
        run = self.flow.run_ids
        self.assertEqual((len(run), run.trigger, run.slot_id.cause), (1, "event", "checkpoint:balance"))

    def test_schedule_and_gate_travel_in_a_bundle(self):
        template = self.template("balance")
        self.flow.write(
            {"schedule_kind": "checkpoint", "checkpoint_ids": template.ids, "gate_checkpoint_id": template.id}
        )
        told = self.flow._compose()
        self.flow.write({"schedule_kind": "manual", "checkpoint_ids": False, "gate_checkpoint_id": False})
        self.flow._take_schedule(told["schedule"], {})
        self.flow._take_gates(told["gates"], {})
        again = self.flow._compose()
        self.assertEqual((again["schedule"], again["gates"]), (told["schedule"], told["gates"]))


@tagged("post_install", "-at_install")
class TestCheckpointsOverTheWire(CloseScene, OverTheWire, HttpCase):
    """Signatures are given in the web client, with a password, by the right people."""

    def test_both_signatures_ask_for_the_password(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.checkpoint("balance")
        self.login("operator")
        self.proven("fin.checkpoint", "action_sign", checkpoint.ids)
        self.assertTrue(checkpoint.waits_for_second)
        with self.assertRaises(JsonRpcException), mute_logger(*QUIET):
            self.proven("fin.checkpoint", "action_approve", checkpoint.ids)
        self.assertNotEqual(checkpoint.state, "signed")
        self.login("approver")
        self.proven("fin.checkpoint", "action_approve", checkpoint.ids)
        self.assertEqual(checkpoint.state, "signed")

    def test_s09_nobody_writes_a_checkpoint(self):
        self.template("balance")
        self.calendar()
        checkpoint = self.checkpoint("balance")
        for who in ("viewer", "operator", "administrator", "approver", "auditor"):
            self.login(who)
            for vals in ({"state": "signed"}, {"statement": "x"}, {"due_at": "2030-01-01 00:00:00"}):
                with self.subTest(f"{who} {vals}"):
                    self.refused("fin.checkpoint", "write", checkpoint.ids, vals)
        self.assertEqual(checkpoint.state, "open")

    def test_s09_a_weaker_close_calendar_waits_for_a_second_person(self):
        template = self.template("balance", holds_lock="books")
        self.calendar()
        self.login("administrator")
        self.call("fin.checkpoint.template", "write", template.ids, {"holds_lock": False, "tolerance": 1000000})
        self.assertEqual(self.company._fin_close()["checkpoints"][0].get("holds"), "books")
        self.login("operator")
        self.refused("fin.checkpoint.template", "write", template.ids, {"holds_lock": False})

    def test_a_settings_admin_does_not_move_the_lock_date_past_it(self):
        self.template("balance", holds_lock="books")
        self.calendar()
        user = self.people["viewer"]
        user.group_ids += self.env.ref("base.group_system")
        user.group_ids += self.env.ref("account.group_account_manager")
        self.login("viewer")
        self.refused("res.company", "write", self.company.ids, {"fiscalyear_lock_date": "2026-03-31"})
        self.assertFalse(self.company.fiscalyear_lock_date)
        self.call("res.company", "write", self.company.ids, {"fiscalyear_lock_date": "2026-02-28"})
