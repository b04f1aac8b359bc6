"""A payment of a batch is the batch's: as long as it leaves, or has left, nobody changes it in the books by hand.

What the suite does itself comes after the state of its line: a line that was withdrawn, rejected or returned keeps
nothing.
"""

from odoo import models
from odoo.exceptions import UserError

KEPT = ("ready", "sent", "accepted", "settled")
_MADE = ("in_process", "paid")
_BACK = ("draft", "canceled", "cancel", "rejected")
_TOLD = frozenset({"amount", "currency_id", "partner_id", "partner_bank_id", "journal_id", "company_id"})
_PAYMENT = _TOLD | {"date", "payment_type", "payment_reference", "destination_account_id", "move_id"}
_MOVE = _TOLD | {"date", "line_ids", "origin_payment_id"}
_ITEM = frozenset(
    {"account_id", "partner_id", "currency_id", "balance", "debit", "credit", "amount_currency", "move_id"}
)
_OF_BILLS = ("liability_payable", "asset_receivable")


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    def _refuse_by_hand(self, payments, attempt):
        """UserError where one of these is in a batch that leaves or has left; the attempt stands in the log."""
        confirmed = payments.filtered(lambda payment: payment.state in _MADE)  # what no batch has made yet asks nothing
        # sudo: what a batch pays is kept, whoever may see the batch
        lines = self.sudo()
        kept = confirmed and lines.search([("payment_id", "in", confirmed.ids), ("state", "in", KEPT)], limit=1)
        if kept:
            self.env["fin.audit.event"]._append_refused(kept.payment_id, attempt)
            told = {"payment": kept.end_to_end_id, "batch": kept.batch_id.name, "todo": kept._what_to_do_instead()}
            raise UserError(
                self.env._("%(payment)s is paid by %(batch)s, and is not changed by hand. %(todo)s", **told)
            )

    def _what_to_do_instead(self):
        state = self.batch_id.state
        if state in ("submitted", "approved"):
            return self.env._("Withdraw the batch: its payments are cancelled, and every yes to it is void.")
        if state == "released":
            return self.env._("Have its sender take the batch back, and withdraw it then.")
        if state == "unknown":
            return self.env._("Whether the bank has it is not known: say on the batch what became of it.")
        if self.state == "ready":
            return self.env._("It waits in a run of its own: let it go there, or reject it in its exception.")
        return self.env._("The bank has it: as soon as the bank refuses or returns it, the bill opens again by itself.")


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def write(self, vals):
        if _PAYMENT & vals.keys() or vals.get("state") in _BACK:
            self.env["fin.payment.line"]._refuse_by_hand(self, "write")
        return super().write(vals)

    def unlink(self):
        self.env["fin.payment.line"]._refuse_by_hand(self, "unlink")
        return super().unlink()


class AccountMove(models.Model):
    _inherit = "account.move"

    def _refuse_payments_by_hand(self, attempt):
        """Asks nothing of the database where no posted entry of a payment is among these."""
        payments = self.filtered(lambda move: move.state == "posted").origin_payment_id
        if payments:
            self.env["fin.payment.line"]._refuse_by_hand(payments, attempt)

    def write(self, vals):
        if _MOVE & vals.keys() or vals.get("state") in _BACK:
            self._refuse_payments_by_hand("write")
        return super().write(vals)

    def unlink(self):
        self._refuse_payments_by_hand("unlink")
        return super().unlink()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        if _ITEM & vals.keys():
            self.move_id._refuse_payments_by_hand("write")
        return super().write(vals)

    def unlink(self):
        self.move_id._refuse_payments_by_hand("unlink")
        return super().unlink()


class AccountPartialReconcile(models.Model):
    """A bill that is cut off from its payment would be open, and paid again. The bank's side may be matched anew."""

    _inherit = "account.partial.reconcile"

    def unlink(self):
        items = (self.debit_move_id | self.credit_move_id).filtered(
            lambda item: item.account_id.account_type in _OF_BILLS
        )
        items.move_id._refuse_payments_by_hand("unlink")
        return super().unlink()
