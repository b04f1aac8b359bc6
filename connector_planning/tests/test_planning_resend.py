"""Everything is sent again on demand: in the same evidence, under the same rules."""

from datetime import date
from decimal import Decimal

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import RestrictViolation

from odoo.addons.finance_integration_governance.models.writer import as_writer

from .extract_scene import ExtractCase
from .test_planning_restatement import RestatementCase

LOST = "the planning model was restored from a backup"


@tagged("post_install", "-at_install")
class TestPlanningResend(RestatementCase):
    def setUp(self):
        super().setUp()
        self.entry("2026-01-10", 100)
        self.entry("2026-02-10", 7)
        self.actuals = self.flow(self.double.url)
        self.run_once(self.actuals)

    def lose(self):
        self.double.ask("/control/reset", all=True)
        self.assertEqual(self.told(), {})

    def again(self, since=None, until=None, flow=None):
        flow = flow or self.actuals
        with self.enter_registry_test_mode():
            run = flow.with_user(self.operator)._request_resend(LOST, since, until).with_env(self.env)
        run._pin()
        self.complete(run)
        self.env.invalidate_all()
        return run

    def test_what_planning_has_lost_is_there_again_and_ties(self):
        before = self.told()
        self.lose()
        self.assertEqual(self.run_once(self.actuals).unchanged, 4, "without being asked nothing travels again")
        run = self.again()
        self.assertEqual((run.state, run.reconciliation_state), ("done", "tied"))
        self.assertEqual((run.delivered, run.unchanged, run.received), (4, 0, 4))
        self.assertEqual(self.told(), before)
        self.assertEqual(self.run_once(self.actuals).unchanged, 4)

    def test_the_log_says_who_asked_for_it_and_why(self):
        run = self.again(date(2026, 1, 1), date(2026, 1, 31))
        self.assertEqual((run.trigger, run.requested_by, run.resend_reason), ("resend", self.operator, LOST))
        self.env["fin.audit.seal"]._seal_waiting()
        told = self.env["fin.audit.event"].search([("code", "=", "fin.run.resend"), ("subject_key", "=", run.name)])
        self.assertEqual(len(told), 1)
        for fact in (LOST, "2026-01-01", "2026-01-31"):
            self.assertIn(fact, told.content)

    def test_only_the_chosen_periods_travel_and_what_has_changed_elsewhere(self):
        self.lose()
        run = self.again(date(2026, 2, 1), date(2026, 2, 28))
        self.assertEqual((run.state, run.delivered, run.unchanged), ("done", 2, 2))
        self.assertEqual({period for _account, period in self.told()}, {"2026-02"})
        self.entry("2026-01-11", 1)
        run = self.again(date(2026, 2, 1))
        self.assertEqual((run.state, run.delivered, run.unchanged), ("done", 4, 0))
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(101))

    def test_zeros_and_periods_that_look_unchanged_travel_too(self):
        settings = {"base_url": self.double.url, "token": "conf:planning_token"}
        flow = self.made_flow("planning.api", settings, "fin.object.actual", "delta", options={"delta": True})
        self.run_once(flow)
        self.env["account.move"].search(
            [("date", "=", "2026-02-10"), ("journal_id", "=", self.journal.id)]
        ).button_draft()
        self.run_once(flow)
        self.lose()
        self.assertEqual(self.run_once(flow).received, 0)
        run = self.again(flow=flow)
        self.assertEqual((run.state, run.delivered), ("done", 4))
        self.assertEqual(self.told()["550000", "2026-02"], Decimal(0))

    def test_a_change_in_a_final_period_waits_also_where_everything_is_sent_again(self):
        self.close("2026-01-31")
        self.run_once(self.actuals)
        self.close(False)
        self.entry("2026-01-11", 5)
        self.lose()
        run = self.again()
        self.assertEqual((run.state, run.delivered, run.held), ("done", 2, 2))
        self.assertEqual({period for _account, period in self.told()}, {"2026-02"})
        self.assertEqual(len(self.waiting()), 1)
        child = run.child_ids
        self.assertEqual((child.trigger, child.resend_reason), ("release", LOST))
        self.say_yes(self.waiting())
        self.assertEqual((child.state, child.delivered), ("done", 2))
        self.assertEqual(self.told()["550000", "2026-01"], Decimal(105))

    def test_a_final_figure_that_did_not_change_needs_no_yes(self):
        self.close("2026-01-31")
        self.run_once(self.actuals)
        self.lose()
        run = self.again()
        self.assertEqual((run.state, run.delivered, run.held), ("done", 4, 0))

    def test_what_a_newer_run_has_sent_is_not_sent_over(self):
        """Collected, then another run tells a newer figure, then it goes on."""
        older = self.env["fin.run"]._queue(self.actuals, "resend", resend_reason=LOST)
        older._pin()
        for _kept in older._object()._collect(older):
            self.env.flush_all()
        self.entry("2026-02-11", 3)
        self.run_once(self.actuals)
        self.env["fin.item"]._recognise_sent(older)
        outcomes = {(item.on.month, item.outcome) for item in older.item_ids}
        self.assertEqual(outcomes, {(1, "open"), (2, "superseded")})

    def test_a_run_for_another_configuration_is_asked_for_the_same(self):
        older = self.env["fin.run"]._queue(self.actuals, "resend", resend_reason=LOST, resend_from=date(2026, 2, 1))
        older._begin_anew()
        newer = self.env["fin.run"].search([("flow_id", "=", self.actuals.id)], order="id desc", limit=1)
        self.assertNotEqual(newer, older)
        self.assertEqual((newer.resend_reason, newer.resend_from), (LOST, date(2026, 2, 1)))

    def test_who_may_ask_and_what_has_to_be_said(self):
        with self.assertRaises(AccessError):
            self.actuals.with_user(self.person("reader", "group_viewer"))._request_resend(LOST)
        for reason, since, until in ((" ", None, None), (LOST, date(2026, 2, 1), date(2026, 1, 1))):
            with self.subTest(reason), self.assertRaises(UserError):
                self.actuals.with_user(self.operator)._request_resend(reason, since, until)

    def test_a_paused_flow_and_a_published_dataset_are_not_sent_again(self):
        self.assertTrue(self.actuals.can_resend)
        self.actuals._transition("pause")
        with self.assertRaisesRegex(UserError, "not sent again"):
            self.actuals.with_user(self.operator)._request_resend(LOST)
        self.assertFalse(self.env["fin.object.dataset"]._resends, "an edition is immutable")

    def test_what_a_run_was_asked_for_is_evidence(self):
        run = self.again()
        for name, value in (("resend_reason", "another"), ("resend_from", "2026-01-01")):
            with (
                self.subTest(name),
                mute_logger("odoo.sql_db"),
                self.assertRaises(RestrictViolation),
                self.env.cr.savepoint(),
            ):
                as_writer(run).write({name: value})
                self.env.flush_all()

    def test_the_button_opens_a_dialog_that_begins_the_run(self):
        action = self.actuals.with_user(self.operator).action_resend()
        dialog = self.env[action["res_model"]].with_user(self.operator).with_context(**action["context"])
        with self.enter_registry_test_mode():
            opened = dialog.create({"reason": LOST}).action_send()
        run = self.env["fin.run"].browse(opened["res_id"])
        self.assertEqual((run.flow_id, run.trigger, run.state), (self.actuals, "resend", "queued"))


@tagged("post_install", "-at_install")
class TestMembersAgain(ExtractCase):
    def test_members_of_dimensions_are_sent_again_too(self):
        flow = self.extract_flow("fin.object.dimension", {"kinds": ["currency"]})
        first, _rows = self.tell(flow)
        again = self.env["fin.run"]._queue(flow, "resend", resend_reason=LOST)
        again._pin()
        self.complete(again)
        self.assertEqual((again.state, again.delivered, again.unchanged), ("done", first.delivered, 0))
