import json

from odoo import api, models
from odoo.tools import SQL

from ..core.continuity import CODES, Place, facts
from ..core.statement import BankReport, BankStatement, ProvisionalEntry

OBJECT = "fin.object.bank_statement"
# What is told before it is final: kept, counted, never booked.
NOT_FINAL = (BankReport.contract, ProvisionalEntry.contract)


class FinItem(models.Model):
    """What is not final is set aside, and a statement that does not follow from the ones before it is told."""

    _inherit = "fin.item"

    @api.model
    def _recognise(self, run):
        if run._document()["object"] != OBJECT:
            return super()._recognise(run)
        self._set_aside(run)
        if run.is_remapped:
            self._lift_breaks(run)
        result = super()._recognise(run)
        self._follow(run)
        return result

    def _set_aside(self, run):
        ids = self._open_of(run, NOT_FINAL)
        if ids:
            self._set_outcome(run, "skipped", ids, reason="not_final")

    def _open_of(self, run, contracts):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM fin_item WHERE run_id = %s AND outcome = 'open' AND contract = ANY(%s)",
                run.id,
                list(contracts),
            )
        )
        return [item_id for (item_id,) in rows]

    def _lift_breaks(self, run):
        """After a release a break is judged by the statements that have come since."""
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item i SET exception_id = NULL FROM fin_exception e
                WHERE i.run_id = %s AND i.outcome = 'open' AND e.id = i.exception_id AND e.state <> 'waived'
                    AND e.code = ANY(%s)""",
                run.id,
                sorted(CODES),
            )
        )
        self.invalidate_model(["exception_id"])

    def _follow(self, run):
        """Hold each new statement against its neighbours: those booked before, and those of this run."""
        waived = set(self._waived(run))
        by_scope = {}
        for item_id, scope, key, content in self._new_statements(run):
            by_scope.setdefault(scope, []).append((item_id, Place.of(key, json.loads(content))))
        for scope, found in by_scope.items():
            known = self._booked_statements(run, scope)
            for item_id, place in sorted(found, key=lambda pair: pair[1].order):
                if item_id not in waived:
                    self._report_breaks(run, scope, item_id, facts(place, known))
                known.append(place)

    def _report_breaks(self, run, scope, item_id, found):
        for finding in found:
            blocking = run._is_held(finding, scope) and not self._goes_on(run, finding)
            if not blocking:
                run._audit("notice", code=finding.code, document=finding.document, **finding.facts)
                continue
            exception = self.env["fin.exception"]._raise(run, finding.code, finding.text, document=finding.document)
            self._attach(exception, [item_id])

    def _new_statements(self, run):
        return self.env.execute_query(
            SQL(
                """SELECT id, scope, key, content FROM fin_item
                WHERE run_id = %s AND outcome = 'open' AND contract = %s ORDER BY id""",
                run.id,
                BankStatement.contract,
            )
        )

    def _booked_statements(self, run, scope):
        """The statements of the account that are booked, the newest of them where there are very many."""
        rows = self.env.execute_query(
            SQL(
                """SELECT i.key, i.content FROM fin_binding b JOIN fin_item i ON i.id = b.item_id
                WHERE b.live AND b.object = %s AND b.scope = %s AND b.res_model = 'account.bank.statement'
                ORDER BY i.on DESC NULLS LAST LIMIT 1000""",
                OBJECT,
                scope,
            )
        )
        return [Place.of(key, json.loads(content)) for key, content in rows]
