from odoo import api, fields, models
from odoo.tools import SQL

from ..writer import as_writer

SUCCESS, UNTIED = "success_rate", "not_reconciled"
DAYS, LEAST = 30, 5  # of fewer runs a percentage says nothing


class FinRun(models.Model):
    """Whether enough of a flow's runs succeed, and whether totals tie in time; a breach closes when it is over."""

    _inherit = "fin.run"

    reconcile_by = fields.Datetime(readonly=True, string="Has to tie by")

    _reconcile_idx = models.Index("(reconcile_by) WHERE reconcile_by IS NOT NULL")

    def _pin(self):
        super()._pin()
        minutes = self._document().get("levels", {}).get("reconcile")
        if minutes and not self.reconcile_by:
            as_writer(self).write({"reconcile_by": fields.Datetime.add(self.started_at, minutes=minutes)})

    @api.model
    def _watch_untied(self, now):
        """Runs whose time to tie is over, each told once."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL("SELECT id, state FROM fin_run WHERE reconcile_by <= %s ORDER BY id", now),
        )
        late = self.browse(run_id for run_id, state in rows if state not in ("done", "cancelled"))
        for run in late:
            run._tell_untied()
        as_writer(self.browse(run_id for run_id, _state in rows)).write({"reconcile_by": False})

    def _tell_untied(self):
        text = self.env._(
            "The totals of %(run)s of %(flow)s do not tie in the promised time, by %(by)s. Look where it stands, and "
            "decide on what holds it; when it is done this closes.",
            run=self.name,
            flow=self.flow_id.name,
            by=self.flow_id._in_its_zone(self.reconcile_by),
        )
        self.env["fin.exception"]._raise_for_flow(self.flow_id, UNTIED, text, family="data", run=self.name)

    def _after_finish(self):
        super()._after_finish()
        self._told_over()

    def _after_cancel(self):
        super()._after_cancel()
        self._told_over()

    def _told_over(self):
        as_writer(self).write({"reconcile_by": False})
        over = self.env._("The run is over.")
        self.env["fin.exception"]._close_for_flow(self.flow_id, UNTIED, over, run=self.name)
        self._judge_success()

    def _after_fail(self):
        super()._after_fail()
        self._judge_success()

    def _judge_success(self):
        """The share of the runs of the last days that succeeded, against what the live version promises."""
        flow, promise = self.flow_id, self.flow_id._promised("success")
        if not promise or self.is_draft or self.parent_id:
            return None
        days = flow._promised("success_days") or DAYS
        good, total = flow._succeeded(days)
        if total < LEAST or 100 * good >= promise * total:
            told = self.env._("%(good)s of %(total)s runs succeeded again.", good=good, total=total)
            return self.env["fin.exception"]._close_for_flow(flow, SUCCESS, told)
        text = self.env._(
            "Of the last %(total)s runs of %(flow)s within %(days)s days only %(good)s succeeded, and promised are "
            "%(promise)s %%. Look at why the others failed; this closes when enough of them succeed.",
            total=total,
            flow=flow.name,
            days=days,
            good=good,
            promise=promise,
        )
        return self.env["fin.exception"]._raise_for_flow(flow, SUCCESS, text, family="data")


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def _succeeded(self, days):
        """(runs that are done, runs that are done or failed) of the last days."""
        self.env.flush_all()
        [[good, total]] = self.env.execute_query(
            SQL(
                """SELECT count(*) FILTER (WHERE state = 'done'), count(*) FROM fin_run
                WHERE flow_id = %s AND state IN ('done', 'failed') AND is_draft IS NOT TRUE AND parent_id IS NULL
                    AND create_date > %s""",
                self.id,
                fields.Datetime.subtract(fields.Datetime.now(), days=days),
            )
        )
        return good, total


class FinSlot(models.Model):
    _inherit = "fin.slot"

    @api.model
    def _tick(self, now=None):
        now = now or fields.Datetime.now()
        super()._tick(now)
        self.env["fin.run"]._watch_untied(now)
