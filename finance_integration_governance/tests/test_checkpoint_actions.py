from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from .close_scene import LATER, NAME, CloseScene
from .common import ListSource, fact


@tagged("post_install", "-at_install")
class TestCheckpointActions(CloseScene, TransactionCase):
    """What a signature holds, lets through and does."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

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
