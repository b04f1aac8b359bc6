import datetime as dt

from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import MalformedPayload
from odoo.addons.finance_integration_governance.models.run import gates

from .common import LawScene, ListSource, fact


@tagged("post_install", "-at_install")
class TestGates(LawScene, TransactionCase):
    """What each gate answers, asked by itself."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def test_what_was_closed_by_hand_is_open_again_while_its_items_wait(self):
        run = self.collected(fact("a"), Finding("odd", "looks odd", document="a"))
        exception = run.exception_ids
        exception._transition("resolve")
        answer = gates.Exceptions().ask(run)
        self.assertEqual((answer.verdict, answer.ids), ("hold", run._open_ids()))
        self.assertEqual(exception.state, "open")

    def test_nothing_noticed_is_nothing_to_decide(self):
        run = self.collected(fact("a"))
        self.assertEqual(gates.Exceptions().ask(run), gates.PROCEED)

    def test_a_file_that_nobody_could_read_holds_also_where_no_item_waits(self):
        run = self.collected(MalformedPayload("half a file"))
        answer = gates.Exceptions().ask(run)
        self.assertEqual((answer.verdict, answer.ids), ("hold", ()))

    def test_a_file_that_nobody_could_read_has_no_totals_to_compare(self):
        run = self.collected(MalformedPayload("half a file"))
        self.assertEqual(run.payload_ids.mapped("reading"), ["refused"])
        self.assertEqual(gates.Totals().ask(run), gates.PROCEED)

    def test_every_file_adds_up_by_itself(self):
        ListSource.told["two.txt"] = [fact("b")]
        run = self.collected(fact("a"))
        self.assertEqual(gates.Totals().ask(run), gates.PROCEED)
        self.without_triggers("fin_item")
        self.sql("UPDATE fin_item SET amount = 9 WHERE run_id = %s AND key = 'b'", run.id)
        answer = gates.Totals().ask(run)
        self.assertEqual(answer.verdict, "stop")
        self.assertIn("two.txt", answer.reason)

    def test_rejected_items_hold_the_rest_where_it_is_all_or_nothing_only(self):
        run = self.collected(fact("a"), fact("x" * 65))
        self.assertEqual(gates.Contract().ask(run), gates.PROCEED)
        run._transition("cancel")
        self.flow.all_or_nothing = True
        self.approve(self.flow)
        run = self.collected(fact("a"), fact("x" * 65))
        answer = gates.Contract().ask(run)
        self.assertEqual((answer.verdict, answer.ids), ("hold", run._open_ids()))
        self.assertIn("1 items were rejected", answer.reason)

    def test_a_locked_day_is_told_once_and_held_with_its_items(self):
        run = self.collected(fact("a"))
        day = fact("a").on
        locked = {(None, day): "hard lock", ("B", day): "tax lock", (None, day + dt.timedelta(1)): "tax lock"}
        self.patch(type(run), "_locked_days", lambda self: locked)
        answer = gates.Period().ask(run)
        self.assertEqual((answer.verdict, answer.ids), ("hold", run._open_ids()))
        self.assertIn(f"items of 2 days, the first {day}, lie in a locked period: hard lock", answer.reason)
        self.assertEqual(run.exception_ids.mapped("code"), ["period_locked"])

    def test_an_open_period_holds_nothing(self):
        self.assertEqual(gates.Period().ask(self.collected(fact("a"))), gates.PROCEED)

    def test_what_comes_in_leaves_no_scope(self):
        run = self.collected(fact("a"))
        self.patch(type(run), "_leaving_fields", lambda self: [("fact", "secret")])
        self.assertEqual(gates.Scope().ask(run), gates.PROCEED)

    def test_a_database_that_is_not_released_stops_here_too(self):
        run = self.collected(fact("a"))
        self.assertEqual(gates.Released().ask(run), gates.PROCEED)
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.assertEqual(gates.Released().ask(run).verdict, "stop")
