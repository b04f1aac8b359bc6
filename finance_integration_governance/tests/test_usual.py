"""What is usual in a company enters a flow's document when it is proposed, and counts once a second person said yes."""

import datetime as dt
import os
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ..core.bundle import new_key
from ..core.errors import TransientError
from .common import ListSource, fact, trouble
from .test_service_levels import NOON, ServiceScene


class UsualScene(ServiceScene):
    def usual(self, approve=True, **vals):
        """What the company's policy says is usual."""
        policy = self.by("administrator", self.env["fin.policy"]._of(self.company))
        policy.write({f"usual_{name}": value for name, value in vals.items()})
        change = self.by("administrator", "fin.change")._propose(policy)
        change.action_submit()
        if approve:
            self.by("approver", change)._approve()
            self.seal()
        self.env.invalidate_all()
        return policy

    def failing(self, flow):
        with self.enter_registry_test_mode(), trouble(TransientError("busy", status=503)):
            return self.start(fact("A"), flow=flow)


@tagged("post_install", "-at_install")
class TestUsual(UsualScene, TransactionCase):
    # How it gets into the document

    def test_law3_what_nobody_approved_is_not_usual(self):
        self.usual(approve=False, retry_attempts=2, on_time_minutes=30)
        self.assertFalse({"retry", "levels"} & set(self.flow._compose()))

    def test_r26_a_version_that_is_live_keeps_what_it_was_approved_with(self):
        before = self.version.digest
        self.usual(retry_attempts=2)
        self.assertEqual(self.flow.live_version_id.digest, before)
        run = self.failing(self.flow)
        self.assertGreater(run._document().limit("retries", 8), 2)
        self.assertNotIn("retry", run._document().content)
        self.approve(self.flow)
        self.assertEqual(self.flow._document().content["retry"], {"attempts": 2})

    def test_what_a_flow_says_itself_counts_then_its_set_then_what_is_usual(self):
        self.usual(retry_attempts=2, retry_first_seconds=5, on_time_minutes=30, fresh_minutes=60)
        self.flow.write({"retry_attempts": 4, "fresh_minutes": 10})
        told = self.flow._compose()
        self.assertEqual(told["retry"], {"attempts": 4, "first": 5})
        self.assertEqual(told["levels"], {"on_time": 30, "fresh": 10})
        shared = {"name": "Shared", "code": "usual-shared", "retries": 6, "sla_minutes": 90}
        self.flow.write({"policy_set_id": self.env["fin.policy.set"].create(shared).id, "retry_attempts": 0})
        told = self.flow._compose()
        self.assertEqual((told["retry"], told["levels"]), ({"first": 5}, {"fresh": 10}))

    def test_a_flow_may_stand_apart(self):
        self.usual(retry_attempts=2, on_time_minutes=30, escalation="owner")
        self.flow.is_usual = False
        self.assertFalse({"retry", "levels", "escalation"} & set(self.flow._compose()))

    def test_without_anything_usual_the_document_is_what_it_was(self):
        self.usual(retry_attempts=2)
        self.usual(retry_attempts=0)
        self.assertEqual(self.flow._written()[1], self.version.digest)

    def test_the_flows_that_differ_are_proposed_in_one_request_and_no_others(self):
        apart = self.new_flow("apart", is_usual=False)
        self.approve(apart)
        policy = self.usual(acknowledge_minutes=60)
        change = self.say_why("administrator", policy.action_propose_flows())
        self.assertEqual(change.version_ids.flow_id, self.flow)
        change.with_user(self.people["administrator"]).action_submit()
        self.by("approver", change)._approve()
        self.seal()
        with self.assertRaises(UserError):
            policy.action_propose_flows()
        with self.assertRaises(AccessError):
            self.by("operator", policy).action_propose_flows()

    def test_a_bundle_says_everything_itself(self):
        key, _public = new_key()
        self.usual(retry_attempts=2, escalation="owner, controller", breaker_failures=3)
        self.approve(self.flow)
        first = self.flow.live_version_id.digest
        with self.enter_registry_test_mode(), patch.dict(os.environ, {"FIN_BUNDLE_KEY": key}):
            text = self.by("operator", "fin.bundle")._export(self.by("operator", self.flow))
            self.usual(retry_attempts=7, escalation="steward", resolve_minutes=60)
            self.approve(self.flow)
            self.assertNotEqual(self.flow.live_version_id.digest, first)
            change = self.by("administrator", "fin.bundle")._import(text.encode())
        self.assertEqual(change.version_ids.digest, first)
        self.assertEqual((self.flow.is_usual, self.flow.escalation), (False, "owner, controller"))

    # What it does

    def test_a_run_is_tried_as_often_as_usual(self):
        self.usual(retry_attempts=1)
        self.approve(self.flow)
        run = self.failing(self.flow)
        self.assertEqual((run.state, run.tries), ("queued", 1))
        self.sql("UPDATE fin_run SET not_before = NULL WHERE id = %s", run.id)
        with self.enter_registry_test_mode(), trouble(TransientError("busy", status=503)):
            self.advance(run)
        self.assertEqual(run.state, "failed")

    def test_r18_a_connection_is_left_alone_after_as_many_failures_as_usual_and_for_as_long(self):
        self.usual(breaker_failures=2, breaker_first_seconds=300, breaker_longest_seconds=500)
        self.approve(self.flow)
        now = fields.Datetime.now()
        with self.enter_registry_test_mode(), self.later(now), trouble(TransientError("busy", status=503)):
            run = self.start(fact("A"))
            circuit = self.env["fin.circuit"]._of(run)
            self.assertEqual(circuit.state, "closed")
            self.sql("UPDATE fin_run SET not_before = NULL WHERE id = %s", run.id)
            self.advance(run)
            self.assertEqual((circuit.state, circuit.retry_at), ("open", now + dt.timedelta(seconds=300)))
            self.sql("UPDATE fin_run SET not_before = NULL WHERE id = %s", run.id)
            self.sql("UPDATE fin_circuit SET retry_at = %s", now)
            self.advance(run)
            self.assertEqual((circuit.openings, circuit.retry_at), (2, now + dt.timedelta(seconds=500)))

    def test_a_connection_says_its_own(self):
        self.usual(breaker_failures=2, breaker_first_seconds=300)
        self.flow.connection_id.breaker_failures = 9
        self.assertEqual(self.flow._compose()["connection"]["breaker"], {"failures": 9, "first": 300})

    def test_an_exception_goes_up_as_usual(self):
        boss = self.person("viewer", "boss")
        self.company.fin_controller_id = boss
        self.usual(acknowledge_minutes=60, escalation="controller, deputy")
        self.approve(self.flow)
        with self.later(NOON):
            told = self.env["fin.exception"]._raise_for_flow(self.flow, "slot_missed", "missed")
        self.assertEqual(told.user_id, self.people["operator"], "its owner")
        for minutes, person in ((61, boss), (122, self.people["administrator"])):
            self.tick(NOON + dt.timedelta(minutes=minutes))
            self.assertEqual(told.user_id, person)

    def test_what_is_no_step_of_an_escalation_is_refused(self):
        for text in ("owner, boss", "owner, owner"):
            with self.subTest(text), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.usual(escalation=text)
            with self.subTest(text), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.flow.escalation = text

    # Maintenance that comes again

    def maintained(self, code="weekly", **promises):
        """Wednesdays from one to three in Berlin: noon to two."""
        self.company.resource_calendar_id.tz = "Europe/Berlin"
        self.usual(maintenance_day="wednesday", maintenance_from=13.0, maintenance_minutes=120)
        return self.live(code, **promises)

    def test_in_the_usual_maintenance_work_waits_and_costs_no_try(self):
        flow = self.maintained()
        ListSource.told["one.txt"] = [fact("A")]
        run = self.env["fin.run"]._queue(flow, "schedule").with_user(self.env.user)
        self.sql("UPDATE fin_run SET create_date = %s WHERE id = %s", NOON, run.id)
        with self.enter_registry_test_mode(), self.later(NOON + dt.timedelta(minutes=30)):
            self.advance(run)
        self.assertEqual((run.state, run.tries), ("queued", 0))
        self.assertEqual(run.not_before, NOON + dt.timedelta(hours=2))
        with self.enter_registry_test_mode(), self.later(NOON + dt.timedelta(hours=2, minutes=1)):
            self.advance(run)
        self.assertEqual(run.state, "done")

    def test_in_the_usual_maintenance_nothing_is_late(self):
        flow = self.maintained("promised", schedule_kind="times", times="13:30", on_time_minutes=60)
        self.tick(NOON + dt.timedelta(minutes=31))
        self.tick(NOON + dt.timedelta(hours=2, minutes=59))
        self.assertFalse(self.told("slot_late", flow))
        self.tick(NOON + dt.timedelta(hours=3, minutes=1))
        self.assertTrue(self.told("slot_late", flow))

    def test_a_connection_may_have_no_usual_maintenance(self):
        flow = self.maintained()
        flow.connection_id.is_maintained_apart = True
        self.assertNotIn("weekly", flow._compose()["connection"])

    def test_maintenance_longer_than_half_a_day_is_refused(self):
        for vals in ({"maintenance_minutes": 721}, {"maintenance_from": 24.0}):
            refused = self.subTest(vals), mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation)
            with refused[0], refused[1], refused[2], self.env.cr.savepoint():
                self.usual(**vals)


@tagged("post_install", "-at_install")
class TestCalendarInForce(UsualScene, TransactionCase):
    def test_the_working_days_are_those_that_were_approved(self):
        calendar = self.env["resource.calendar"].create({"name": "Other days", "tz": "UTC"})
        before = self.company._fin_policy().get("calendar")
        policy = self.env["fin.policy"]._of(self.company)
        asked = policy.with_user(self.people["administrator"])._ask({"calendar_id": calendar}, "other days")
        self.assertEqual((self.company.resource_calendar_id, asked.state), (calendar, "review"))
        self.assertEqual(self.company._fin_policy().get("calendar"), before)
        self.by("approver", asked)._approve()
        self.seal()
        self.env.invalidate_all()
        self.assertEqual(self.company._fin_policy()["calendar"]["name"], "Other days")
