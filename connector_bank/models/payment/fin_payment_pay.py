"""Payments in the books, by Odoo's own means: confirmed, matched with the bills, discounts as their terms say."""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.finance_integration_governance.models.writer import as_writer


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    def _pay(self):
        """A confirmed payment for each of these, matched with its bills; all of them at once, as there may be many."""
        self._guard_open()
        payments = self.env["account.payment"].with_context(skip_invoice_sync=True)
        payments = payments.create([line._payment_vals() for line in self])
        payments.action_post()
        for line, payment in zip(self, payments, strict=True):
            as_writer(line).payment_id = payment
        self._match()

    def _guard_open(self):
        """UserError where less is open by now than would be paid."""
        for part in self.part_ids:
            if part._is_too_much():
                raise UserError(
                    self.env._(
                        "%(document)s of %(partner)s: less is open by now. Drop it or make a new proposal.",
                        document=part.document,
                        partner=part.line_id.partner_id.display_name,
                    )
                )

    def _payment_vals(self):
        batch = self.batch_id
        direction = "outbound" if batch.kind == "credit" else "inbound"
        account = self.part_ids[:1].move_line_id.account_id
        methods = batch.journal_id._get_available_payment_method_lines(direction)
        return {
            "date": batch.execute_on,
            "amount": self.amount,
            "payment_type": direction,
            "partner_type": "customer" if account.account_type == "asset_receivable" else "supplier",
            "memo": self.reference or self.text or self.documents,
            "payment_reference": self.end_to_end_id,
            "journal_id": batch.journal_id.id,
            "company_id": batch.company_id.id,
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.id,
            "partner_bank_id": self.partner_bank_id.id
            if batch.kind == "credit"
            else batch.journal_id.bank_account_id.id,
            "payment_method_line_id": methods[:1].id,
            "destination_account_id": account.id,
            "invoice_ids": [Command.set(self.move_line_ids.move_id.ids)],
            **self._write_off_vals(),
        }

    def _write_off_vals(self):
        """Only where there is one: a payment that names any, if only an empty one, Odoo books by itself."""
        discounts = self._discount_vals()
        return {"write_off_line_vals": discounts} if discounts else {}

    def _discount_vals(self):
        """The discounts taken, as the payment terms of the bills book them."""
        discounted = self.part_ids.filtered("discount")
        if not discounted:
            return []
        company, date = self.batch_id.company_id, self.batch_id.execute_on
        taken = []
        for part in discounted:
            item = part.move_line_id
            told = {"aml": item, "amount_currency": -item.amount_residual_currency, "balance": -item.amount_residual}
            sign = -1 if self.batch_id.kind == "credit" else 1
            is_own = self.currency_id == company.currency_id
            lost = (
                part.discount
                if is_own
                else self.currency_id._convert(part.discount, company.currency_id, company, date)
            )
            of_terms = self.env["account.move"]._get_invoice_counterpart_amls_for_early_payment_discount
            for values in of_terms([told], sign * lost).values():
                taken += values
        return taken

    def _match(self):
        """Reconcile with the bills, those that are paid whole first, so that only a part stays open of the last."""
        items = self.env["account.move.line"]
        whole = {line: line.part_ids.filtered(lambda part: part._is_whole()).move_line_id for line in self}
        items._reconcile_plan([line._own_item() + paid for line, paid in whole.items() if paid])
        in_part = {line: (line.move_line_ids - whole[line]).filtered(lambda item: not item.reconciled) for line in self}
        items._reconcile_plan([line._own_item() + rest for line, rest in in_part.items() if rest])

    def _own_item(self):
        """What of the payment's entry is matched with the bills, as far as it is open."""
        account = self.part_ids[:1].move_line_id.account_id
        return self.payment_id.move_id.line_ids.filtered(
            lambda item: item.account_id == account and not item.reconciled
        )

    def _unpay(self):
        """Take the payments out of the books: the bills are open again, and the timeline names what was booked."""
        for line in self:
            # sudo: who says no to payments need not be allowed to book; what is taken out is what the batch has made
            payment = line.payment_id.sudo()
            as_writer(line).payment_id = False
            if not line._is_out(payment):
                entry, text = line._take_out(payment)
                line._happened("reopened", text=f"{payment.name}: {text}", move_id=entry)


class FinPaymentPart(models.Model):
    _inherit = "fin.payment.part"

    def _is_open(self):
        item = self.move_line_id
        return item.parent_state == "posted" and not item.reconciled

    def _residual(self):
        """What of the item is open now, as the batch counts: above zero what it would pay."""
        sign = -1 if self.line_id.batch_id.kind == "credit" else 1
        return sign * self.move_line_id.amount_residual_currency

    def _is_too_much(self):
        left = abs(self._residual()) - abs(self.amount) - abs(self.discount)
        return not self._is_open() or self.currency_id.compare_amounts(left, 0) < 0

    def _is_whole(self):
        left = abs(self._residual()) - abs(self.amount) - abs(self.discount)
        return self.currency_id.is_zero(left)
