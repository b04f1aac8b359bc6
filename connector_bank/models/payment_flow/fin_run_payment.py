from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError
from odoo.addons.finance_integration_governance.core.totals import ControlTotals
from odoo.addons.finance_integration_governance.models.run.fin_run_doubt import UNANSWERED
from odoo.addons.finance_integration_governance.models.writer import as_writer

from .fin_object_payment import OBJECT


class FinRun(models.Model):
    """What a run of payments does to its batch: sent, in doubt, found, never left."""

    _inherit = "fin.run"

    def _is_payment(self):
        return bool(self.version_id) and self.direction == "outbound" and self._document()["object"] == OBJECT

    def _payment_batch(self):
        """The batch that this run, or the run that this is a held part of, has taken."""
        # sudo: the engine's own
        return self.env["fin.payment.batch"].sudo().search([("run_id", "=", self._first().id)], limit=1)

    def _payment_lines(self, outcome, payload=None, ids=None):
        """The payments behind the run's items of this outcome."""
        which = SQL("AND payload_id = %s", payload.id) if payload else SQL()
        which = SQL("%s AND id = ANY(%s)", which, list(ids)) if ids is not None else which
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL("SELECT key FROM fin_item WHERE run_id = %s AND outcome = %s %s ORDER BY id", self.id, outcome, which)
        )
        wanted = [("end_to_end_id", "in", [key for (key,) in rows]), ("batch_id", "=", self._payment_batch().id)]
        # sudo: the engine's own
        return self.env["fin.payment.line"].sudo().search(wanted, order="sequence, id")

    def _may_have_left(self):
        """Whether something of this run, or of a held part of it, has left or may have."""
        attempts = (self | self.child_ids).attempt_ids
        return bool(attempts.filtered(lambda attempt: attempt.state != "refused"))

    def _may_cancel(self):
        """What may have arrived is not cancelled: somebody has to know first."""
        unanswered = self._is_payment() and self.attempt_ids.filtered(lambda attempt: attempt.state in UNANSWERED)
        return super()._may_cancel() and not unanswered

    def _guard_cancel(self):
        if not self._may_cancel():
            raise UserError(
                self.env._("Whether the payments of %s have arrived is not known: that is decided first.", self.name)
            )

    def _after_cancel(self):
        """A batch of which nothing left waits for its sender again; what was held of one that left is not paid."""
        is_payment = self._is_payment()
        open_ids = self._open_ids() if is_payment else ()
        lines = self._payment_lines("open", ids=open_ids) if is_payment else None
        super()._after_cancel()
        if not is_payment:
            return
        batch = self._payment_batch()
        if self._first()._may_have_left():
            lines._not_paid(self.env._("Left out: the run that held it was cancelled."), run_id=self)
        elif batch.state == "released" and self == batch.run_id:
            batch._transition("take_back", reason=f"{self.name} was cancelled")

    def _delivered(self, payload):
        """Given away, or found to be there: payments and batch are sent."""
        lines = self._payment_lines("open", payload) if self._is_payment() else None
        super()._delivered(payload)
        if lines:
            lines.batch_id._was_sent(lines, self, payload)

    def _refused_items(self, payload, rejects):
        """Payments that the bank refuses with its receipt are refused, and their bills open again."""
        super()._refused_items(payload, rejects)
        if rejects and self._is_payment():
            for line in self._payment_lines("rejected", payload).filtered(lambda line: line.end_to_end_id in rejects):
                line._not_paid(rejects[line.end_to_end_id], run_id=self, payload_id=payload)

    def _reject_ids(self, ids, error):
        super()._reject_ids(ids, error)
        if self._is_payment() and error.code != "refused_item":
            self._payment_lines("rejected", ids=ids)._not_paid(error.text, run_id=self)

    def _read_back(self):
        """A file that the bank has fetched is not there any more: then only its status and the statement prove it."""
        if not self._is_payment():
            return super()._read_back()
        if not self.attempt_ids.filtered(lambda attempt: attempt._is_settled()):
            return ControlTotals()
        held = super()._read_back()
        is_gone = held is not None and not held.count and not self._connector().proves_absence
        return None if is_gone and self._document().get("not_provable") else held

    def _again_by_release(self):
        """A failed run goes on when its batch is released again."""
        as_writer(self).write({"tries": 0, "not_before": False})
        self._repin()
        self._transition("requeue")
        self.env["fin.engine"]._wake(self.lane)


class FinPayload(models.Model):
    _inherit = "fin.payload"

    def _must_be_whole(self):
        """Nothing of a batch is given away that nobody has released, or released no more."""
        super()._must_be_whole()
        batch = self.run_id._payment_batch() if self.run_id._is_payment() else None
        # What was held of a batch that has left leaves by the same release.
        released = ("released", "sent", "accepted", "partly", "settled") if self.run_id.parent_id else ("released",)
        if batch:
            batch.lock_for_update(allow_referencing=True)  # nobody takes it back meanwhile
        if batch is not None and batch.state not in released:
            raise ConfigurationError(f"{batch.name or 'the batch'} is not released", code="payment_not_released")


class FinException(models.Model):
    _inherit = "fin.exception"

    def _reject_items(self, reason):
        """What a person rejects of a held part of a batch is not paid: its bills are open again."""
        runs = self._held_runs().filtered(lambda run: run._is_payment())
        lines = {run: run._payment_lines("open", ids=self._concerned(run)) for run in runs}
        super()._reject_items(reason)
        for run, found in lines.items():
            found._not_paid(reason, run_id=run)
