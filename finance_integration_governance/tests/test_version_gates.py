from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .common import LawScene, ListSource, fact
from .wire import QUIET, OverTheWire


class GateScene(LawScene):
    """A flow whose version asks more than the fixed questions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.env.ref("base.USD")
        cls.other = cls.person("approver", "second-approver")

    def asking(self, **vals):
        self.flow.write(vals)
        self.approve(self.flow)

    def limit(self, **vals):
        self.asking(limit_ids=[Command.create({"currency_id": self.usd.id, **vals})])

    def asked(self, run):
        return self.env["fin.approval"].search(
            [("subject_key", "=", run.name), ("purpose", "=", "run"), ("state", "=", "requested")]
        )

    def answer(self, run, gate):
        return run.answer_ids.filtered(lambda a: a.gate == gate)[-1:]

    def say_yes(self, run, who=None):
        person = who or self.people["approver"]
        run.with_user(person)._approve()
        return self.advance(run)


@tagged("post_install", "-at_install")
class TestVersionGates(GateScene, TransactionCase):
    """What a version asks of its own: each question is answered and kept, and what it holds goes on by a named way."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    # Amounts

    def test_an_item_above_its_limit_waits_and_the_rest_goes_on(self):
        self.limit(item_amount=100)
        run = self.start(fact("a", "10"), fact("b", "-100.01"), fact("c", "100"))
        child = run.child_ids
        self.assertEqual((run.state, run.delivered, run.held), ("done", 2, 1))
        self.assertEqual((child.state, child.waits_for, child.item_ids.mapped("key")), ("held", "yes", ["b"]))
        kept = self.answer(run, "AmountLimit")
        self.assertEqual((kept.answer, kept.count), ("hold", 1))
        self.assertIn("100.00 USD", kept.reason)
        self.assertTrue(kept.digest and kept.at)

    def test_a_run_above_its_limit_waits_as_a_whole_and_opposite_signs_do_not_cancel(self):
        self.limit(run_amount=100)
        self.assertEqual(self.start(fact("a", "60"), fact("b", "-40"), name="within").state, "done")
        self.assertEqual(self.start(fact("e", "60"), name="below").state, "done")
        run = self.start(fact("c", "60"), fact("d", "-60"))
        self.assertEqual((run.state, run.delivered, len(self.asked(run))), ("held", 0, 1))

    def test_a_currency_without_a_limit_asks_for_any_amount(self):
        self.limit(item_amount=100)
        run = self.start(fact("a", "0.01", "EUR"))
        self.assertEqual((run.state, run.waits_for), ("held", "yes"))
        self.assertIn("no limit of EUR", self.answer(run, "AmountLimit").reason)
        self.assertEqual(self.say_yes(run).state, "done")

    def test_with_the_yes_it_goes_on_by_itself_and_its_exception_closes(self):
        self.limit(item_amount=100)
        run = self.start(fact("b", "101"))
        self.assertEqual(run.exception_ids.mapped("code"), ["waits_for_yes"])
        self.assertIn("approver", run.exception_ids.text)
        self.assertTrue(run.exception_ids.user_id)
        self.say_yes(run)
        self.assertEqual((run.state, run.delivered, run.waits_for), ("done", 1, False))
        self.assertEqual(run.exception_ids.mapped("state"), ["resolved"])
        self.assertEqual(self.answer(run, "AmountLimit").answer, "proceed")

    def test_a_yes_holds_for_exactly_that_content(self):
        """Between the yes and the delivery the items would become something else: the gate asks again."""
        self.limit(item_amount=100)
        run = self.start(fact("b", "101"))
        first = self.asked(run).digest
        run.with_user(self.people["approver"])._approve()
        self.patch(type(self.env["fin.object"]), "_map", lambda self, run, item: {"journal": "OTHER"})
        self.advance(run)
        self.assertEqual((run.state, run.waits_for, run.delivered), ("held", "yes", 0))
        self.assertNotEqual(self.asked(run).digest, first)

    def test_a_yes_holds_for_that_run_and_that_version_only(self):
        self.limit(item_amount=100)
        run = self.start(fact("b", "101"))
        run.with_user(self.people["approver"])._approve()
        self.flow.purpose = "another version"
        self.approve(self.flow)
        self.advance(run)
        # It was released before the new version was live, so it keeps its own and is delivered by it.
        self.assertEqual(run.state, "done")
        again = self.start(fact("c", "101"), name="two.txt")
        self.assertEqual(again.state, "held")

    def test_releasing_by_hand_does_not_go_past_the_question(self):
        self.limit(item_amount=100)
        run = self.start(fact("b", "101"))
        self.by("operator", run).action_release()
        self.advance(run)
        self.assertEqual((run.state, run.waits_for, len(self.asked(run))), ("held", "yes", 1))

    def test_a_yes_that_sql_wrote_lets_nothing_through(self):
        self.limit(item_amount=100)
        run = self.start(fact("b", "101"))
        self.sql(
            "UPDATE fin_approval SET state = 'approved', person_id = %s WHERE id = %s",
            self.people["approver"].id,
            self.asked(run).id,
        )
        run._release()
        self.advance(run)
        self.assertEqual((run.state, run.delivered), ("held", 0))

    def test_two_people_where_the_limit_wants_two(self):
        self.limit(item_amount=100, approvals=2)
        run = self.start(fact("b", "101"))
        self.assertEqual(len(self.asked(run)), 2)
        self.say_yes(run)
        self.assertEqual((run.state, run.missing_yes), ("held", 1))
        with self.assertRaises(AccessError):
            run.with_user(self.people["approver"])._approve()
        self.say_yes(run, self.other)
        self.assertEqual(run.state, "done")

    def test_whoever_started_the_run_does_not_say_yes_to_it(self):
        self.limit(item_amount=100)
        both = self.person("operator+approver", "both")
        run = self.flow.with_user(both)._request_run("hand").with_user(self.env.user)
        self.assertEqual(self.advance(run).state, "done")
        ListSource.told["x"] = [fact("b", "101")]
        run = self.flow.with_user(both)._request_run("hand").with_user(self.env.user)
        self.advance(run)
        with self.assertRaises(AccessError):
            run.with_user(both)._approve()
        shown = run.with_user(both)
        self.assertEqual((shown.can_decide, bool(shown.why_not_decide)), (False, True))

    def test_a_no_delivers_nothing_and_says_so(self):
        self.limit(item_amount=100)
        run = self.start(fact("b", "101"))
        self.by("approver", run)._refuse()
        self.assertEqual((run.state, run.skipped, run.delivered), ("cancelled", 1, 0))
        self.assertEqual(run.exception_ids.mapped("state"), ["resolved"])
        self.assertFalse(self.asked(run))

    # A second person

    def test_a_second_person_sees_every_run(self):
        self.asking(gate_second_person=True)
        run = self.start(fact("a"))
        self.assertEqual((run.state, run.waits_for), ("held", "yes"))
        self.assertEqual(self.answer(run, "SecondPerson").question, "Has a second person seen what it would deliver?")
        self.assertEqual(self.say_yes(run).state, "done")

    def test_who_said_yes_to_the_amounts_has_seen_it(self):
        self.asking(
            gate_second_person=True, limit_ids=[Command.create({"currency_id": self.usd.id, "item_amount": 100})]
        )
        run = self.start(fact("b", "101"))
        self.assertEqual(self.say_yes(run).state, "done")

    def test_a_run_without_items_asks_nobody(self):
        self.asking(gate_second_person=True)
        self.assertEqual(self.start().state, "done")

    # Freshness

    @freeze_time("2026-03-05 10:00:00")
    def test_data_of_three_working_days_ago_are_no_older_than_three(self):
        self.asking(gate_fresh_days=3)
        self.assertEqual(self.start(fact("a")).state, "done")

    @freeze_time("2026-03-03 10:00:00")
    def test_data_of_yesterday_are_younger_than_three_days(self):
        self.asking(gate_fresh_days=3)
        self.assertEqual(self.start(fact("a")).state, "done")

    @freeze_time("2026-03-06 10:00:00")
    def test_a_stale_file_waits_for_a_yes(self):
        self.asking(gate_fresh_days=3)
        run = self.start(fact("a"))
        self.assertEqual((run.state, run.waits_for), ("held", "yes"))
        self.assertIn("2026-03-02, 4 working days ago", self.answer(run, "Fresh").reason)
        self.assertEqual(self.say_yes(run).state, "done")

    @freeze_time("2026-03-08 10:00:00")
    def test_days_off_make_no_data_older(self):
        """Monday's data on Sunday: four working days."""
        self.asking(gate_fresh_days=4)
        self.assertEqual(self.start(fact("a")).state, "done")

    def test_it_waits_for_fresh_data_of_another_flow_and_goes_on_with_them(self):
        first = self.new_flow("first")
        self.approve(first)
        self.asking(gate_flow_ids=first.ids, gate_flow_hours=2)
        run = self.start(fact("a"))
        self.assertEqual((run.state, run.waits_for), ("held", "data"))
        self.assertIn("first has not delivered within 2 hours, at all", self.answer(run, "Flows").reason)
        self.assertEqual(self.start(fact("b"), flow=first, name="two.txt").state, "done")
        self.advance(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.start(fact("c"), flow=first, name="three.txt").state, "done")
        self.assertEqual(self.start(fact("d"), name="four.txt").state, "done")

    def test_old_data_of_another_flow_are_not_young_enough(self):
        first = self.new_flow("first")
        self.approve(first)
        last = self.start(fact("b"), flow=first, name="two.txt")
        self.asking(gate_flow_ids=first.ids, gate_flow_hours=2)
        self.sql(
            "UPDATE fin_run SET finished_at = %s WHERE id = %s",
            fields.Datetime.subtract(last.finished_at, hours=3),
            last.id,
        )
        self.assertEqual(self.start(fact("a")).waits_for, "data")

    # The version's document

    def test_a_flow_that_asks_nothing_more_keeps_its_document(self):
        self.assertEqual(self.version._read_document()["gates"], [])
        self.assertNotIn("SecondPerson", self.start(fact("a")).answer_ids.mapped("gate"))

    def test_the_gates_of_the_pinned_version_count(self):
        run = self.collected(fact("a"))
        self.flow.gate_second_person = True
        self.assertNotIn("SecondPerson", [type(gate).__name__ for gate in run._gates()])

    def test_a_gate_that_nobody_knows_stops(self):
        run = self.collected(fact("a"))
        self.patch(type(run), "_own_gates", lambda self: {})
        self.flow.gate_second_person = True
        run._transition("cancel")
        self.approve(self.flow)
        run = self.env["fin.run"]._queue(self.flow, "schedule")
        run._pin()
        with self.assertRaises(KeyError):
            run._gates()

    def test_gates_travel_in_a_bundle(self):
        first = self.new_flow("first")
        self.asking(
            gate_fresh_days=2,
            gate_rates=True,
            gate_rate_days=3,
            gate_flow_ids=first.ids,
            gate_second_person=True,
            limit_ids=[Command.create({"currency_id": self.usd.id, "item_amount": 5, "approvals": 2})],
        )
        told = self.flow._compose()["gates"]
        self.flow.write(
            {
                "gate_fresh_days": 0,
                "gate_rates": False,
                "gate_second_person": False,
                "gate_flow_ids": False,
                "limit_ids": [Command.clear()],
            }
        )
        self.flow._take_gates(told, {})
        self.assertEqual(self.flow._compose()["gates"], told)

    def test_a_gate_that_a_bundle_does_not_name_is_off_and_as_new(self):
        for other in ({"gate_fresh_days": 2}, {"gate_second_person": True}):
            with self.subTest(other):
                self.asking(**{"gate_fresh_days": 0, "gate_second_person": False, "gate_rates": False, **other})
                told = self.flow._compose()["gates"]
                self.flow.write({"gate_rates": True, "gate_rate_days": 7})
                self.flow._take_gates(told, {})
                self.assertEqual((self.flow.gate_rates, self.flow.gate_rate_days), (False, 1))

    def test_a_flow_does_not_wait_for_itself(self):
        with self.assertRaises(ValidationError):
            self.flow.gate_flow_ids = self.flow


@tagged("post_install", "-at_install")
class TestVersionGatesOverTheWire(GateScene, OverTheWire, HttpCase):
    """The yes to a run is given in the web client with a password, by the right person."""

    def test_a_yes_to_a_run_asks_for_the_password(self):
        self.limit(item_amount=100)
        run = self.start(fact("b", "101"))
        self.login("administrator")
        with self.assertRaises(JsonRpcException), mute_logger(*QUIET):
            self.proven("fin.run", "action_approve", run.ids)
        self.assertEqual(run.state, "held")
        self.login("approver")
        self.proven("fin.run", "action_approve", run.ids)
        self.assertEqual((run.state, run.waits_for), ("queued", False))

    def test_an_api_key_says_no_yes(self):
        self.limit(item_amount=100)
        run = self.start(fact("b", "101"))
        self.json2(self.key_of("approver"), "fin.run", "action_approve", ids=run.ids)
        self.assertEqual((run.state, len(self.asked(run))), ("held", 1))

    def test_nobody_writes_what_a_run_waits_for(self):
        self.limit(item_amount=100)
        run = self.start(fact("b", "101"))
        self.login("administrator")
        self.refused("fin.run", "write", run.ids, {"waits_for": False})
        self.assertEqual(run.waits_for, "yes")

    def test_a_limit_is_the_operators_and_not_the_viewers(self):
        self.login("viewer")
        vals = {"flow_id": self.flow.id, "currency_id": self.usd.id, "item_amount": 1}
        self.refused("fin.flow.limit", "create", [vals])
        self.login("operator")
        self.assertTrue(self.call("fin.flow.limit", "create", [vals]))
