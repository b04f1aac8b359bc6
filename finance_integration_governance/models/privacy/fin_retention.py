import datetime as dt

from odoo import api, fields, models
from odoo.tools import SQL

from ..writer import as_writer

BATCH = 50_000  # items in one call of the cron
RUNS = 100


class FinRun(models.Model):
    _inherit = "fin.run"

    is_purged = fields.Boolean(readonly=True, help="What this run received is not kept any more; its evidence is.")

    def _purgeable(self, limit):
        """Items whose content may go: not what a target holds now, with which the next figures are compared."""
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id FROM fin_item i WHERE i.run_id = ANY(%s) AND i.purge_id IS NULL AND i.outcome <> 'open'
                    AND NOT EXISTS (
                        SELECT 1 FROM fin_binding b WHERE b.item_id = i.id AND b.live AND b.res_model IS NULL)
                ORDER BY i.id LIMIT %s""",
                self.ids,
                limit,
            )
        )
        return [item_id for (item_id,) in rows]


class FinFlow(models.Model):
    """How long a flow keeps what it received: as its live version says."""

    _inherit = "fin.flow"

    def _kept_days(self):
        if not self.live_version_id:
            return None
        return self._document().get("register", {}).get("retention", {}).get("payload_days")

    def _purge_expired(self, budget):
        """Purge one batch of what is older than the version says; returns how many items it took, 0 at the end."""
        days = self._kept_days()
        if not days or self._is_on_legal_hold():
            return 0
        runs = self._expired_runs(fields.Datetime.now() - dt.timedelta(days=days))
        if not runs:
            return 0
        item_ids = runs._purgeable(budget)
        payloads = runs.payload_ids.filtered(lambda payload: not payload.purge_id)
        if payloads or item_ids:
            self.env["fin.purge"]._purge(
                "retention", self.company_id, payloads, item_ids, f"payload_days={days}", flow=self
            )
        if len(item_ids) < budget:
            as_writer(runs).write({"is_purged": True})
            # The next batch is looked for by SQL.
            runs.flush_recordset(["is_purged"])
        return max(len(item_ids), 1)

    def _expired_runs(self, before):
        """Runs whose contents are not needed any more, the oldest first, a bounded number."""
        return self._runs_over(before, "is_purged", RUNS)

    def _runs_over(self, before, mark, limit=None):
        """Runs without this mark that are over since then, held parts included, and that nobody holds; oldest first."""
        rows = self.env.execute_query(
            SQL(
                """SELECT r.id FROM fin_run r
                WHERE r.flow_id = %(flow)s AND %(mark)s IS NOT TRUE AND r.state IN ('done', 'cancelled')
                    AND r.finished_at < %(before)s AND NOT EXISTS (
                        SELECT 1 FROM fin_run c WHERE c.parent_id = r.id
                            AND (c.state NOT IN ('done', 'cancelled') OR c.finished_at >= %(before)s))
                    AND %(free)s
                ORDER BY r.id LIMIT %(limit)s""",
                flow=self.id,
                mark=SQL.identifier("r", mark),
                before=before,
                free=self.env["fin.hold"]._free(self.company_id),
                limit=limit,
            )
        )
        return self.env["fin.run"].browse(row[0] for row in rows)


class FinPurge(models.Model):
    _inherit = "fin.purge"

    @api.model
    def _cron_purge(self):
        """One bounded batch of what flows need not keep any more; where work is left, it comes again at once."""
        left = self._purge_batch(BATCH)
        self.env["fin.payload"]._sweep()
        if left:
            self.env.ref("finance_integration_governance.ir_cron_purge")._trigger()

    @api.model
    def _purge_batch(self, budget):
        """Whether there may be more than this budget allowed."""
        for flow in self.env["fin.flow"].search([("run_ids", "!=", False)]):
            while taken := flow._purge_expired(budget):
                budget -= taken
                if budget <= 0:
                    return True
        return False
