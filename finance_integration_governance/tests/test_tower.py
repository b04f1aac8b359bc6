import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.contract import Finding

from ..models.tower.fin_tower_question import PREFIX, STATES
from ..models.writer import as_writer
from .common import LawScene, fact
from .wire import OverTheWire


class TowerScene(LawScene):
    """A tower in front of somebody, with flows that went well and flows that did not."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def seen(self, group="viewer"):
        """code -> answer, the slow ones too."""
        tower = self.by(group, "fin.tower")
        return {one["code"]: one for one in (*tower.answers()["questions"], *tower.slow_answers())}

    def trouble(self):
        """A held run, a failed one, slots of every kind."""
        self.start(fact("a"))
        self.start(fact("b"), Finding("odd", "looks odd", document="b"), name="two.txt")
        failed = self.env["fin.run"]._queue(self.new_active("broken"), "hand")
        failed._transition("fail")
        self.slots(met=2, late=1, missed=1, due=1)
        as_writer(self.env["fin.heartbeat"]).create({"part": "law", "at": fields.Datetime.now()})

    def new_active(self, code):
        flow = self.new_flow(code)
        self.approve(flow)
        self.seal()
        return flow

    def slots(self, **counts):
        """So many slots in each state, one a minute, none of them on time."""
        states = [state for state, count in counts.items() for _number in range(count)]
        before = self.env["fin.slot"].search_count([])
        for number, state in enumerate(states):
            due = fields.Datetime.subtract(fields.Datetime.now(), minutes=10 + before + number)
            told = {"flow_id": self.flow.id, "due_at": due, "promised_at": due + dt.timedelta(minutes=1)}
            slot = as_writer(self.env["fin.slot"]).create(told)
            self.sql("UPDATE fin_slot SET state = %s WHERE id = %s", state, slot.id)


@tagged("post_install", "-at_install")
class TestTower(TowerScene, TransactionCase):
    """The home of the app: what it says is what is there."""

    def lines(self, group="viewer"):
        """(answer, line) of every figure that leads somewhere."""
        for told in self.seen(group).values():
            for line in (told, *told["rows"]):
                if line["drill"]:
                    yield told, line

    def test_every_figure_is_the_number_of_records_that_it_leads_to(self):
        self.trouble()
        checked = set()
        for told, line in self.lines():
            with self.subTest(told["code"], line=line.get("label")):
                found = self.by("viewer", line["drill"]["model"]).search_count(line["drill"]["domain"])
                self.assertEqual(line["count"], found)
                checked.add(told["code"])
        self.assertGreaterEqual(checked, {"late", "held", "failed", "validation", "engine"})

    def test_the_sentence_names_the_figure(self):
        self.trouble()
        for told in self.seen().values():
            with self.subTest(told["code"]):
                self.assertIn(str(told["count"]) if told["drill"] else "", told["text"])

    def test_trouble_is_told_by_what_kind_it_is(self):
        self.trouble()
        told = self.seen()
        self.assertEqual(told["late"]["count"], 3)
        self.assertEqual(told["late"]["state"], "bad")
        self.assertEqual((told["held"]["count"], told["held"]["state"]), (1, "attention"))
        self.assertEqual([row["label"] for row in told["held"]["rows"]], ["Odd"])
        self.assertEqual((told["failed"]["count"], told["failed"]["state"]), (1, "bad"))
        self.assertEqual(told["validation"]["count"], 1)

    def test_a_test_of_a_control_has_failed_no_validation(self):
        self.by("operator", self.flow).action_test_control()
        self.seal()
        self.env["fin.engine"]._cron_advance("batch")
        self.env.invalidate_all()
        case = self.env["fin.exception"].search([("flow_id", "=", self.flow.id), ("state", "=", "open")])
        self.assertTrue(case.is_drill)
        self.assertEqual(self.seen()["validation"]["count"], 0)
        self.assertIn("test of this control", self.by("viewer", case).shown_text)
        self.assertIn("Take it on", self.by("viewer", case).next_step)

    def test_what_was_made_good_is_not_told_any_more(self):
        failed = self.env["fin.run"]._queue(self.flow, "hand")
        failed._transition("fail")
        self.assertEqual(self.seen()["failed"]["count"], 1)
        self.start(fact("a"))
        self.assertEqual(self.seen()["failed"]["state"], "good")

    def test_where_nothing_ran_nothing_is_green(self):
        """No figure is no good news."""
        other = self.env["res.company"].create({"name": "Empty"})
        viewer = self.person("viewer+approver", "empty", company_id=other.id, company_ids=other.ids)
        tower = self.env["fin.tower"].with_user(viewer)
        told = tower.answers()
        green = [one["code"] for one in told["questions"] if one["state"] == "good" and one["code"] != "mine"]
        self.assertFalse([code for code in green if code != "engine"])
        self.assertEqual([step["done"] for step in told["steps"]], [False] * 4)

    def test_the_first_steps_go_once_something_has_run(self):
        self.assertEqual([step["done"] for step in self.by("viewer", "fin.tower").answers()["steps"]][:3], [True] * 3)
        self.start(fact("a"))
        self.assertEqual(self.by("viewer", "fin.tower").answers()["steps"], [])

    def test_access_somebody_of_another_company_is_told_nothing_of_this_one(self):
        self.trouble()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.person("administrator+approver+auditor", "tower", company_id=other.id, company_ids=other.ids)
        tower = self.env["fin.tower"].with_user(stranger)
        for told in (*tower.answers()["questions"], *tower.slow_answers()):
            with self.subTest(told["code"]):
                self.assertNotIn("law", str([told["text"], *(row["label"] for row in told["rows"])]).lower())
                self.assertTrue(told["count"] == 0 or told["code"] == "engine")

    def test_access_support_is_asked_nothing_about_amounts(self):
        self.trouble()
        told = self.seen("support")
        self.assertGreaterEqual(set(told), {"late", "held", "failed", "validation", "engine"})
        self.assertFalse({"mine", "governed", "actuals", "bank"} & set(told))

    def test_access_whoever_has_no_role_here_is_refused(self):
        nobody = self.env["res.users"].with_context(no_reset_password=True)
        nobody = nobody.create({"name": "x", "login": "tower-nobody", "group_ids": self.env.ref("base.group_user").ids})
        with self.assertRaises(AccessError):
            self.env["fin.tower"].with_user(nobody).answers()

    def test_mine_are_my_exceptions_and_what_waits_for_my_yes(self):
        self.trouble()
        self.propose(self.flow_to_change())
        mine = self.seen("operator")["mine"]
        self.assertEqual(mine["count"], 1)
        approver = self.seen("approver")["mine"]
        self.assertEqual([row["drill"]["model"] for row in approver["rows"]], ["fin.approval"])

    def flow_to_change(self):
        return self.new_flow("to-change")

    def test_an_addon_adds_a_question_with_one_small_class(self):
        names = [name for name in self.env.registry if name.startswith(PREFIX) and "question" not in name]
        told = self.seen()
        for name in names:
            with self.subTest(name):
                self.assertTrue(self.env[name]._title())
        self.assertLessEqual(set(told), {name.removeprefix(PREFIX) for name in names})
        self.assertTrue(all(one["state"] in STATES for one in told.values()))

    def test_it_asks_a_bounded_number_of_queries(self):
        """However many flows and runs there are."""
        self.trouble()
        self.seen()
        self.env.flush_all()
        tower = self.by("viewer", "fin.tower")
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        tower.answers()
        few = self.env.cr.sql_log_count - before
        for number in range(5):
            self.new_active(f"more-{number}")
        self.slots(missed=3)
        tower.answers()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        tower.answers()
        self.assertLessEqual(self.env.cr.sql_log_count - before, few + 2)
        self.assertLess(few, 80)


@tagged("post_install", "-at_install")
class TestTowerOverTheWire(OverTheWire, TowerScene, HttpCase):
    """The same questions by RPC: nobody's rights widen with what the caller sends."""

    def test_access_companies_that_the_caller_names_are_not_believed(self):
        self.trouble()
        other = self.env["res.company"].create({"name": "Other"})
        self.login(self.person("viewer", "wire", company_id=other.id, company_ids=other.ids))
        refused = self.refused("fin.tower", "answers", context={"allowed_company_ids": self.company.ids})
        self.assertIn("AccessError", refused)

    def test_it_is_answered_over_a_read_only_call(self):
        self.trouble()
        self.login("viewer")
        told = self.call("fin.tower", "answers")
        self.assertIn("late", [one["code"] for one in told["questions"]])
