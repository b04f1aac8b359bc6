from decimal import Decimal

import psycopg2
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals
from odoo.addons.finance_integration_governance.models.writer import as_writer

from .common import LawScene, fact
from .wire import OverTheWire


def totals(*rows):
    return ControlTotals.of((key, Decimal(value), money) for key, value, money in rows)


class TenAttempts(LawScene):
    """A run whose facts are delivered and of which only the end is missing."""

    def delivered(self, *facts):
        """Everything up to the reconciliation has happened."""
        run = self.collected(*facts)
        pipeline = self.env["fin.pipeline.inbound"]
        for stage in (pipeline._map, pipeline._gate, pipeline._deliver):
            list(stage(run))
        return run

    def holding(self, target):
        """The target holds something else than was handed over."""
        self.patch(type(self.env["fin.object"]), "_totals", lambda _self, _run: target)

    def assertNotGreen(self, run):
        self.env.invalidate_all()
        self.assertNotEqual(run.state, "done")
        self.assertFalse(run.finished_at)


@tagged("post_install", "-at_install")
class TestLaw4TenAttempts(TenAttempts, TransactionCase):
    """A green run that does not tie is impossible, whatever door it comes by."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def finishes_not(self, run):
        with self.assertRaisesRegex(ConfigurationError, "do not tie"):
            run._transition("finish")
        self.assertNotGreen(run)

    def test_law4_honestly_it_is_green(self):
        self.assertEqual(self.start(fact("a"), fact("b", "-3.50", "EUR")).state, "done")

    def test_law4_attempt_01_direct_write(self):
        """By the ORM, as the engine's own writer, with a state that nobody has reconciled."""
        run = self.delivered(fact("a"))
        with self.assertRaises(AccessError):
            run.with_user(self.people["administrator"]).write({"state": "done"})
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
            as_writer(run).write({"state": "done"})
            self.env.flush_all()
        self.assertNotGreen(run)

    def test_law4_attempt_02_sql(self):
        run = self.delivered(fact("a"))
        for state in (None, "not_tied", "", "green"):
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
                query = "UPDATE fin_run SET state = 'done', reconciliation_state = %s WHERE id = %s"
                self.env.cr.execute(query, (state, run.id))
        self.assertNotGreen(run)

    def test_law4_attempt_04_zero_rows(self):
        """A reconciliation of nothing with nothing ties, and proves nothing of what was delivered."""
        run = self.delivered(fact("a"))
        self.env["fin.reconciliation"]._compare(run, ControlTotals(), ControlTotals())
        self.assertEqual(run.reconciliation_ids.state, "tied")
        self.finishes_not(run)

    def test_law4_attempt_05_a_target_that_holds_nothing(self):
        self.holding(ControlTotals())
        run = self.start(fact("a"))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))
        self.assertNotGreen(run)

    def test_law4_attempt_06_swapped_sign(self):
        self.holding(totals(("a", "-10.00", "USD")))
        run = self.start(fact("a", "10.00"))
        self.assertEqual(run.state, "held")
        self.assertNotGreen(run)

    def test_law4_attempt_07_a_reconciliation_of_other_facts(self):
        """Both sides of it agree, and neither is what this run has delivered."""
        run = self.delivered(fact("a", "10.00"), fact("b", "-10.00"))
        self.env["fin.reconciliation"]._compare(run, totals(("a", "7", "USD")), totals(("a", "7", "USD")))
        self.finishes_not(run)

    def test_law4_attempt_08_rounding(self):
        """A cent, a tenth of one, and a hundred digits: no amount is near enough without an approved tolerance."""
        for value in ("10.01", "10.001", "10." + "0" * 98 + "1"):
            with self.subTest(value):
                run = self.delivered(fact(f"a{len(value)}", "10.00"))
                self.env["fin.reconciliation"]._compare(
                    run, totals((f"a{len(value)}", "10.00", "USD")), totals((f"a{len(value)}", value, "USD"))
                )
                self.finishes_not(run)
                run._transition("cancel")

    def test_law4_attempt_09_two_currencies_that_cancel(self):
        self.holding(totals(("a", "5.00", "EUR"), ("b", "-5.00", "USD")))
        run = self.start(fact("a", "5.00", "USD"), fact("b", "-5.00", "EUR"))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))
        self.assertNotGreen(run)

    def test_law4_attempt_10_another_key_with_the_same_amount(self):
        self.holding(totals(("x", "10.00", "USD")))
        self.assertEqual(self.start(fact("a", "10.00")).state, "held")

    def test_law4_attempt_11_a_reconciliation_from_before_something_was_delivered(self):
        run = self.delivered(fact("a"))
        self.env["fin.reconciliation"]._compare(run, *[totals(("a", "10.00", "USD"))] * 2)
        self.without_triggers("fin_item")
        self.sql("UPDATE fin_item SET amount = 11 WHERE run_id = %s", run.id)
        self.finishes_not(run)

    def test_law4_attempt_12_a_state_that_its_lines_do_not_give(self):
        """The owner of the database turns the state of the reconciliation, and leaves its lines."""
        run = self.delivered(fact("a"))
        kept = self.env["fin.reconciliation"]._compare(run, totals(("a", "10.00", "USD")), ControlTotals())
        self.without_triggers("fin_reconciliation")
        for state in ("tied", "within_tolerance", "accepted", "not_provable"):
            self.sql("UPDATE fin_reconciliation SET state = %s WHERE id = %s", state, kept.id)
            with self.subTest(state):
                self.finishes_not(run)

    def test_law4_attempt_13_a_reconciliation_without_lines(self):
        run = self.delivered(fact("a"))
        as_writer(self.env["fin.reconciliation"]).create({"run_id": run.id, "state": "tied"})
        self.finishes_not(run)

    def test_law4_attempt_14_a_tolerance_that_nobody_approved(self):
        usd = self.env.ref("base.USD").id
        self.flow.tolerance_ids.create({"flow_id": self.flow.id, "currency_id": usd, "amount": 100})
        self.holding(totals(("a", "10.01", "USD")))
        run = self.start(fact("a", "10.00"))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))


@tagged("post_install", "-at_install")
class TestLaw4OverTheWire(TenAttempts, OverTheWire, HttpCase):
    """The same over RPC, by everybody."""

    def test_law4_attempt_03_rpc(self):
        self.holding(ControlTotals())
        run = self.start(fact("a"))
        self.assertEqual(run.state, "held")
        kept = run.reconciliation_ids
        for who in ("operator", "administrator", "approver", "auditor"):
            self.login(who)
            with self.subTest(who):
                self.refused("fin.run", "write", run.ids, {"state": "done", "reconciliation_state": "tied"})
                self.refused("fin.reconciliation", "write", kept.ids, {"state": "tied"})
                self.refused("fin.reconciliation", "create", [{"run_id": run.id, "state": "tied"}])
                self.refused("fin.run", "_transition", run.ids, "finish")
                self.refused("fin.run", "copy", run.ids, {"state": "done"})
        self.login("operator")
        self.call("fin.run", "action_release", run.ids)
        self.advance(run)
        self.assertEqual((run.state, run.delivered), ("held", 1))
        self.assertNotGreen(run)
