from odoo import models
from odoo.tools import SQL

from .fin_payment_batch_run import BY_RUN


class FinRun(models.Model):
    """A batch in doubt: nobody sends it again; the bank's word or two people end the doubt."""

    _inherit = "fin.run"

    def _settle_unknown(self, connector, payload):
        super()._settle_unknown(connector, payload)
        if self._is_payment():
            self._tell_doubt(payload)

    def _tell_doubt(self, payload):
        """The batch is in doubt as soon as one attempt of it is."""
        doubtful = payload.attempt_ids.filtered(lambda attempt: attempt.state == "unknown")
        if doubtful and self._payment_batch().state == "released":
            self._payment_batch()._lose(doubtful[-1:])

    def _not_there(self, connector, attempt):
        """Of money, "it is not here" sends nothing again: at most it gives the batch back to people."""
        if not self._is_payment():
            return super()._not_there(connector, attempt)
        if not connector.proves_absence:
            return self._stay_in_doubt(attempt, "it is not where it was put, and may have been fetched")
        self._tell_doubt(attempt.payload_id)
        return self._never_arrived(attempt, "the target proves that it never came")

    def _never_arrived(self, attempt, why, **facts):
        """The attempt is over; the batch waits for its sender, with the same ids as before."""
        attempt._transition("refuse", reason=why)
        batch = self._payment_batch()
        batch._transition("miss", reason=why)
        batch._happened("never_arrived", text=why, run_id=self, payload_id=attempt.payload_id, **facts)
        if self.state == "running":
            self._transition("hold", reason=why)

    def _arrived(self, attempt, why, **facts):
        """The attempt was there: its payments are sent, and the run goes on to its end."""
        batch = self._payment_batch()
        if attempt.state == "announced":
            attempt._transition("lose", reason="no receipt was kept")
            self._tell_doubt(attempt.payload_id)
        attempt._transition("confirm", reason=why)
        self._delivered(attempt.payload_id)
        batch._happened("found", text=why, run_id=self, payload_id=attempt.payload_id, **facts)
        self._end_doubt(why)
        if self.state == "held":
            self._release()

    def _end_doubt(self, why):
        doubts = [("run_ids", "in", self.ids), ("code", "=", "in_doubt"), ("state", "in", ("open", "in_progress"))]
        for exception in self.env["fin.exception"].search(doubts):
            exception._close("resolve", why)

    def _after_refused(self, attempt):
        """The bank took nothing of it: the batch waits for its sender again."""
        super()._after_refused(attempt)
        batch = self._payment_batch() if self._is_payment() else None
        if batch and batch.state == "released":
            batch.with_context(**{BY_RUN: True})._transition("take_back", reason="the bank refused the file")

    def _after_fail(self):
        super()._after_fail()
        self._lose_announced()

    def _after_postpone(self):
        getattr(super(), "_after_postpone", lambda: None)()
        self._lose_announced()

    def _lose_announced(self):
        """A time-out is doubt at once, not only when the next worker comes."""
        if not self._is_payment():
            return
        for attempt in self.attempt_ids.filtered(lambda attempt: attempt.state == "announced"):
            attempt._transition("lose", reason="no receipt was kept")
            self._tell_doubt(attempt.payload_id)

    def _pass_gates(self):
        """What was noticed about payments is judged anew whenever they are asked about."""
        if self._is_payment():
            self.env.cr.execute(
                SQL(
                    """UPDATE fin_item i SET exception_id = NULL FROM fin_exception e
                    WHERE i.run_id = %s AND i.outcome = 'open' AND e.id = i.exception_id
                        AND e.code LIKE 'payment\\_%%'""",
                    self.id,
                )
            )
            self.env["fin.item"].invalidate_model(["exception_id"])
        yield from super()._pass_gates()
