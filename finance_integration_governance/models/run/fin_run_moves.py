import datetime as dt

from odoo import fields, models
from odoo.tools import SQL

from ...core.errors import ConfigurationError
from ...core.stages import OUTCOMES, rest
from ...core.totals import ControlTotals
from ..writer import as_writer

RETRIES = 8
FAILURES = 5  # in a row, before the flow pauses
TIES = ("tied", "within_tolerance", "accepted", "not_provable")


class FinRun(models.Model):
    """How a run moves: what is asked before each verb, and what belongs to it afterwards."""

    _inherit = "fin.run"

    def _repin(self):
        """After a person's decision the run obeys what is live now; on another version it is mapped anew."""
        if self.version_id and self.version_digest != self.flow_id.live_version_id.digest:
            self._audit("repin", before=self.version_digest, after=self.flow_id.live_version_id.digest)
            self._pin()
            if "map" not in rest(self.stage):
                as_writer(self).write({"stage": "map", "is_remapped": True})

    def _pin(self):
        """Fix the version that this run obeys until its end."""
        version = self.flow_id.live_version_id
        as_writer(self).write(
            {
                "version_id": version.id,
                "version_digest": version.digest,
                "started_at": self.started_at or fields.Datetime.now(),
                "lane": version._read_document()["lane"],
                "direction": version._read_document()["flow"]["direction"],
                "connection": version._read_document().connection["code"],
            }
        )

    def _guard_start(self):
        self._guard_version()
        if not self.version_id._is_as_written(self.version_digest):
            raise ConfigurationError("the version's document is not the one that was pinned")
        self._guard_owner()

    def _guard_version(self):
        flow = self.flow_id
        if flow.state != "active" and not self.parent_id:
            raise ConfigurationError(f"the flow {flow.code} is {flow.state}")
        if not self.version_id._is_approved():
            raise ConfigurationError("the sealed log holds no approval of this version", digest=self.version_digest)

    def _reached(self, stage):
        """In one statement: it comes with every stage."""
        if self.stage != stage:
            self.flush_recordset()
            self.env.cr.execute(SQL("UPDATE fin_run SET stage = %s WHERE id = %s", stage, self.id))
            self._fields["stage"]._update_cache(self, stage)

    def _stepped(self, stage=None):
        """One step further, at that stage by now: one statement, as it comes with every commit. The step's number."""
        self.env.flush_all()
        [[step, at]] = self.env.execute_query(
            SQL(
                """UPDATE fin_run SET step_no = step_no + 1, last_step_at = %s, stage = COALESCE(%s, stage)
                WHERE id = %s RETURNING step_no, stage""",
                fields.Datetime.now(),
                stage,
                self.id,
            )
        )
        self.invalidate_recordset(["step_no", "last_step_at"], flush=False)
        self._fields["stage"]._update_cache(self, at)
        return step

    def _postpone(self, error, until=None):
        """Try again later: when the connection is tried again, when the other side said, or after a growing while.

        Waiting for the connection is no try of the run's own.
        """
        wait = self._pause_before(error)
        later = until or fields.Datetime.now() + dt.timedelta(seconds=wait)
        tries = self.tries if until or not self._costs_a_try(error) else self.tries + 1
        as_writer(self).write({"tries": tries, "not_before": later, "last_error": error.text})
        self._transition("postpone", reason=error.text, code=error.code)

    def _pause_before(self, error):
        return error.retry_after or self.env["fin.engine"]._back_off(self.tries)

    def _costs_a_try(self, _error):
        return True

    def _may_try_again(self):
        return self.tries < self._document().limit("retries", RETRIES) if self.version_id else False

    def _guard_finish(self):
        """Law 1 and 4: no item without an outcome, and totals that tie, from rows, in this transaction."""
        totals = self.env["fin.item"]._totals_by_outcome(self)
        if totals.get("open"):
            raise ConfigurationError(f"{totals['open'].count} items have no outcome")
        last = self.reconciliation_ids.sorted("id")[-1:]
        state = last.state
        if state not in TIES or not last._holds(totals.get("delivered", ControlTotals()), self._document()):
            raise ConfigurationError("the totals do not tie")
        counts = {outcome: totals[outcome].count if outcome in totals else 0 for outcome in OUTCOMES}
        as_writer(self).write({**counts, "received": sum(counts.values()), "reconciliation_state": state})

    def _after_finish(self):
        as_writer(self).write({"finished_at": fields.Datetime.now()})
        self.env["fin.exception"]._close_for_run(self)

    def _after_cancel(self):
        """What has no outcome yet is skipped, so that nothing is lost from the equation."""
        self.env["fin.item"]._set_outcome(self, "skipped", reason="cancelled")
        self._count()
        as_writer(self).write({"finished_at": fields.Datetime.now()})

    def _after_hold(self):
        self._count()

    def _after_fail(self):
        self._count()
        self._pause_flow()
        if self.slot_id.state == "started":
            self.slot_id._transition("miss")

    def _pause_flow(self):
        """A flow whose last runs all failed pauses, instead of failing for ever."""
        last = self.search([("flow_id", "=", self.flow_id.id)], limit=FAILURES)
        if len(last) == FAILURES and set(last.mapped("state")) == {"failed"} and self.flow_id.state == "active":
            self.flow_id._transition("pause", reason=f"{FAILURES} runs in a row have failed")

    def _count(self):
        totals = self.env["fin.item"]._totals_by_outcome(self)
        counts = {outcome: totals[outcome].count if outcome in totals else 0 for outcome in OUTCOMES}
        as_writer(self).write({**counts, "received": sum(total.count for total in totals.values())})

    # Buttons

    def action_release(self):
        """Let a held run go on: it is mapped and asked again, on the version that is live by then."""
        self.ensure_one()
        self.flow_id._need("group_operator")
        self._release()

    def _release(self):
        as_writer(self).write({"stage": "map", "is_remapped": True})
        self._repin()
        self._transition("release")
        self.env["fin.engine"]._wake(self.lane)

    def action_requeue(self):
        self.ensure_one()
        self.flow_id._need("group_operator")
        as_writer(self).write({"tries": 0, "not_before": False})
        self._repin()
        self._transition("requeue")
        self.env["fin.engine"]._wake(self.lane)

    def action_cancel(self):
        """Cancel now, or ask the engine to stop at its next yield."""
        self.ensure_one()
        self.flow_id._need("group_operator")
        if self.state == "running":
            as_writer(self).write({"cancel_requested": True})
        else:
            self._transition("cancel")
