"""The instructions of a proposal: one for each group of open items."""

import uuid

from odoo import models
from stdnum import iso11649

from odoo.addons.finance_integration_governance.models.writer import as_writer

from .fin_payment_objections import TELL


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    def _make_lines(self, groups, discount):
        lines = as_writer(self.env["fin.payment.line"]).create(
            [
                self._line_vals(number, partner, account, items)
                for number, ((partner, _of, account, _own), items) in enumerate(groups.items(), 1)
            ]
        )
        parts = [
            {"line_id": line.id, **self._part_vals(item, discount)}
            for line, items in zip(lines, groups.values(), strict=True)
            for item in items
        ]
        as_writer(self.env["fin.payment.part"]).create(parts)
        return lines.with_env(self.env)

    def _line_vals(self, number, partner, account, items):
        reference, text = self._remittance(items)
        vals = {
            "batch_id": self.id,
            "sequence": number,
            "partner_id": partner.id,
            "partner_bank_id": account.id,
            "end_to_end_id": f"{self.name}-{number:04d}",
            "uetr": str(uuid.uuid4()),
            "reference": reference,
            "text": text,
        }
        if self.kind == "debit":
            mandate = self.env["fin.mandate"]._of(partner, self.company_id, self.scheme, self.execute_on)
            vals |= {"mandate_id": mandate.id, "sequence_type": mandate and mandate._next_sequence()}
        return vals

    def _remittance(self, items):
        """(the creditor's structured reference of a single document, else None; words for the others)."""
        told = [item.move_id.payment_reference or item.move_id.ref or item.move_id.name for item in items]
        if len(items) == 1 and (reference := structured(told[0])):
            return reference, False
        return False, ", ".join(told)

    def _part_vals(self, item, discount):
        # Only where a day stands there: Odoo's own question reads each document anew.
        is_discounted = (
            discount
            and item.discount_date
            and item.move_id._is_eligible_for_early_payment_discount(self.currency_id, self.execute_on)
        )
        sign = -1 if self.kind == "credit" else 1
        amount = sign * (item.discount_amount_currency if is_discounted else item.amount_residual_currency)
        return {
            "move_line_id": item.id,
            "document": item.move_id.ref or item.move_id.name,
            "due_on": item.date_maturity,
            "open_amount": self._open(item),
            "amount": self.currency_id.round(amount),
            "discount": self.currency_id.round(self._open(item) - amount) if is_discounted else 0,
            "discount_until": item.discount_date if is_discounted else False,
        }


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    def _leave_out_odd(self):
        """Where something speaks against a payment it is left out; some of that may be taken in with a reason."""
        judged = self._judged(of_batch=False)
        for line in self:
            line._write_down(judged[line])
            found = [(code, words) for code, words, how in judged[line] if how != TELL]
            if found:
                words = " ".join(words for _code, words in found)
                line._transition("drop", reason=found[0][0])
                line.batch_id._leave_out([(item, found[0][0], words) for item in line.move_line_ids], line)


def structured(text):
    """A creditor's reference after ISO 11649, or None."""
    compact = (text or "").replace(" ", "").upper()
    return compact if iso11649.is_valid(compact) else None
