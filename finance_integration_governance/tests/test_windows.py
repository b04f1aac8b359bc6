"""Success over a window, totals in time, and maintenance in which work waits and nothing is late."""

import datetime as dt
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ..core.errors import ConfigurationError
from .common import ListSource, fact, trouble
from .test_service_levels import NOON, ServiceScene


@tagged("post_install", "-at_install")
class TestWindows(ServiceScene, TransactionCase):
    def brought(self, flow, mark):
        ListSource.told.clear()
        return self.start(fact(mark), flow=flow, name=f"{mark}.txt")

    def test_too_few_runs_that_succeed_are_told_and_it_closes_with_enough(self):
        flow = self.live("shaky", success_percent=80)
        with self.enter_registry_test_mode():
            for number in range(4):
                self.brought(flow, f"g{number}")
            with trouble(ConfigurationError("broken")):
                self.brought(flow, "b0")
            self.assertFalse(self.told("success_rate", flow), "four of five are 80 %")
            with trouble(ConfigurationError("broken")):
                self.brought(flow, "b1")
            [told] = self.told("success_rate", flow)
            self.assertIn("Of the last 6 runs", told.text)
            self.assertIn("only 4 succeeded, and promised are 80 %", told.text)
            for number in range(4, 8):
                self.brought(flow, f"g{number}")
        self.assertEqual(told.state, "resolved")

    def test_totals_that_do_not_tie_in_time_are_told_until_the_run_is_over(self):
        flow = self.live("slowly", reconcile_minutes=60)
        with self.enter_registry_test_mode():
            run = self.start(fact("poison"), fact("A"), flow=flow)
        self.assertFalse(run.reconcile_by, "it is done")
        run = self.env["fin.run"]._queue(flow, "schedule").with_user(self.env.user)
        with self.later(NOON):
            run._pin()
        self.tick(NOON + dt.timedelta(minutes=59))
        self.assertFalse(self.told("not_reconciled", flow))
        self.tick(NOON + dt.timedelta(minutes=61))
        self.tick(NOON + dt.timedelta(minutes=62))
        [told] = self.told("not_reconciled", flow)
        self.assertIn(run.name, told.text)
        run._transition("cancel")
        self.assertEqual(told.state, "resolved")

    def maintained(self, code, **promises):
        """A flow whose system is not there from noon to two."""
        flow = self.new_flow(code, tz="Europe/Berlin", **promises)
        window = {"begins_at": NOON, "ends_at": NOON + dt.timedelta(hours=2), "reason": "new release"}
        flow.connection_id.maintenance_ids = [Command.create(window)]
        version = self.approve(flow)
        self.seal()
        self.sql("UPDATE fin_version SET applied_at = %s WHERE id = %s", NOON - dt.timedelta(days=1), version.id)
        return flow

    def test_under_maintenance_work_waits_and_costs_no_try(self):
        flow = self.maintained("away", retry_minutes=10**6)  # the scene is weeks away from when its rows are made
        moment = NOON + dt.timedelta(minutes=30)
        with self.enter_registry_test_mode(), patch.object(fields.Datetime, "now", lambda *_args: moment):
            run = self.start(fact("A"), flow=flow)
        self.assertEqual((run.state, run.tries, run.not_before), ("queued", 0, NOON + dt.timedelta(hours=2)))
        self.assertFalse(run.exception_ids | self.told("connection_down"))
        with self.enter_registry_test_mode(), self.later(NOON + dt.timedelta(hours=2, minutes=1)):
            self.advance(run)
        self.assertEqual(run.state, "done")

    def test_under_maintenance_nothing_is_late_and_no_data_grow_old(self):
        flow = self.maintained(
            "patient",
            schedule_kind="times",
            times="13:30",  # Berlin: 12:30 UTC
            on_time_minutes=30,
            fresh_minutes=60,
            is_fresh_by_clock=True,
        )
        clock = self.env["fin.clock"].search([("flow_id", "=", flow.id)])
        self.env["fin.clock"]._freshen(flow, NOON - dt.timedelta(minutes=30))
        self.tick(NOON + dt.timedelta(minutes=31))
        slot = self.env["fin.slot"].search([("flow_id", "=", flow.id)], limit=1)
        self.assertEqual(slot.promised_at, NOON + dt.timedelta(hours=2, minutes=30))
        self.tick(NOON + dt.timedelta(minutes=119))
        self.assertFalse(self.told("slot_late", flow) | self.told("data_stale", flow))
        self.tick(NOON + dt.timedelta(minutes=121))
        self.assertTrue(self.told("data_stale", flow), "the system is back, and still nothing came")
        self.assertFalse(clock.stale_at)
        self.tick(NOON + dt.timedelta(minutes=151))
        self.assertTrue(self.told("slot_late", flow))

    def test_law3_maintenance_that_nobody_approved_excuses_nothing(self):
        flow = self.live("hasty", fresh_minutes=60, is_fresh_by_clock=True)
        window = {"begins_at": NOON, "ends_at": NOON + dt.timedelta(hours=2), "reason": "so I say"}
        flow.connection_id.maintenance_ids = [Command.create(window)]
        self.env["fin.clock"]._freshen(flow, NOON)
        self.tick(NOON + dt.timedelta(minutes=61))
        self.assertTrue(self.told("data_stale", flow))
