"""R10, R11: days of 23 and 25 hours, a leap day, and days on which nothing ran, from the clock to the run."""

import datetime as dt

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .test_schedule import ScheduleScene
from .test_service_levels import ServiceScene


def at(text):
    return fields.Datetime.to_datetime(text)


@tagged("post_install", "-at_install")
class TestR10(ScheduleScene, TransactionCase):
    def setUp(self):
        super().setUp()
        # What is due is looked at; that the run then runs is asked elsewhere.
        self.patch(type(self.env["fin.slot"]), "_start", lambda slot, document: slot._transition("start"))

    def due(self, since, until, step=10, **schedule):
        """What was due between two moments, looked at every so many minutes."""
        flow = self.live("days", applied=at(since), misfire="all", **schedule)
        moment = at(since)
        while moment <= at(until):
            self.tick(moment)
            moment += dt.timedelta(minutes=step)
        return [due for due, _state in self.slots(flow)]

    def test_r10_on_a_day_of_23_hours_each_hour_that_there_is_has_its_slot(self):
        due = self.due("2027-03-27 23:00:00", "2027-03-28 22:00:00", schedule_kind="interval", interval_minutes=60)
        self.assertEqual(len(due), 23)
        self.assertEqual(len(set(due)), 23)

    def test_r10_on_a_day_of_25_hours_each_hour_has_its_slot_and_none_comes_twice(self):
        due = self.due("2027-10-30 22:00:00", "2027-10-31 23:00:00", schedule_kind="interval", interval_minutes=60)
        self.assertEqual(len(due), 25)
        self.assertEqual(len(set(due)), 25)

    def test_r10_a_time_of_day_that_the_clocks_leave_out_is_due_once(self):
        due = self.due("2027-03-26 23:00:00", "2027-03-29 22:00:00", 60, schedule_kind="times", times="02:30")
        self.assertEqual(due, ["03-27 01:30", "03-28 01:00", "03-29 00:30"])

    def test_r10_a_time_of_day_that_comes_twice_is_due_once(self):
        due = self.due("2027-10-29 22:00:00", "2027-11-01 22:00:00", 60, schedule_kind="times", times="02:30")
        self.assertEqual(due, ["10-30 00:30", "10-31 00:30", "11-01 01:30"])

    def test_r10_the_leap_day_has_its_slot_and_the_months_last_day_is_it(self):
        daily = self.due("2028-02-28 12:00:00", "2028-03-01 12:00:00", 60, schedule_kind="times", times="08:00")
        self.assertEqual(daily, ["02-29 07:00", "03-01 07:00"])
        last = {"schedule_kind": "times", "times": "08:00", "day_kind": "monthday", "month_days": "-1"}
        flow = self.live("month-end", applied=at("2028-02-01 00:00:00"), misfire="all", **last)
        self.tick("2028-03-01 12:00:00")
        self.assertEqual([due for due, _state in self.slots(flow)], ["02-29 07:00"])

    def test_r11_three_days_off_over_a_change_of_the_clocks_lose_no_moment_and_make_none_twice(self):
        flow = self.live(
            "off", applied=at("2027-03-26 23:00:00"), misfire="all", schedule_kind="times", times="02:30, 14:00"
        )
        self.tick("2027-03-29 22:00:00")
        self.tick("2027-03-29 22:01:00")
        due = [due for due, _state in self.slots(flow)]
        self.assertEqual(
            due, ["03-27 01:30", "03-27 13:00", "03-28 01:00", "03-28 12:00", "03-29 00:30", "03-29 12:00"]
        )


@tagged("post_install", "-at_install")
class TestR36(ServiceScene, TransactionCase):
    """How long somebody has is counted in hours that pass, also where the clocks change."""

    def test_r10_a_promise_of_hours_is_as_long_on_a_day_of_23_or_25_hours(self):
        for day, due in (("2027-03-28", "00:30"), ("2027-10-31", "00:30")):
            flow = self.live(
                f"level-{day}", applied=at(f"{day} 00:00:00"), schedule_kind="interval", interval_minutes=30,
                on_time_minutes=120, misfire="one",
            )  # fmt: skip
            self.tick(f"{day} {due}:00")
            slot = self.env["fin.slot"].search([("flow_id", "=", flow.id)], order="due_at", limit=1)
            self.assertEqual(slot.promised_at - slot.due_at, dt.timedelta(hours=2), day)

    def test_r36_after_three_days_off_the_first_tick_tells_what_was_promised_meanwhile(self):
        flow = self.live("silent", applied=at("2027-01-01 00:00:00"), fresh_minutes=600, is_fresh_by_clock=True)
        self.sql("UPDATE fin_clock SET stale_at = '2027-01-01 10:00:00' WHERE flow_id = %s", flow.id)
        self.tick("2027-01-04 10:00:00")
        [told] = self.told("data_stale", flow)
        self.assertTrue(told.user_id)
        self.tick("2027-01-04 10:01:00")
        self.assertEqual(self.told("data_stale", flow), told)
