from decimal import Decimal

import psycopg2
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.finance_integration_governance.core.contract import Finding
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError, MalformedPayload
from odoo.addons.finance_integration_governance.core.totals import ControlTotals, hash_of
from odoo.addons.finance_integration_governance.models.writer import as_writer

from .common import LawScene, fact


@tagged("post_install", "-at_install")
class TestLaw1(LawScene, TransactionCase):
    """Nothing lost (law 1), nothing twice (law 2), nothing green that does not tie (law 4)."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def totals(self, run):
        return self.env["fin.item"]._totals_by_outcome(run)

    def lines(self):
        return self.env["account.bank.statement.line"].search([("journal_id", "=", self.journal.id)])

    # Law 1

    def test_law1_received_is_the_sum_of_the_outcomes(self):
        facts = [fact("a"), fact("b", "-3.50"), fact("poison", "1"), fact("a"), fact("x" * 65, "2")]
        run = self.start(*facts)
        outcomes = {outcome: total.count for outcome, total in self.totals(run).items()}
        self.assertEqual(outcomes, {"delivered": 2, "rejected": 2, "duplicate": 1})
        self.assertEqual((run.received, run.delivered, run.rejected, run.duplicate), (5, 2, 2, 1))
        everything = sum(self.totals(run).values(), ControlTotals())
        self.assertEqual(everything, ControlTotals.of((f.key, f.value, f.money) for f in facts))

    def test_law1_finish_refuses_open_items(self):
        run = self.collected(fact("a"))
        run.env["fin.reconciliation"]._compare(run, ControlTotals(), ControlTotals())
        with self.assertRaisesRegex(ConfigurationError, "no outcome"):
            run._transition("finish")

    def test_law1_an_item_that_vanished_between_the_stages_stops_the_run(self):
        run = self.collected(fact("a"), fact("b"))
        self.without_triggers("fin_item")
        self.sql("DELETE FROM fin_item WHERE run_id = %s AND key = 'b'", run.id)
        with self.assertRaises(ConfigurationError):
            list(self.env["fin.pipeline.inbound"]._gate(run))

    def test_law1_what_a_gate_holds_is_received_by_the_child(self):
        noticed = Finding("odd", "looks odd", document="b")
        run = self.start(fact("a"), fact("b"), noticed)
        child = run.child_ids
        self.assertEqual((run.state, run.delivered, run.held), ("done", 1, 1))
        self.assertEqual((child.state, child.received), ("held", 1))
        self.assertEqual(self.totals(run)["held"], self.totals(child)["open"])

    def test_law1_unreadable_bytes_are_kept_and_told(self):
        run = self.start(fact("a"), MalformedPayload("half a file"))
        payload = run.payload_ids or run.parent_id.payload_ids
        self.assertEqual((payload.reading, payload._is_intact()), ("refused", True))
        self.assertEqual(payload.exception_id.code, "malformed_payload")
        self.assertFalse(self.lines())

    def test_law1_a_cancelled_run_skips_what_has_no_outcome(self):
        run = self.collected(fact("a"), fact("b"))
        run._transition("cancel")
        self.assertEqual((run.received, run.skipped), (2, 2))

    def test_law1_hash_totals_are_the_same_in_python_and_in_sql(self):
        keys = ["a", "ä", "e\u0301", "売上", "😀", "x y|z", "1" * 64, "%s", "\\n"]
        run = self.collected(*(fact(key) for key in keys))
        expected = ControlTotals.of((key, Decimal(10), "USD") for key in keys)
        self.assertEqual(self.totals(run)["open"], expected)
        self.sql("CREATE TEMP TABLE keys_here ON COMMIT DROP AS SELECT unnest(%s) AS key", keys)
        rows = self.sql("SELECT key, ('x' || left(encode(sha256(convert_to(key, 'UTF8')), 'hex'), 16)) FROM keys_here")
        self.assertEqual({key: int(text[1:], 16) for key, text in rows}, {key: hash_of(key) for key in keys})

    def test_law1_a_key_that_comes_twice_does_not_cancel_out(self):
        run = self.collected(fact("a"), fact("a"))
        self.assertEqual(self.totals(run)["open"].hash_total, 2 * hash_of("a") % (1 << 64))

    # Law 2

    def test_law2_told_twice_booked_once(self):
        self.start(fact("a"), fact("b"))
        again = self.start(fact("a"), fact("b"))
        self.assertEqual((again.state, again.duplicate, len(self.lines())), ("done", 2, 2))

    def test_r06_the_same_key_with_other_content_waits_for_a_person(self):
        self.start(fact("a", "10"))
        run = self.start(fact("a", "11"))
        self.assertEqual(run.state, "held")
        self.assertEqual(run.exception_ids.mapped("code"), ["duplicate_conflict"])
        self.assertEqual(self.lines().mapped("amount"), [10.0])

    def test_r06_a_contradiction_is_never_waived(self):
        self.start(fact("a", "10"))
        exception = self.start(fact("a", "11")).exception_ids
        decision = self.by("operator", "fin.exception.resolve").create(
            {"exception_id": exception.id, "decision": "waive", "reason": "please"}
        )
        with self.assertRaisesRegex(Exception, "cannot be booked"):
            decision.action_decide()

    def test_law2_one_live_binding_for_a_key(self):
        run = self.start(fact("a"))
        item = run.item_ids
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            self.env["fin.binding"]._bind(run, [(item.id, None)])

    def test_r13_one_unfinished_run_for_a_concurrency_key(self):
        self.collected(fact("a"))
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            self.collected(fact("b"))

    def test_r13_a_worker_that_was_overtaken_stops(self):
        run = self.collected(fact("a"))
        run._stepped()
        self.env.flush_all()
        self.assertFalse(self.env["fin.engine"]._again(run, run.step_no - 1))

    def test_r19_one_poison_item_among_many(self):
        run = self.start(*(fact(f"k{n}") for n in range(20)), fact("poison"), *(fact(f"m{n}") for n in range(20)))
        self.assertEqual((run.state, run.delivered, run.rejected), ("done", 40, 1))
        self.assertEqual(run.exception_ids.mapped("code"), ["poison"])

    def test_law2_all_or_nothing_holds_the_rest(self):
        self.flow.all_or_nothing = True
        self.approve(self.flow)
        run = self.start(fact("a"), fact("x" * 65))
        self.assertEqual((run.state, len(self.lines())), ("held", 0))

    # Law 4

    def test_law4_a_done_run_ties_by_orm(self):
        run = self.collected(fact("a"))
        for state in (False, "not_tied"):
            with self.subTest(state), mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.CheckViolation):
                as_writer(run).write({"state": "done", "reconciliation_state": state})
                self.env.flush_all()
            self.env.invalidate_all()

    def test_law4_a_done_run_ties_by_sql(self):
        run = self.collected(fact("a"))
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.CheckViolation):
            self.sql("UPDATE fin_run SET state = 'done' WHERE id = %s", run.id)

    def test_law4_finish_refuses_what_does_not_tie(self):
        run = self.collected()
        self.env["fin.reconciliation"]._compare(run, ControlTotals(), ControlTotals.of([("a", Decimal(1), "USD")]))
        with self.assertRaisesRegex(ConfigurationError, "do not tie"):
            run._transition("finish")

    def test_law4_finish_refuses_without_a_reconciliation(self):
        run = self.collected()
        with self.assertRaisesRegex(ConfigurationError, "do not tie"):
            run._transition("finish")

    def test_law4_a_target_that_holds_something_else_holds_the_run(self):
        def lost(_self, _run):
            return ControlTotals()

        self.patch(type(self.env["fin.object"]), "_totals", lost)
        run = self.start(fact("a"))
        self.assertEqual((run.state, run.reconciliation_state), ("held", "not_tied"))
        self.assertIn("not_tied", run.exception_ids.mapped("code"))

    def test_law4_two_currencies_do_not_cancel(self):
        ours = ControlTotals.of([("a", Decimal(5), "USD"), ("b", Decimal(-5), "EUR")])
        theirs = ControlTotals.of([("a", Decimal(5), "EUR"), ("b", Decimal(-5), "USD")])
        run = self.collected()
        self.assertEqual(self.env["fin.reconciliation"]._compare(run, ours, theirs).state, "not_tied")

    def test_law4_a_tolerance_counts_only_where_the_version_has_it(self):
        ours, theirs = (ControlTotals.of([("a", Decimal(value), "USD")]) for value in ("10.00", "10.01"))
        run = self.collected()
        self.assertEqual(self.env["fin.reconciliation"]._compare(run, ours, theirs).state, "not_tied")
        self.flow.tolerance_ids.create(
            {"flow_id": self.flow.id, "currency_id": self.env.ref("base.USD").id, "amount": 0.01}
        )
        self.assertEqual(self.env["fin.reconciliation"]._compare(run, ours, theirs).state, "not_tied")
        run._transition("cancel")
        self.approve(self.flow)
        run = self.collected()
        self.assertEqual(self.env["fin.reconciliation"]._compare(run, ours, theirs).state, "within_tolerance")

    def test_law4_not_provable_only_where_the_version_says_so(self):
        run = self.collected()
        self.assertEqual(self.env["fin.reconciliation"]._compare(run, ControlTotals(), None).state, "not_tied")
