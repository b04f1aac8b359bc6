from dataclasses import replace

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.models.exception.fin_exception import OPEN
from odoo.addons.finance_integration_governance.models.writer import as_writer

from ..core.continuity import POLICY, is_held
from ..core.statement import BankStatement
from .fin_item_bank import OBJECT


class FinRun(models.Model):
    """What of a statement keeps it from being booked, by the policy that was approved with the flow."""

    _inherit = "fin.run"

    def _report_finding(self, payload, finding):
        """A policy may let through what a reader would hold, and hold a statement with entries that are not final."""
        if finding.blocking or finding.code in POLICY["pending"][1]:
            finding = replace(finding, blocking=self._is_held(finding, self._scope_of_finding(finding)))
        return super()._report_finding(payload, finding)

    def _is_held(self, finding, scope=None):
        held = is_held(finding.code, self._bank_policy(scope))
        return finding.blocking if held is None else held

    def _after_hold(self):
        """What waits behind a gap does not stand in the way of the statement that fills it."""
        super()._after_hold()
        if self.exception_ids.filtered(lambda one: one.state in OPEN and one.code in POLICY["gap"][1]):
            as_writer(self).write({"concurrency_key": f"behind-a-gap-{self.name}"})

    def _after_finish(self):
        """What came late may be what statements behind it have waited for: they are judged anew by themselves."""
        super()._after_finish()
        if self._document()["object"] == OBJECT:
            for run in self._waiting_behind_gaps():
                run._audit("statement_came", run=self.name)
                run._release()

    def _waiting_behind_gaps(self):
        """Held runs with statements behind a gap in an account of which this run has booked a statement."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT i.run_id FROM fin_exception e
                JOIN fin_item i ON i.exception_id = e.id AND i.outcome = 'open'
                JOIN fin_run r ON r.id = i.run_id AND r.state = 'held'
                WHERE e.company_id = %s AND e.state = ANY(%s) AND e.code = ANY(%s) AND i.scope IN (
                    SELECT scope FROM fin_item WHERE run_id = %s AND contract = %s AND outcome = 'delivered')
                ORDER BY i.run_id""",
                self.company_id.id,
                list(OPEN),
                sorted(POLICY["gap"][1]),
                self.id,
                BankStatement.contract,
            )
        )
        return self.browse(run_id for (run_id,) in rows)
