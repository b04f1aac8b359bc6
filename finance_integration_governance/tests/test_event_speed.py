"""From what happens in Odoo to its effect: what may not grow on that way, and who is woken on it."""

from odoo.tests import TransactionCase, tagged

from ..models import installation
from .common import ListSource, fact
from .test_schedule import ScheduleScene

# For the whole slice, to the end of the run; each costs about a third of a millisecond on a machine at rest.
QUESTIONS = 330


@tagged("post_install", "-at_install")
class TestEventSpeed(ScheduleScene, TransactionCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def waiting(self, code="quick", **vals):
        kinds = self.env["fin.event.kind"].search([("key", "=", "res.partner/changed")])
        flow = self.live(code, schedule_kind="event", event_kind_ids=[(6, 0, kinds.ids)], **vals)
        self.env["fin.slot"]._tick()
        return flow

    def change(self, name):
        self.env["res.partner"].create({"name": name})
        self.happen()

    def count(self, done):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        done()
        return self.env.cr.sql_log_count - before

    def test_an_event_reaches_its_effect_in_few_questions(self):
        flow = self.waiting()
        for number in range(2):  # the first one finds nothing remembered
            ListSource.told[f"{number}.txt"] = [fact(f"E{number}")]
            self.change(f"event {number}")
            asked = self.count(lambda: self.env["fin.engine"]._cron_advance("batch"))
        self.assertEqual(self.runs(flow).mapped("state"), ["done", "done"])
        self.assertLess(asked, QUESTIONS)

    def test_a_hundred_events_in_one_second_ask_no_more_for_the_last_than_for_the_first(self):
        flow, asked = self.waiting(), []
        for number in range(12):
            self.change(f"event {number}")
            asked.append(self.count(lambda: self.tick("2027-01-04 12:00:00")))
        self.assertLessEqual(asked[-1], asked[1])
        due = self.env["fin.slot"].search([("flow_id", "=", flow.id)]).mapped("due_at")
        self.assertEqual(len(set(due)), 12)
        self.assertLess((max(due) - min(due)).total_seconds(), 1)

    def test_events_begin_before_anybody_looks_at_the_clock(self):
        flow, states = self.waiting(), []
        ListSource.told["one.txt"] = [fact("E1")]
        self.change("event")
        slots = type(self.env["fin.slot"])
        self.patch(slots, "_tick", lambda _self, now=None: states.append(self.runs(flow).state))
        self.env["fin.engine"]._cron_advance("batch")
        self.assertEqual(states, ["done"])

    def triggers(self, lane):
        cron = self.env.ref(f"finance_integration_governance.ir_cron_{lane}")
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])

    def test_a_lane_wakes_another_one_and_not_itself(self):
        self.waiting()
        self.waiting("slow", lane="bulk")
        self.change("event")
        before = self.triggers("batch"), self.triggers("bulk")
        self.env["fin.engine"]._cron_advance("batch")
        self.assertEqual((self.triggers("batch"), self.triggers("bulk")), (before[0], before[1] + 1))

    def test_which_version_is_live_is_told_without_composing_anything(self):
        def composed(_self):
            raise AssertionError("the working copy was read")

        self.patch(type(self.env["fin.flow"]), "_compose", composed)
        self.env.invalidate_all()
        self.assertEqual(self.flow.live_version_id, self.version)

    def test_a_version_s_words_are_remembered_and_nobody_can_change_what_is_remembered(self):
        self.version._read_document().content["lane"] = "bulk"
        self.env.invalidate_all()
        self.assertEqual(self.count(self.version._read_document), 0)
        self.assertEqual(self.version._read_document()["lane"], "batch")

    def test_who_a_run_works_as_is_remembered_until_the_login_changes(self):
        run = self.start(fact("a"))
        user = self.env["res.users"].browse(run._as_service().uid)
        self.assertEqual(self.count(run.env["res.users"].sudo()._fin_by_login(user.login).exists), 1)
        login, user.login = user.login, "somebody-else"
        self.assertFalse(run.env["res.users"].sudo()._fin_by_login(login))
        user.login = login
        user.active = False
        self.assertFalse(run.env["res.users"].sudo()._fin_by_login(login))

    def test_the_installation_s_file_is_read_anew_when_it_has_changed(self):
        installation._read.cache_clear()
        known = installation._read.cache_info().misses
        installation._section(), installation._section()
        self.assertEqual(installation._read.cache_info().misses, known + 1)
