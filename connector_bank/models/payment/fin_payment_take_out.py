"""A payment is taken out of the books by what keeps evidence: cancelled under its number, or reversed."""

from odoo import api, fields, models

_OPEN_ITEMS = ("liability_payable", "asset_receivable")
_GONE = ("draft", "canceled", "rejected")


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    @api.model
    def _is_out(self, payment):
        """Whether the payment is taken out of the books already."""
        reversals = payment.move_id.reversal_move_ids
        return payment.state in _GONE or bool(reversals.filtered(lambda move: move.state == "posted"))

    def _take_out(self, payment):
        """(the entry that says so, the same in words) of a payment that is none any more.

        Cancelled, its own entry keeps its number and its history; reversed, an entry of its own takes it back.
        """
        if self.state == "returned" or payment.is_matched or self._is_locked(payment):
            entry = self._reverse(payment)
            return entry, entry.name
        # Not by way of a draft: Odoo deletes a draft, and refuses to where its number is not the last one.
        payment.action_cancel()
        return payment.move_id, self.env._("The payment was cancelled.")

    def _is_locked(self, payment):
        """Whether Odoo lets nobody cancel its entry: its day is closed, or it is in a chain of hashes."""
        move, locks = payment.move_id, payment.company_id._get_lock_date_violations
        return bool(move and (move.inalterable_hash or locks(move.date, sale=False, purchase=False, tax=False)))

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


def _of_documents(move):
    return move.line_ids.filtered(lambda item: item.account_id.account_type in _OPEN_ITEMS)
