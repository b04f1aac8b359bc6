"""What a run matches by itself: only what is exact, only by an approved rule, apart from booking, some at a time."""

from unittest.mock import patch

from odoo.tests import tagged

from ..models.match import fin_run_match
from .match_scene import EVERYTHING, MatchCase


@tagged("post_install", "-at_install")
class TestMatchRun(MatchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.new_flow(cls.german)

    def test_nothing_is_matched_by_itself_without_an_approved_rule(self):
        invoice = self.invoice(self.anna, 119.0, payment_reference="RF18539007547034")
        line = self.line(119.0, "x", self.anna, told={"structured_reference": "RF18539007547034"})
        self.env["fin.match.rule"].create({**EVERYTHING[0], "company_id": self.company.id})
        self.match_by_run()
        self.assertFalse(line.is_reconciled)
        self.rules(EVERYTHING[0])
        run = self.match_by_run()
        self.assert_matched(line, invoice)
        kept = self.evidence(line)
        self.assertEqual((kept.rule, kept.run_id, kept.user_id.id), ("References", run, False))
        policy = self.env["fin.policy"]._of(self.company)
        self.assertEqual(kept.rule_digest, policy.live_version_id.digest)

    def test_a_run_of_statements_is_followed_by_one_that_matches(self):
        self.rules(*EVERYTHING)
        run = self.import_file(self.flow, "no_reference")
        self.assertEqual(run.state, "done", self.codes(run))
        following = self.env["fin.run"].search([("flow_id", "=", self.flow.id), ("trigger", "=", "match")])
        self.assertEqual((len(following), following.state), (1, "done"), following.last_error)

    def test_nothing_is_matched_while_lines_are_booked(self):
        self.rules(*EVERYTHING)
        matched, lines = [], type(self.env["account.bank.statement.line"])
        with patch.object(lines, "_fin_settle", lambda line, *_parts: matched.append(line)):
            run = self.start(self.flow)
            self.put("statement.xml", "no_reference")
            self.go_on(run)
        self.assertEqual(run.state, "done", run.last_error)
        self.assertFalse(matched)

    def test_what_is_not_exact_is_only_proposed_with_its_reasons(self):
        self.rules(*EVERYTHING)
        invoice = self.invoice(self.anna, 119.0)
        wrong_amount = self.line(118.0, invoice.name, self.anna)
        somebody_else = self.line(119.0, invoice.name, self.bert)
        self.match_by_run()
        for line in (wrong_amount, somebody_else):
            self.assertFalse(line.is_reconciled)
            kept = self.evidence(line, "proposed")
            self.assertEqual(len(kept), 1)
            self.assertTrue(kept.why)
        self.match_by_run()
        self.assertEqual(len(self.evidence(wrong_amount, "proposed")), 1, "the same proposal is kept once")

    def test_two_lines_that_name_one_invoice_match_neither(self):
        self.rules(*EVERYTHING)
        invoice = self.invoice(self.anna, 119.0)
        lines = [self.line(119.0, invoice.name, self.anna) for _each in range(2)]
        self.match_by_run()
        self.assertFalse(any(line.is_reconciled for line in lines))

    def test_two_lines_of_two_banks_that_name_one_invoice_match_neither(self):
        self.rules(*EVERYTHING)
        invoice = self.invoice(self.anna, 119.0)
        lines = [self.line(119.0, invoice.name, self.anna, journal=bank) for bank in (self.german, self.french)]
        self.match_by_run()
        self.assertFalse(any(line.is_reconciled for line in lines))

    def test_a_slip_away_from_another_invoice_of_that_amount_is_proposed(self):
        self.rules(*EVERYTHING)
        invoices = [self.invoice(self.anna, 119.0) for _each in range(2)]
        line = self.line(119.0, invoices[0].name, self.anna)
        self.match_by_run()
        self.assertFalse(line.is_reconciled)
        self.assertEqual(self.first(line)["parts"][0]["name"], invoices[0].name)

    def test_an_exact_number_from_the_account_of_its_customer_is_matched(self):
        self.rules(*EVERYTHING)
        invoice = self.invoice(self.anna, 119.0)
        line = self.line(119.0, f"Rechnung {invoice.name} danke", self.anna)
        self.match_by_run()
        self.assert_matched(line, invoice)
        self.assertEqual(self.evidence(line).rule, "Numbers")

    def test_a_rule_of_one_journal_matches_no_lines_of_another(self):
        self.rules({**EVERYTHING[2], "journal_id": self.french.id})
        invoice = self.invoice(self.anna, 119.0)
        line = self.line(119.0, invoice.name, self.anna)
        self.match_by_run()
        self.assertFalse(line.is_reconciled)

    def test_a_line_that_odoo_refuses_is_told_and_does_not_stop_the_rest(self):
        self.rules(*EVERYTHING)
        first, second = self.invoice(self.anna, 119.0), self.invoice(self.bert, 250.0)
        locked = self.line(119.0, first.name, self.anna, day="2026-02-15")
        free = self.line(250.0, second.name, self.bert)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET fiscalyear_lock_date = '2026-02-28' WHERE id = %s", (self.company.id,)
        )
        self.env.invalidate_all()
        self.match_by_run()
        self.assertFalse(locked.is_reconciled)
        self.assertIn("locked period", self.evidence(locked, "proposed").why)
        self.assert_matched(free, second)

    def test_a_mass_match_is_kept_some_lines_at_a_time(self):
        self.rules(*EVERYTHING)
        moves = [self.invoice(self.anna, 100.0 + place * 7) for place in range(5)]
        lines = [self.line(100.0 + place * 7, move.name, self.anna) for place, move in enumerate(moves)]
        yields = []
        pipeline = type(self.env["fin.pipeline.match"])
        deliver = pipeline._deliver

        def counted(model, run):
            for kept in deliver(model, run):
                yields.append(sum(line.is_reconciled for line in lines))
                yield kept

        with patch.object(fin_run_match, "AT_ONCE", 2), patch.object(pipeline, "_deliver", counted):
            run = self.env["fin.run"]._queue_match(self.flow)
            self.env["fin.audit.seal"]._seal_waiting()
            run._pin()
            run._transition("start", digest=run.version_digest)
            for _kept in counted(self.env["fin.pipeline.match"], run):
                self.env.flush_all()
        self.assertEqual(yields[:3], [2, 4, 5])
        self.assertTrue(all(line.is_reconciled for line in lines))

    def test_where_another_addon_matches_ours_steps_aside(self):
        self.rules(*EVERYTHING)
        invoice = self.invoice(self.anna, 119.0)
        line = self.line(119.0, invoice.name, self.anna)
        menu = self.env.ref("connector_bank.fin_match_menu")
        self.assertNotIn(menu.id, self.env["ir.ui.menu"]._load_menus_blacklist())
        self.env["ir.module.module"].create(
            {"name": "account_reconcile_oca", "shortdesc": "Account Reconcile Oca", "state": "installed"}
        )
        self.assertIn(menu.id, self.env["ir.ui.menu"]._load_menus_blacklist())
        self.assertEqual(self.screen.lines()["aside"], "Account Reconcile Oca")
        run = self.import_file(self.flow, "no_reference")
        self.assertEqual(run.state, "done")
        self.assertFalse(self.env["fin.run"].search([("flow_id", "=", self.flow.id), ("trigger", "=", "match")]))
        self.match_by_run()
        self.assertFalse(line.is_reconciled)
