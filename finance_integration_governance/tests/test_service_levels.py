"""What a flow promises, who is told when it is not kept, and who looks after the engine."""

import datetime as dt
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..models.service.ir_cron import JOBS
from .common import fact
from .test_schedule import ScheduleScene

NOON = fields.Datetime.to_datetime("2026-12-30 12:00:00")  # a Wednesday


class ServiceScene(ScheduleScene):
    def told(self, code, flow=None):
        """Open exceptions with this code."""
        found = [("code", "=", code), ("state", "=", "open"), ("flow_id", "=", flow.id if flow else False)]
        return self.env["fin.exception"].search(found)

    def later(self, moment):
        """The clock of everybody stands at this moment."""
        return patch.object(fields.Datetime, "now", lambda *_args: moment)


@tagged("post_install", "-at_install")
class TestServiceLevels(ServiceScene, TransactionCase):
    def test_what_is_not_done_in_time_is_told_at_once_and_closes_when_it_is_done(self):
        flow = self.live("daily", schedule_kind="times", times="13:30", on_time_minutes=30)
        self.tick("2026-12-30 12:31:00")
        self.assertFalse(self.told("slot_late", flow))
        self.tick("2026-12-30 13:01:00")
        self.tick("2026-12-30 13:02:00")
        [late] = self.told("slot_late", flow)
        self.assertIn("promised to be done by 2026-12-30 14:00 (Europe/Berlin)", late.text)
        self.assertEqual(late.user_id, flow._notify())
        [slot] = self.env["fin.slot"].search([("flow_id", "=", flow.id)])
        with self.enter_registry_test_mode(), self.later(NOON + dt.timedelta(minutes=75)):
            self.advance(slot.run_ids)
        self.assertEqual((slot.run_ids.state, slot.state, late.state), ("done", "late", "resolved"))
        self.assertIn("15 minutes late", late.reason)

    def test_what_is_done_in_time_is_met(self):
        flow = self.live("quick", schedule_kind="times", times="13:30", on_time_minutes=30)
        self.tick("2026-12-30 12:31:00")
        [slot] = self.env["fin.slot"].search([("flow_id", "=", flow.id)])
        with self.enter_registry_test_mode(), self.later(NOON + dt.timedelta(minutes=45)):
            self.advance(slot.run_ids)
        self.tick("2026-12-30 14:00:00")
        self.assertEqual((slot.state, self.told("slot_late", flow).ids), ("met", []))

    def test_r36_a_source_that_falls_silent_is_told_although_every_run_is_green(self):
        flow = self.live("source", fresh_minutes=120, is_fresh_by_clock=True)
        self.sql("UPDATE fin_clock SET stale_at = NULL")
        with self.enter_registry_test_mode():
            with self.later(NOON):
                full = self.start(fact("A"), flow=flow)
            with self.later(NOON + dt.timedelta(minutes=90)):
                empty = self.start(flow=flow)
        self.assertEqual((full.delivered, empty.state, empty.delivered), (1, "done", 0), "the same once more")
        self.tick(NOON + dt.timedelta(minutes=119))
        self.assertFalse(self.told("data_stale", flow))
        self.tick(NOON + dt.timedelta(minutes=121))
        self.tick(NOON + dt.timedelta(minutes=122))
        [stale] = self.told("data_stale", flow)
        self.assertIn("Nothing has come by Flow source", stale.text)
        with self.enter_registry_test_mode(), self.later(NOON + dt.timedelta(minutes=200)):
            self.start(fact("B"), flow=flow, name="two.txt")
        self.assertEqual(stale.state, "resolved")

    def test_data_grow_no_older_on_a_weekend(self):
        flow = self.live("weekend", fresh_minutes=8 * 60)
        friday = fields.Datetime.to_datetime("2026-12-18 14:00:00")
        self.env["fin.clock"]._freshen(flow, friday)
        clock = self.env["fin.clock"].search([("flow_id", "=", flow.id)])
        # Friday 15:00 in Berlin: two hours are left of that day, six more end on Monday at 15:00.
        self.assertEqual(clock.stale_at, fields.Datetime.to_datetime("2026-12-21 14:00:00"))

    def test_an_exception_goes_up_from_the_steward_to_the_controller_in_working_hours(self):
        steward, controller = self.person("operator", "steward"), self.person("operator", "controller")
        self.company.fin_controller_id = controller
        flow = self.live("desk", acknowledge_minutes=60, resolve_minutes=240)
        flow.role_ids = [(0, 0, {"role": "steward", "user_id": steward.id})]
        with self.later(NOON), patch.object(self.env.cr, "now", lambda: NOON):
            exception = self.env["fin.exception"]._raise_for_flow(flow, "odd", "Something is odd")
        self.assertEqual(exception.user_id, steward)
        self.assertEqual(exception.acknowledge_by, NOON + dt.timedelta(hours=1))
        self.assertEqual(exception.due_at, NOON + dt.timedelta(hours=4))
        chain = [self.people["operator"], self.people["administrator"], controller]
        now = NOON
        for step, person in enumerate(chain, 1):
            now = exception.escalate_at
            self.tick(now - dt.timedelta(seconds=1))
            self.assertEqual(exception.escalation, step - 1)
            self.tick(now)
            self.assertEqual((exception.escalation, exception.user_id), (step, person))
            self.assertIn(person, exception.activity_ids.user_id)
        self.tick(exception.escalate_at)
        self.assertEqual((exception.escalation, exception.escalate_at), (4, False), "nobody is left above")
        self.assertEqual(exception.user_id, controller)

    def test_what_was_taken_on_goes_up_only_when_it_is_not_closed_in_time(self):
        flow = self.live("taken", acknowledge_minutes=60, resolve_minutes=240)
        with self.later(NOON), patch.object(self.env.cr, "now", lambda: NOON):
            exception = self.env["fin.exception"]._raise_for_flow(flow, "odd", "Something is odd")
        with self.later(NOON + dt.timedelta(minutes=30)):
            self.by("operator", exception).action_take()
        self.tick(NOON + dt.timedelta(minutes=100))
        self.assertEqual(exception.escalation, 0)
        self.tick(NOON + dt.timedelta(minutes=241))
        self.assertEqual(exception.escalation, 1)

    def test_without_a_promise_nothing_is_written_into_the_version(self):
        self.assertNotIn("levels", self.flow._compose())


@tagged("post_install", "-at_install")
class TestLookingAfter(ServiceScene, TransactionCase):
    def test_r12_a_part_of_the_engine_that_falls_silent_is_told_by_the_others(self):
        hearts, now = self.env["fin.heartbeat"], fields.Datetime.now()
        hearts._beat("bulk", fields.Datetime.subtract(now, minutes=6))
        for part in ("batch", "seal"):
            hearts._beat(part, now)
        hearts._watch(now)
        [silent] = self.told("engine_silent")
        self.assertIn("part bulk has given no sign of life", silent.text)
        hearts._beat("bulk", now)
        hearts._watch(now)
        self.assertEqual(silent.state, "resolved")

    def test_a_lane_that_is_woken_all_the_time_looks_after_the_others_now_and_then(self):
        hearts, now = self.env["fin.heartbeat"], fields.Datetime.now()
        self.assertTrue(hearts._beat("batch", now))
        with self.assertQueryCount(1):
            self.assertFalse(hearts._beat("batch", now + dt.timedelta(seconds=29)))
        self.assertTrue(hearts._beat("batch", now + dt.timedelta(seconds=30)))

    def test_r12_a_scheduled_action_that_is_switched_off_or_changed_is_told_at_once(self):
        cron = self.env.ref("finance_integration_governance.ir_cron_batch")
        for words, vals, before in (
            ("switched off", {"active": False}, {"active": True}),
            ("too seldom", {"interval_type": "days"}, {"interval_type": "minutes"}),
            ("something else", {"code": "pass"}, {"code": 'model._cron_advance("batch")'}),
        ):
            with self.subTest(words):
                cron.write(vals)
                [changed] = self.told("cron_changed")
                self.assertIn(words, changed.text)
                cron.write(before)
                self.assertEqual(changed.state, "resolved")

    def test_r12_every_scheduled_action_that_is_installed_is_watched(self):
        installed = [("module", "=", "finance_integration_governance"), ("model", "=", "ir.cron")]
        self.assertEqual(set(self.env["ir.model.data"].search(installed).mapped("name")), set(JOBS))
        self.env["ir.cron"]._fin_watch()
        self.assertFalse(self.env["fin.exception"].search([("code", "=", "cron_changed"), ("state", "=", "open")]))

    def test_r12_a_scheduled_action_that_was_changed_past_odoo_is_told_by_the_next_lane(self):
        cron = self.env.ref("finance_integration_governance.ir_cron_bulk")
        self.sql("UPDATE ir_cron SET active = FALSE WHERE id = %s", cron.id)
        with self.enter_registry_test_mode():
            self.env["fin.heartbeat"]._look_after("batch")
        self.env.invalidate_all()
        self.assertIn("ir_cron_bulk is switched off", self.told("cron_changed").text)
        self.assertTrue(self.env["fin.heartbeat"].search([("part", "=", "batch")]))
