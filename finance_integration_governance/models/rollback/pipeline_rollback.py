from odoo import models

from ...core.canonical import canonical
from ...core.errors import DataError
from ...core.faults import calling
from ...core.totals import ControlTotals
from ..run.pipeline_inbound import DELIVER_BATCH, MAP_BATCH


class PipelineRollback(models.AbstractModel):
    """The way back: what was delivered, what can be done about it, answers, effects taken back, totals read back."""

    _name = "fin.pipeline.rollback"
    _description = "Rollback Pipeline"
    _inherit = "fin.pipeline.inbound"

    def _extract(self, run):
        """Collect what the chosen items became; nobody outside is asked for anything."""
        if not run._has_items():
            run._collect_undo()
        yield

    def _validate(self, run):
        """What was delivered has kept its contract already."""
        yield

    def _map(self, run):
        """Work out how each effect is taken back; what cannot be waits for a person, in words."""
        business = run._object()
        for items in self.env["fin.item"]._batches(run, MAP_BATCH, run._to_map()):
            self._plan(run, business, items)
            yield

    def _plan(self, run, business, items):
        mapped, refused = [], {}
        for item_id, plan in business._plan_undo(run, items).items():
            if isinstance(plan, DataError):
                refused.setdefault((plan.code, plan.text), (plan, []))[1].append(item_id)
            else:
                mapped.append((item_id, canonical(plan)))
        self.env["fin.item"]._store_mapped(run, mapped)
        for error, ids in refused.values():
            exception = self.env["fin.exception"]._raise(run, error.code, error.text, gap=True, count=len(ids))
            self.env["fin.item"]._attach(exception, ids)

    @calling("undo")
    def _deliver(self, run):
        """Take the effects back, with binding and outcome in the same transaction, a batch at a time."""
        business = run._object()
        for items in self.env["fin.item"]._batches(run, run._document().limit("deliver_batch", DELIVER_BATCH)):
            self._land(run, business, items)
            yield

    def _reconcile(self, run):
        """Compare what was taken back with what the books say now, and finish."""
        delivered = self.env["fin.item"]._totals_by_outcome(run).get("delivered", ControlTotals())
        self.env["fin.reconciliation"]._compare(run, delivered, run._object()._undone(run))
        yield
        run._finish()


class FinEngine(models.AbstractModel):
    _inherit = "fin.engine"

    def _pipeline(self, run):
        return self.env["fin.pipeline.rollback"] if run._is_rollback() else super()._pipeline(run)
