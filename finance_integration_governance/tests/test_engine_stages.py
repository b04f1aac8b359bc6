"""Which stages are kept together, and that nothing of a failure is less visible for it."""

import os
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tests.common import TransactionCase

from ..core.errors import ConfigurationError
from ..core.faults import ENVIRONMENT
from ..models.run import fin_engine
from ..models.run.gates import Answer
from .common import LawScene, fact

# Whatever the machine has to do beside.
QUICK, SLOW = (patch.object(fin_engine, "_QUICK", seconds) for seconds in (600, 0))


@tagged("post_install", "-at_install")
class TestEngineStages(LawScene, TransactionCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def kept_by(self, act):
        """The commits that the engine makes in `act`, by the names of their points."""
        points = []
        with patch.object(fin_engine, "reach", points.append):
            act()
        return [point.removesuffix(".before") for point in points if point.endswith(".before")]

    def test_quick_stages_within_odoo_are_kept_with_the_next_one(self):
        with QUICK:
            kept = self.kept_by(lambda: self.start(fact("A1")))
        self.assertIn("inbound.extract.end", kept)
        self.assertIn("inbound.deliver.2", kept)
        self.assertFalse({f"inbound.{stage}.end" for stage in ("validate", "map", "gate")} & set(kept))

    def test_where_a_worker_is_to_die_every_stage_is_kept_by_itself(self):
        with QUICK, patch.dict(os.environ, {ENVIRONMENT: "nowhere"}):
            kept = self.kept_by(lambda: self.start(fact("A1")))
        self.assertLess({f"inbound.{stage}.end" for stage in ("validate", "map", "gate")}, set(kept))

    def test_slow_stages_are_kept_by_themselves(self):
        with SLOW:
            kept = self.kept_by(lambda: self.start(fact("A1")))
        self.assertLess({f"inbound.{stage}.end" for stage in ("validate", "map", "gate")}, set(kept))

    def test_what_went_well_before_a_failure_is_kept(self):
        pipeline = self.env.registry["fin.pipeline.inbound"]
        mapped, failing = [], ConfigurationError("the gates are broken", code="broken")
        before = pipeline._map

        def counted(pipeline, run):
            mapped.append(run.id)
            yield from before(pipeline, run)

        def broken(_pipeline, _run):
            raise failing
            yield

        with QUICK, patch.object(pipeline, "_map", counted), patch.object(pipeline, "_gate", broken):
            run = self.start(fact("A1"), fact("A2"))
        self.assertEqual((run.state, run.stage), ("failed", "gate"))
        self.assertEqual(mapped, [run.id, run.id])  # once together with the gate, once by itself
        self.assertEqual(run.item_ids.mapped("outcome"), ["open", "open"])
        self.assertTrue(all(run.item_ids.mapped("mapped_values")))
        self.assertEqual(run.exception_ids.mapped("code"), ["broken"])

    def test_what_was_compared_in_the_same_transaction_is_not_compared_again(self):
        items, compared = self.env.registry["fin.item"], []
        before = items._recognise

        def counted(model, run):
            compared.append(run.stage)
            return before(model, run)

        with patch.object(items, "_recognise", counted):
            with QUICK:
                self.start(fact("A1"))
            with SLOW:
                self.start(fact("A2"), name="two.txt")
        self.assertEqual(compared, ["map", "map", "deliver"])

    def test_why_a_gate_stopped_a_run_outlives_the_failure(self):
        class Never:
            question = "Is it ever allowed?"

            def ask(self, _run):
                return Answer("stop", "never")

        class Later(Never):
            """Nobody is asked after a stop."""

        with patch.object(self.env.registry["fin.run"], "_gates", lambda _run: (Never(), Later())):
            run = self.start(fact("A1"))
        told = self.env["fin.gate.answer"].search([("run_id", "=", run.id)])
        self.assertEqual(run.exception_ids.mapped("code"), ["gate_stopped"])
        self.assertEqual([(one.gate, one.answer, one.reason) for one in told], [("Never", "stop", "never")])
