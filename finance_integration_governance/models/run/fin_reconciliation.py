from decimal import Decimal

from odoo import api, fields, models

from ...core.totals import ControlTotals
from ..triggers import refuse_rewriting
from ..writer import as_writer


class FinReconciliation(models.Model):
    """What was handed over against what the target holds, read back: count, signed amounts, hash total over keys."""

    _name = "fin.reconciliation"
    _description = "Reconciliation"
    _inherit = ["fin.evidence.mixin"]
    _order = "id"
    _rec_name = "run_id"
    STATES = [
        ("tied", "Tied"),
        ("within_tolerance", "Within Tolerance"),
        ("not_tied", "Not Tied"),
        ("accepted", "Accepted"),
        ("not_provable", "Not Provable"),
    ]

    run_id = fields.Many2one("fin.run", required=True, readonly=True, ondelete="restrict", index=True)
    flow_id = fields.Many2one(related="run_id.flow_id", store=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    state = fields.Selection(STATES, required=True, readonly=True)
    at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    line_ids = fields.One2many("fin.reconciliation.line", "reconciliation_id")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["state", "run_id"])

    @api.model
    def _compare(self, run, source, target):
        """Compare two `ControlTotals` under the version's tolerances, keep both sides; `target` None: not provable."""
        document = run._document()
        state = self._judge(source, target, document)
        kept = as_writer(self).create(
            {
                "run_id": run.id,
                "state": state,
                "line_ids": [fields.Command.create(vals) for vals in self._lines(source, target)],
            }
        )
        run._audit("reconcile", result=state, source=source.document(), target=target and target.document())
        return kept

    def _judge(self, source, target, document):
        if target is None:
            return "not_provable" if document.get("not_provable") else "not_tied"
        if source.ties(target):
            return "tied"
        return "within_tolerance" if source.ties(target, document.tolerances) else "not_tied"

    def _holds(self, delivered, document):
        """Whether its source is what rows say was delivered, and its lines give the state that it has."""
        source, target = self._side("source"), self._side("target")
        return not source.differences(delivered) and self._judge(source, target, document) == self.state

    def _side(self, name):
        """One side as it was kept, or None where it could not be read."""
        told = {line.measure: line[name] for line in self.line_ids}
        if "count" not in told or "hash" not in told:
            return ControlTotals(-1)  # what no lines prove ties with nothing
        if not all(told.values()):
            return None
        amounts = {measure: Decimal(text) for measure, text in told.items() if measure not in ("count", "hash")}
        return ControlTotals(int(told["count"]), amounts, int(told["hash"], 16))

    def _lines(self, source, target):
        measures = [("count", source.count, target and target.count)]
        measures += [("hash", f"{source.hash_total:016x}", target and f"{target.hash_total:016x}")]
        for currency in sorted({*source.amounts, *(target.amounts if target else ())}):
            measures.append((currency, source.amount(currency), target and target.amount(currency)))
        return [
            {"measure": measure, "source": str(ours), "target": "" if theirs is None else str(theirs)}
            for measure, ours, theirs in measures
        ]


class FinReconciliationLine(models.Model):
    """One measure of a reconciliation, both sides as they were read."""

    _name = "fin.reconciliation.line"
    _description = "Reconciliation Line"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id"
    _rec_name = "measure"

    reconciliation_id = fields.Many2one(
        "fin.reconciliation", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="reconciliation_id.company_id", store=True)
    measure = fields.Char(required=True, readonly=True, help="count, hash, or a currency")
    source = fields.Char(required=True, readonly=True)
    target = fields.Char(readonly=True)

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["source", "target", "measure"])
