from odoo import models
from odoo.exceptions import UserError

from odoo.addons.finance_integration_governance.models.writer import as_writer


class FinPaymentLine(models.Model):
    """A payment that did not happen, or whose money came back: its bills are open again, by Odoo's own means."""

    _inherit = "fin.payment.line"

    def _not_paid(self, text, run_id, **facts):
        """Nothing was paid: it was left out, or refused before it left."""
        for line in self.filtered(lambda line: line.state in ("ready", "sent", "accepted")):
            line._transition("reject", reason=text)
            line._happened("left_out", text=text, run_id=run_id, **facts)
            line._reopen(run_id, **facts)
        self.batch_id._follow_lines()

    def _reopen(self, run, **facts):
        """Cancel the payment where no money moved and its day is open; else take it back by an entry of its own.

        `run`: whose service user does it. What Odoo refuses is an exception with the flow's owner; the state of the
        payment is told all the same.
        """
        self.ensure_one()
        payment = self.payment_id.with_env(run._as_service())
        if not payment or self._is_out(payment):
            return
        try:
            with self.env.cr.savepoint():
                entry, text = self._take_out(payment)
        except UserError as error:
            self._tell_not_reopened(run, str(error))
            return
        self._happened("reopened", text=text, run_id=run, move_id=entry, **facts)

    def _tell_not_reopened(self, run, why):
        text = self.env._(
            "The payment %(payment)s is not paid, and its bill could not be opened again: %(why)s",
            payment=self.end_to_end_id,
            why=why,
        )
        self.env["fin.exception"]._raise(run, "payment_not_reopened", text, payment=self.end_to_end_id)

    def _after_reject(self):
        as_writer(self.part_ids).write({"is_planned": False})

    _after_bring_back = _after_reject
