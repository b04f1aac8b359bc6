from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.finance_integration_governance.models.writer import as_writer

_OPEN_ITEMS = ("liability_payable", "asset_receivable")
_GONE = ("draft", "canceled", "rejected")


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
        if not payment or payment.state in _GONE or self._is_taken_back(payment):
            return
        try:
            with self.env.cr.savepoint():
                entry = self._take_out(payment)
        except UserError as error:
            self._tell_not_reopened(run, str(error))
            return
        text = entry.name if entry else self.env._("The payment was cancelled.")
        self._happened("reopened", text=text, run_id=run, move_id=entry, **facts)

    def _is_taken_back(self, payment):
        return bool(payment.move_id.reversal_move_ids.filtered(lambda move: move.state == "posted"))

    def _take_out(self, payment):
        """The entry that takes the payment back; an empty one where the payment was cancelled."""
        if self.state == "returned" or payment.is_matched or self._is_locked(payment):
            return self._reverse(payment)
        # Not by way of a draft: Odoo deletes a draft, and refuses to where its number is not the last one.
        payment.action_cancel()
        return payment.env["account.move"]

    def _is_locked(self, payment):
        locks = payment.company_id._get_lock_date_violations
        return bool(payment.move_id and locks(payment.move_id.date, sale=False, purchase=False, tax=False))

    def _reverse(self, payment):
        """Reverse it on the first day that is open. The bank's own entries of both ways match the two entries."""
        move = payment.move_id
        items = _of_documents(move)
        items.remove_move_reconcile()
        told = {"date": self._open_day(payment.company_id), "ref": f"{self.end_to_end_id}: {move.name}"}
        entry = move._reverse_moves([told])
        entry.action_post()
        if self.state == "returned":
            # Odoo matches an entry with its reversal; here the bank's two lines will match one each.
            waiting = payment.outstanding_account_id
            entry.line_ids.filtered(lambda item: item.account_id == waiting).remove_move_reconcile()
        (items | _of_documents(entry)).filtered(lambda item: not item.reconciled).reconcile()
        documents = self.move_line_ids.with_env(payment.env).move_id
        documents.matched_payment_ids -= payment
        return entry

    def _open_day(self, company):
        day = fields.Date.context_today(self)
        while locks := company._get_lock_date_violations(day, sale=False, purchase=False, tax=False):
            day = fields.Date.add(max(date for date, _field in locks), days=1)
        return day

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


def _of_documents(move):
    return move.line_ids.filtered(lambda item: item.account_id.account_type in _OPEN_ITEMS)
