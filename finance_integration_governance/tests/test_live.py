from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, freeze_time, tagged

from ..core.contract import Finding
from ..models.tower.fin_mine import CHANGED
from ..models.tower.fin_run_live import MOVED, _next
from .common import LawScene, fact


@tagged("post_install", "-at_install")
class TestLive(LawScene, TransactionCase):
    """What screens are told over the bus, and whom it is told."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.sent = []
        self.patch(type(self.env["bus.bus"]), "_sendone", lambda _bus, *told: self.sent.append(told))

    def told(self, kind):
        return [(target, message) for target, what, message in self.sent if what == kind]

    def people_told(self):
        """Whose web clients were asked to count again."""
        partners = [target for target, _message in self.told(CHANGED) if target._name == "res.partner"]
        return {user for partner in partners for user in partner.user_ids}

    def channels(self, user, *asked):
        """What the socket of this person listens to, of runs."""
        sockets = self.env["ir.websocket"].with_user(user)
        return [one.id for one in sockets._fin_runs(list(asked))]

    def test_the_end_of_a_run_by_hand_is_told_on_its_own_channel(self):
        run = self.start(fact("a"))
        [(target, message)] = self.told(MOVED)[-1:]
        self.assertEqual((target, message["state"]), (run, "done"))
        self.assertLessEqual(set(message), {"id", "state", "at", "items", "open"})

    def test_a_run_that_takes_its_time_tells_how_far_it_is_once_a_second(self):
        run = self.collected(fact("a"), fact("b"))
        self.sent.clear()
        run._stepped()
        run._stepped()
        self.assertEqual(self.told(MOVED), [])
        _next[self.env.cr.dbname, run.id] = 0
        run._stepped()
        run._stepped()
        [(target, message)] = self.told(MOVED)
        self.assertEqual((target, message["items"], message["open"], message["at"]), (run, 2, 2, 0))

    def test_a_moment_of_an_event_tells_nobody(self):
        run = self.collected(fact("a"))
        self.sent.clear()
        self.env["fin.item"]._set_outcome(run, "skipped")
        run._tell_end()
        self.assertEqual(self.told(MOVED), [])

    def test_s11_only_who_may_see_a_run_listens_to_it(self):
        run = self.start(fact("a"))
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.person("viewer", "live", company_id=other.id, company_ids=other.ids)
        nobody = self.env["res.users"].with_context(no_reset_password=True)
        nobody = nobody.create({"name": "x", "login": "live-nobody", "group_ids": self.env.ref("base.group_user").ids})
        asked = f"fin_run_{run.id}"
        self.assertEqual(self.channels(self.people["viewer"], asked), run.ids)
        self.assertEqual(self.channels(stranger, asked), [])
        self.assertEqual(self.channels(nobody, asked), [])
        self.assertEqual(self.channels(self.people["viewer"], "fin_run_x", "fin_run_-1", "fin_run_999999999"), [])

    def test_an_owner_is_told_that_something_changed_and_not_what(self):
        run = self.start(fact("a"), Finding("odd", "looks odd", document="a"))
        owner = run.exception_ids.user_id
        self.assertIn(
            (owner.partner_id, {}), [(t.partner_id if t._name == "res.users" else t, m) for t, m in self.told(CHANGED)]
        )
        self.sent.clear()
        self.by("administrator", run.exception_ids).action_take()
        self.assertLessEqual({owner, self.people["administrator"]}, self.people_told())
        self.assertTrue(all(message == {} for _target, message in self.told(CHANGED)))

    def test_approvers_are_told_that_something_waits(self):
        self.sent.clear()
        self.propose(self.new_flow("asked"))
        self.assertIn("res.groups", [target._name for target, _message in self.told(CHANGED)])

    def test_the_number_is_that_of_what_waits_for_me(self):
        run = self.start(fact("a"), Finding("odd", "looks odd", document="a"))
        self.propose(self.new_flow("asked"))
        owner = run.exception_ids.user_id
        self.assertEqual(self.env["fin.mine"].with_user(owner).counts()["exceptions"], 1)
        self.assertEqual(self.by("approver", "fin.mine").counts(), {"exceptions": 0, "overdue": 0, "approvals": 1})
        self.assertEqual(self.by("support", "fin.mine").counts(), {})

    # Flow by day

    def test_a_cell_is_the_number_of_runs_of_that_day(self):
        self.start(fact("a"))
        self.start(fact("b"), name="two.txt")
        told = self.by("viewer", "fin.tower").heat()
        [flow] = [one for one in told["flows"] if one["id"] == self.flow.id]
        self.assertEqual((len(told["days"]), len(flow["days"])), (28, 28))
        day = told["days"][-1]
        domain = [("flow_id", "=", self.flow.id), ("create_date", ">=", day["from"]), ("create_date", "<", day["to"])]
        self.assertEqual(flow["days"][-1][0], self.by("viewer", "fin.run").search_count(domain))
        self.assertEqual(flow["days"][-1][2], "good")

    def test_r10_a_day_of_25_hours_is_one_day(self):
        tower = self.by("viewer", "fin.tower").with_context(tz="Europe/Brussels")
        with freeze_time("2026-10-26 12:00:00"):
            days = {day["on"]: day for day in tower.heat()["days"]}
        long = days["2026-10-25"]
        self.assertEqual((long["from"], long["to"]), ("2026-10-24 22:00:00", "2026-10-25 23:00:00"))

    def test_access_the_map_needs_a_role(self):
        nobody = self.env["res.users"].with_context(no_reset_password=True)
        nobody = nobody.create({"name": "x", "login": "heat-nobody", "group_ids": self.env.ref("base.group_user").ids})
        with self.assertRaises(AccessError):
            self.env["fin.tower"].with_user(nobody).heat()
