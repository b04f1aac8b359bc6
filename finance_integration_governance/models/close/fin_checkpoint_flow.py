from odoo import fields, models
from odoo.tools import SQL


class FinCheckpoint(models.Model):
    """Whether a flow has delivered the period: its last good run came after the last change, and nothing waits."""

    _inherit = "fin.checkpoint"

    def _figures_flow(self):
        flow = self.env["fin.flow"].search([("code", "=", self._says().get("flow"))], limit=1)
        run = self._delivering_run(flow)
        return {
            "run": run.name or None,
            "state": run.reconciliation_state or None,
            "items": self._counted(run),
            "waiting": self._waiting_items(flow),
            "changed since": self._changed_since(run),
        }

    def _delivering_run(self, flow):
        """The newest good run that looked at this period: it delivered items of it, or found them unchanged."""
        rows = self.env.execute_query(
            SQL(
                """SELECT r.id FROM fin_run r WHERE r.flow_id = %s AND r.state = 'done' AND r.is_draft IS NOT TRUE
                AND EXISTS (SELECT 1 FROM fin_item i WHERE i.run_id = r.id AND i.company_id = %s
                    AND i."on" BETWEEN %s AND %s AND i.outcome IN ('delivered', 'unchanged'))
                ORDER BY r.id DESC LIMIT 1""",
                flow.id or 0,
                self.company_id.id,
                self.period_id.date_from,
                self.period_id.date_to,
            )
        )
        return self.env["fin.run"].browse(rows[0]) if rows else self.env["fin.run"]

    def _counted(self, run):
        """outcome -> number of the run's items in the period."""
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT outcome, count(*) FROM fin_item WHERE run_id = %s AND company_id = %s
                    AND "on" BETWEEN %s AND %s GROUP BY outcome ORDER BY outcome""",
                    run.id or 0,
                    self.company_id.id,
                    self.period_id.date_from,
                    self.period_id.date_to,
                )
            )
        )

    def _waiting_items(self, flow):
        """Items of the period that runs of the flow have not got rid of."""
        [[count]] = self.env.execute_query(
            SQL(
                """SELECT count(*) FROM fin_item i JOIN fin_run r ON r.id = i.run_id
                WHERE r.flow_id = %s AND r.state IN ('queued', 'running', 'held', 'failed') AND i.outcome = 'open'
                    AND i.company_id = %s AND i."on" BETWEEN %s AND %s""",
                flow.id or 0,
                self.company_id.id,
                self.period_id.date_from,
                self.period_id.date_to,
            )
        )
        return count

    def _changed_since(self, run):
        """Entries of the period that were touched after the run had begun; those that only mail touched are none."""
        since = run.started_at or fields.Datetime.to_datetime("1970-01-01")
        [[count]] = self.env.execute_query(
            SQL(
                "SELECT count(DISTINCT l.move_id) FROM account_move_line l WHERE %s AND l.write_date > %s",
                self._lines(),
                since,
            )
        )
        return count

    def _judge_flow(self, figures):
        if not figures["run"]:
            return False, self.env._("no run of the flow has delivered this period yet")
        if figures["waiting"]:
            return False, self.env._("%s items of the period still wait", figures["waiting"])
        if figures["changed since"]:
            return False, self.env._("%s entries have changed since it was delivered", figures["changed since"])
        return True, self.env._("%s has delivered it", figures["run"])
