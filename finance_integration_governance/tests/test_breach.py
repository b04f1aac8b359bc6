from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.finance_integration_governance.core.totals import ControlTotals

from .test_field_map import ListedCsv, MapScene

GOOD, NO_AMOUNT, NO_KIND = "A1;1,00;S;31.03.2026;U", "A2;no-amount-77;S;31.03.2026;U", "A3;3,00;S;31.03.2026;XY-9"


@tagged("post_install", "-at_install")
class TestBreach(MapScene, TransactionCase):
    """What breaks its contract is in quarantine, with row, field and masked value, until somebody decides."""

    def breach(self, run, member):
        runs = run | run.child_ids
        found = self.env["fin.exception"].search([("run_ids", "in", runs.ids), ("code", "=", "contract_violation")])
        return found.filtered(lambda exception: exception._facts()["member"] == member)

    def decide(self, exception, decision, by="operator"):
        self.by(by, "fin.breach.decide").create(
            {"exception_id": exception.id, "decision": decision, "reason": "we have seen it"}
        ).action_decide()

    def assertConserved(self, run):
        """Received is the sum of the outcomes, and what is held here was received by the run that waits."""
        for one in run | run.child_ids:
            totals = self.env["fin.item"]._totals_by_outcome(one)
            self.assertEqual(one.received, sum(part.count for part in totals.values()))
        held = self.env["fin.item"]._totals_by_outcome(run).get("held", ControlTotals())
        moved = sum(self.env["fin.item"]._totals_by_outcome(run.child_ids).values(), ControlTotals())
        self.assertFalse(held.differences(moved))

    def test_a_breach_shows_row_field_and_masked_value(self):
        run = self.read(GOOD, NO_AMOUNT)
        [item] = self.breach(run, "amount")._breached_items()
        self.assertEqual((item.row, item.breach_field, item.breach_value), (2, "amount", "aa-aaaaaa-99"))

    def test_it_says_which_step_failed_where_the_first_is_and_how_many_more(self):
        run = self.read(GOOD, NO_AMOUNT, NO_AMOUNT.replace("A2", "A4"), NO_KIND)
        rejected, waiting = self.breach(run, "amount"), self.breach(run, "kind")
        told = rejected._facts()
        self.assertTrue(told["step"])
        self.assertIn(
            f"amount breaks the contract ({told['step']}: {told['rule']}) in row 3 and 1 more of", rejected.text
        )
        self.assertEqual((told.get("waits"), waiting._facts().get("waits")), (None, "yes"))

    def test_the_value_stands_in_no_exception_and_no_event(self):
        run = self.read(GOOD, NO_AMOUNT, NO_KIND)
        told = [e.text + e.facts for e in self.breach(run, "amount") | self.breach(run, "kind")]
        told += self.env["fin.audit.event"].search([]).mapped("content")
        self.assertFalse([text for text in told if "no-amount-77" in text or "XY-9" in text])

    def test_a_row_without_an_optional_value_waits_and_the_rest_goes_on(self):
        run = self.read(GOOD, NO_KIND)
        self.assertEqual((run.state, run.delivered, run.held, run.rejected), ("done", 1, 1, 0))
        self.assertEqual(run.child_ids.state, "held")
        self.assertConserved(run)

    def test_discarding_the_value_asks_a_second_person_and_books_the_row_without_it(self):
        run = self.read(GOOD, NO_KIND)
        exception, child = self.breach(run, "kind"), run.child_ids
        self.decide(exception, "discard_value")
        with self.assertRaises(AccessError):
            self.by("operator", exception)._approve_waiver()
        self.assertEqual(child.state, "held")
        self.by("approver", exception)._approve_waiver()
        self.advance(child)
        self.assertEqual((child.state, child.delivered), ("done", 1))
        self.assertEqual((exception.state, exception.decision), ("waived", "discard_value"))
        self.assertConserved(run)

    def test_a_value_of_a_canonical_object_is_left_out_where_two_persons_agreed(self):
        """The content stays as it arrived; what objects see has no such value."""
        run = self.read("A3;3,00;S;31.03.2026;U", "A4;3,00;S;31.03.2026;U")
        self.assertFalse(run.child_ids)
        kind = self.map.line_ids.filtered(lambda line: line.target_id.name == "kind")
        kind.write({"cases": f"U = {'x' * 100}"})
        self.tried()
        self.approve(self.csv)
        ListedCsv.files.clear()
        run = self.read("A5;3,00;S;31.03.2026;U", name="two.csv")
        self.assertEqual(run.state, "held")
        self.assertIn("kind", next(self.env["fin.item"]._batches(run, 10))[0].content)
        self.decide(self.breach(run, "kind"), "discard_value")
        self.by("approver", self.breach(run, "kind"))._approve_waiver()
        self.env.flush_all()
        self.assertNotIn("kind", next(self.env["fin.item"]._batches(run, 10))[0].content)
        self.advance(run)
        self.assertEqual(run.state, "done")
        self.assertIn("xxxx", run.item_ids.content)

    def test_a_required_value_cannot_be_discarded(self):
        exception = self.breach(self.read(GOOD, NO_AMOUNT), "amount")
        with self.assertRaisesRegex(UserError, "requires this value"):
            self.decide(exception, "discard_value")

    def test_discarding_the_row_settles_it_as_rejected(self):
        run = self.read(GOOD, NO_KIND)
        exception = self.breach(run, "kind")
        self.decide(exception, "discard_row")
        self.advance(run.child_ids)
        self.assertEqual(run.child_ids.item_ids.mapped("outcome"), ["rejected"])
        self.assertEqual((exception.state, exception.decision), ("resolved", "discard_row"))
        self.assertConserved(run)

    def test_discarding_a_rejected_row_closes_its_exception(self):
        exception = self.breach(self.read(GOOD, NO_AMOUNT), "amount")
        self.decide(exception, "discard_row")
        self.assertEqual(exception.state, "resolved")

    def test_all_or_nothing_holds_what_stands_beside_a_rejected_row(self):
        self.by("operator", self.csv).all_or_nothing = True
        run = self.read(GOOD, NO_AMOUNT)
        self.assertEqual((run.state, run.rejected, run.delivered), ("held", 1, 0))

    def test_freezing_stops_the_flow(self):
        exception = self.breach(self.read(GOOD, NO_AMOUNT), "amount")
        self.decide(exception, "freeze")
        self.assertEqual((self.csv.state, exception.state), ("paused", "in_progress"))

    def test_what_has_changed_is_read_again_on_the_version_that_knows_it(self):
        run = self.read(GOOD, NO_KIND)
        exception = self.breach(run, "kind")
        self.decide(exception, "evolve")
        with self.assertRaises(UserError):
            self.by("operator", exception).action_read_again()
        kind = self.map.line_ids.filtered(lambda line: line.target_id.name == "kind")
        kind.write({"cases": "U = transfer\nXY-9 = new"})
        self.tried()
        self.approve(self.csv)
        exception.invalidate_recordset()
        again = self.env["fin.run"].browse(self.by("operator", exception).action_read_again()["res_id"])
        with patch.object(ListedCsv, "extract", side_effect=AssertionError("the source is not asked again")):
            self.advance(again)
        self.assertEqual((again.state, again.delivered, again.duplicate), ("done", 1, 1))
        self.assertEqual(again.payload_ids.digest, run.payload_ids.digest)
        self.assertEqual(run.child_ids.item_ids.mapped("outcome"), ["superseded"])
        self.assertEqual(exception.state, "resolved")
        self.assertConserved(run)

    def test_who_may_only_look_decides_nothing(self):
        exception = self.breach(self.read(GOOD, NO_AMOUNT), "amount")
        for call in (self.by("viewer", exception).action_decide_breach, self.by("viewer", exception).action_read_again):
            with self.assertRaises(AccessError):
                call()
