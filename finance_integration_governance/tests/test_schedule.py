"""What makes a flow due: the clock with working days and outages, another flow, and what happens in Odoo."""

import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.workdays import ORDINARY

from .common import LawScene, fact

BEGIN = fields.Datetime.to_datetime("2026-12-30 12:00:00")


class ScheduleScene(LawScene):
    def live(self, code, applied=BEGIN, **schedule):
        """A live flow with this schedule, approved at that moment."""
        flow = self.new_flow(code, tz="Europe/Berlin", **schedule)
        version = self.approve(flow)
        self.seal()
        self.sql("UPDATE fin_version SET applied_at = %s WHERE id = %s", applied, version.id)
        return flow

    def tick(self, moment):
        self.env["fin.slot"]._tick(fields.Datetime.to_datetime(moment))

    def slots(self, flow):
        """[(due, state)], oldest first."""
        found = self.env["fin.slot"].search([("flow_id", "=", flow.id)], order="due_at, id")
        return [(f"{slot.due_at:%m-%d %H:%M}", slot.state) for slot in found]

    def runs(self, flow):
        return self.env["fin.run"].search([("flow_id", "=", flow.id)], order="id")

    def happen(self):
        """What the transaction's end would write."""
        self.env.cr.precommit.run()
        self.env.flush_all()


@tagged("post_install", "-at_install")
class TestSchedule(ScheduleScene, TransactionCase):
    def test_the_version_keeps_the_schedule_and_leaves_out_what_is_not_said(self):
        plain = self.new_flow("plain", schedule_kind="times", times="18:30, 06:00")
        self.assertEqual(plain._schedule(), {"kind": "times", "times": ["06:00", "18:30"]})
        full = self.new_flow(
            "full",
            schedule_kind="interval",
            interval_minutes=30,
            between_from="08:00",
            between_to="20:00",
            day_kind="weekday",
            fri=False,
            off_days="next",
            cutoff="16:00",
            misfire="within",
            misfire_minutes=90,
            blackout_ids=[Command.create({"weekday": "5", "time_from": "22:00", "time_to": "06:00"})],
        )
        self.assertEqual(
            full._schedule(),
            {
                "kind": "interval",
                "minutes": 30,
                "between": ["08:00", "20:00"],
                "days": {"kind": "weekday", "on": [0, 1, 2, 3]},
                "off": "next",
                "cutoff": "16:00",
                "misfire": "within",
                "within": 90,
                "blackouts": [{"from": "22:00", "to": "06:00", "weekdays": [5]}],
            },
        )

    def test_what_is_no_schedule_is_refused_in_words(self):
        for number, (words, vals) in enumerate(
            (
                ("25:00 is not a time", {"schedule_kind": "times", "times": "25:00"}),
                ("noon is not a time", {"cutoff": "noon"}),
                ("lies after", {"between_from": "20:00", "between_to": "08:00"}),
                ("40 is not a day", {"schedule_kind": "times", "day_kind": "monthday", "month_days": "1, 40"}),
                ("at least one day", {"schedule_kind": "times", "day_kind": "weekday"} | dict.fromkeys(DAYS, False)),
                ("Choose the flow", {"schedule_kind": "after"}),
                ("what has to happen", {"schedule_kind": "event"}),
            )
        ):
            with self.subTest(words), self.assertRaisesRegex(ValidationError, words):
                self.new_flow(f"wrong-{number}").write(vals)

    def test_flows_that_start_each_other_are_refused(self):
        one = self.new_flow("one", schedule_kind="after", after_ids=self.flow.ids)
        two = self.new_flow("two", schedule_kind="after", after_ids=one.ids)
        with self.assertRaisesRegex(ValidationError, "start itself again"):
            one.after_ids = two

    def test_the_second_working_day_follows_the_holidays_of_the_approved_policy(self):
        calendar = self.company.resource_calendar_id
        calendar.tz = "Europe/Berlin"
        self.env["resource.calendar.leaves"].create(
            {
                "name": "New Year",
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": "2026-12-31 23:00:00",
                "date_to": "2027-01-01 22:59:59",
            }
        )
        closing = {"schedule_kind": "times", "times": "10:00", "day_kind": "workday", "work_days": "2"}
        flow = self.live("close", **closing)
        policy = self.env["fin.policy"]._of(self.company)
        self.assertEqual(
            policy._compose()["calendar"]["off"], [{"from": "2027-01-01", "to": "2027-01-01", "name": "New Year"}]
        )
        self.assertEqual(flow._calendar_of(flow._document()), ORDINARY, "not approved yet")
        version = self.propose(policy, by="administrator")
        self.by("approver", version)._approve()
        self.seal()
        self.tick("2027-01-04 23:00:00")
        self.assertEqual(self.slots(flow), [])
        self.tick("2027-01-05 09:00:00")
        self.assertEqual(self.slots(flow), [("01-05 09:00", "started")])

    def test_a_holiday_is_an_edit_of_what_it_would_change(self):
        calendar = self.env["resource.calendar"].create({"name": "Payments", "tz": "Europe/Berlin"})
        flow = self.new_flow("target", calendar_id=calendar.id)
        version = self.propose(flow)
        self.assertEqual(version.state, "review")
        leave = {"name": "Good Friday", "calendar_id": calendar.id}
        self.env["resource.calendar.leaves"].with_user(self.person("approver+administrator", "holidays")).sudo().create(
            {**leave, "date_from": "2027-03-26 00:00:00", "date_to": "2027-03-26 21:00:00"}
        )
        self.assertEqual(version.state, "superseded", "what was proposed is not what stands there now")

    def test_a_calendar_with_a_break_at_noon(self):
        told = self.company.resource_calendar_id._fin_document()
        self.assertEqual(told["hours"]["0"], [["08:00", "12:00"], ["13:00", "17:00"]])

    def test_r11_after_three_days_without_an_engine(self):
        kept = {
            misfire: self.live(
                f"off-{misfire}", schedule_kind="interval", interval_minutes=720, misfire=misfire, misfire_minutes=1500
            )
            for misfire in ("one", "all", "within", "skip")
        }
        self.tick("2027-01-02 12:05:00")
        due = ["12-31 00:00", "12-31 12:00", "01-01 00:00", "01-01 12:00", "01-02 00:00", "01-02 12:00"]
        for misfire, states in (
            ("one", ["skipped"] * 5 + ["started"]),
            ("all", ["started"] * 6),
            ("within", ["missed"] * 3 + ["started"] * 3),
            ("skip", ["missed"] * 5 + ["started"]),
        ):
            flow = kept[misfire]
            self.assertEqual(self.slots(flow), list(zip(due, states, strict=True)), misfire)
            self.assertEqual(len(self.runs(flow)), states.count("started"), misfire)
            told = self.env["fin.exception"].search([("flow_id", "=", flow.id), ("code", "=", "slot_missed")])
            self.assertEqual(len(told), int("missed" in states), misfire)
            self.assertEqual(told.user_id, flow._notify() if told else self.env["res.users"])

    def test_a_restart_makes_no_moment_twice_and_none_is_lost(self):
        flow = self.live("again", schedule_kind="interval", interval_minutes=60, misfire="all")
        for minute in (0, 30, 30, 59, 125):
            self.tick(BEGIN + dt.timedelta(minutes=minute))
        self.assertEqual([due for due, _state in self.slots(flow)], ["12-30 13:00", "12-30 14:00"])

    def test_more_moments_than_one_tick_makes_are_made_by_the_next(self):
        flow = self.live("many", schedule_kind="interval", interval_minutes=1)
        self.patch(type(self.env["fin.slot"]), "_start", lambda slot, document: slot._transition("start"))
        now = BEGIN + dt.timedelta(days=4)
        self.tick(now)
        self.tick(now)
        self.assertEqual(len(self.slots(flow)), 4 * 24 * 60)

    def test_what_is_past_its_cutoff_is_missed_and_told(self):
        flow = self.live("payments", schedule_kind="times", times="14:00", cutoff="16:00")
        self.tick("2026-12-30 15:30:00")
        self.assertEqual(self.slots(flow), [("12-30 13:00", "missed")])
        [told] = self.env["fin.exception"].search([("flow_id", "=", flow.id)])
        self.assertIn("not started when it was due", told.text)
        self.assertFalse(self.runs(flow))

    def test_one_run_that_waits_brings_the_next_moments_too(self):
        flow = self.live("slow", schedule_kind="interval", interval_minutes=60)
        self.tick(BEGIN + dt.timedelta(minutes=60))
        self.tick(BEGIN + dt.timedelta(minutes=120))
        self.assertEqual([state for _due, state in self.slots(flow)], ["started", "skipped"])
        self.assertEqual(len(self.runs(flow)), 1)

    def test_a_paused_flow_knows_what_it_left_out(self):
        flow = self.live("paused", schedule_kind="interval", interval_minutes=60)
        self.by("operator", flow).action_pause()
        self.tick(BEGIN + dt.timedelta(minutes=150))
        self.by("operator", flow).action_resume()
        self.tick(BEGIN + dt.timedelta(minutes=200))
        self.assertEqual([state for _due, state in self.slots(flow)], ["skipped", "skipped", "started"])
        first = self.env["fin.slot"].search([("flow_id", "=", flow.id)], order="due_at", limit=1)
        self.assertIn("paused", first.reason)

    def test_a_tick_asks_no_more_with_more_flows_that_are_not_due(self):
        self.live("first", schedule_kind="times", times="06:00")
        self.tick(BEGIN)
        alone = self._queries(BEGIN)
        for number in range(5):
            self.live(f"more-{number}", schedule_kind="times", times="06:00")
        self.tick(BEGIN)
        self.assertEqual(self._queries(BEGIN), alone)

    def _queries(self, now):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.tick(now)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_a_flow_from_before_there_were_clocks_goes_on_after_its_last_slot(self):
        flow = self.live("old", schedule_kind="interval", interval_minutes=60, misfire="all")
        self.tick(BEGIN + dt.timedelta(minutes=60))
        self.sql("DELETE FROM fin_clock WHERE flow_id = %s", flow.id)
        self.tick(BEGIN + dt.timedelta(minutes=125))
        self.assertEqual([due for due, _state in self.slots(flow)], ["12-30 13:00", "12-30 14:00"])

    def test_nobody_winds_the_clock_by_hand(self):
        flow = self.live("wound", schedule_kind="times", times="06:00")
        self.tick(BEGIN)
        clock = self.env["fin.clock"].search([("flow_id", "=", flow.id)])
        for group in ("operator", "administrator"):
            with self.subTest(group), self.assertRaises(AccessError):
                self.by(group, clock).write({"look_at": "2100-01-01 00:00:00"})
        with self.assertRaises(AccessError):
            clock.write({"look_at": "2100-01-01 00:00:00"})

    def test_the_screen_shows_only_what_the_kind_of_schedule_asks_for(self):
        with Form(self.by("operator", self.flow)) as form:
            form.schedule_kind = "times"
            form.times = "07:15"
            form.day_kind = "monthday"
            form.month_days = "15, -1"
            form.off_days = "previous"
        self.assertEqual(
            self.flow._schedule(),
            {"kind": "times", "times": ["07:15"], "days": {"kind": "monthday", "on": [-1, 15]}, "off": "previous"},
        )


@tagged("post_install", "-at_install")
class TestCauses(ScheduleScene, TransactionCase):
    def test_a_flow_runs_after_another_one_in_the_same_transaction_or_not_at_all(self):
        later = self.live("later", schedule_kind="after", after_ids=self.flow.ids)
        with self.enter_registry_test_mode():
            run = self.start(fact("A"))
        self.assertEqual(run.state, "done")
        waiting = self.env["fin.event"].search([("flow_id", "=", later.id)])
        self.assertEqual((waiting.key, waiting.res_id, waiting.slot_id.id), ("run:law", run.id, False))
        self.tick(fields.Datetime.now())
        [slot] = self.env["fin.slot"].search([("flow_id", "=", later.id)])
        self.assertEqual((slot.state, slot.cause, slot.run_ids.trigger), ("started", "run:law", "event"))
        self.assertEqual(waiting.slot_id, slot)

    def test_events_of_one_flow_are_one_run(self):
        flow = self.live("actuals", schedule_kind="event", event_kind_ids=self.kinds("posted", "draft"))
        moves = self.entries(3)
        moves.action_post()
        moves[0].button_draft()
        self.happen()
        waiting = self.env["fin.event"].search([("flow_id", "=", flow.id)])
        self.assertEqual(
            {(event.key, event.res_id) for event in waiting},
            {("account.move/draft", moves[0].id), *(("account.move/posted", move.id) for move in moves)},
        )
        self.tick(fields.Datetime.now())
        [slot] = self.env["fin.slot"].search([("flow_id", "=", flow.id)])
        self.assertEqual(slot.cause, "account.move/draft, account.move/posted")
        self.assertEqual(waiting.slot_id, slot)
        self.assertEqual(len(self.runs(flow)), 1)

    def test_partners_and_accounts_are_events_too(self):
        flow = self.live("master", schedule_kind="event", event_kind_ids=self.kinds("partner", "account"))
        partner = self.env["res.partner"].create({"name": "New"})
        account = self.env["account.account"].search([], limit=1)
        account.name = "Renamed"
        self.happen()
        waiting = self.env["fin.event"].search([("flow_id", "=", flow.id)])
        self.assertEqual(
            {(event.res_model, event.res_id) for event in waiting},
            {("res.partner", partner.id), ("account.account", account.id)},
        )

    def test_a_payment_s_state_is_an_event_for_who_waits_for_it(self):
        flow = self.live("status", schedule_kind="event", event_kind_ids=self.kinds("payment"))
        payment = self.env["account.payment"].create(
            {
                "amount": 12,
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.env["res.partner"].create({"name": "Payer"}).id,
                "journal_id": self.journal.id,
            }
        )
        self.happen()
        self.sql("DELETE FROM fin_event")
        payment.action_post()
        self.happen()
        self.env.invalidate_all()
        waiting = self.env["fin.event"].search([("flow_id", "=", flow.id)])
        self.assertNotEqual(payment.state, "draft")
        self.assertEqual({(event.key, event.res_id) for event in waiting}, {("account.payment/state", payment.id)})

    def test_what_was_taken_a_month_ago_is_forgotten(self):
        flow = self.live("old", schedule_kind="event", event_kind_ids=self.kinds("partner"))
        self.env["res.partner"].create({"name": "Somebody"})
        self.happen()
        self.sql("UPDATE fin_event SET at = at - interval '31 days'")
        self.env["fin.event"]._gc_taken()
        self.assertTrue(self.env["fin.event"].search_count([("flow_id", "=", flow.id)]), "nobody has taken it")
        self.tick(fields.Datetime.now())
        self.env["fin.event"]._gc_taken()
        self.env.invalidate_all()
        self.assertFalse(self.env["fin.event"].search_count([("flow_id", "=", flow.id)]))

    def test_where_nobody_waits_nothing_is_asked_and_nothing_is_written(self):
        self.env["res.partner"].create({"name": "Before"})
        partner = self.env["res.partner"].create({"name": "One"})
        self.env.flush_all()
        events = self.env["fin.event"]
        events._happened("res.partner/changed", partner)
        with self.assertQueryCount(0):
            events._happened("res.partner/changed", partner)
        self.happen()
        self.assertFalse(events.search_count([]))

    def test_a_flow_that_was_retired_is_not_waited_for_any_more(self):
        flow = self.live("gone", schedule_kind="event", event_kind_ids=self.kinds("partner"))
        self.by("administrator", flow).action_retire()
        self.env["res.partner"].create({"name": "Late"})
        self.happen()
        self.assertFalse(self.env["fin.event"].search_count([]))

    def test_another_company_s_entries_are_not_this_flow_s_events(self):
        other = self.env["res.company"].create({"name": "Other"})
        flow = self.live("mine", schedule_kind="event", event_kind_ids=self.kinds("posted"))
        self.env["fin.event"]._happened("account.move/posted", self.flow, other)
        self.happen()
        self.assertFalse(self.env["fin.event"].search_count([("flow_id", "=", flow.id)]))

    def kinds(self, *words):
        return self.env["fin.event.kind"].search([]).filtered(lambda kind: any(word in kind.key for word in words)).ids

    def entries(self, many):
        journal = self.env["account.journal"].create({"name": "Entries", "code": "EVT", "type": "general"})
        accounts = [
            self.env["account.account"].create({"name": code, "code": code, "account_type": kind})
            for code, kind in (("EVT100", "asset_current"), ("EVT200", "income"))
        ]
        lines = [
            Command.create({"account_id": account.id, "debit": debit, "credit": 10 - debit})
            for account, debit in zip(accounts, (10, 0), strict=True)
        ]
        return self.env["account.move"].create([{"journal_id": journal.id, "line_ids": lines} for _one in range(many)])


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
