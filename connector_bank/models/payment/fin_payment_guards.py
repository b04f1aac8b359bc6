"""Guards of one payment: is there an account, may it be paid to, does everything that the bank wants stand there."""

from odoo import models

from ...core.payment_names import alike
from .fin_payment_objections import FORBID, TELL


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    def _find(self):
        yield from super()._find()
        blocks = self.env["fin.payment.block"]
        for company, lines in self.grouped("company_id").items():
            against = blocks._against(company, lines.move_line_ids)
            listed = blocks._listed(company)
            for line in lines:
                yield from line._find_account()
                yield from line._find_block(against, listed)
                yield from line._find_name()
                yield from line._find_mandate()

    def _find_account(self):
        account = self.partner_bank_id
        if not account.sanitized_acc_number or not account.active:
            why = self.env._("There is no bank account to pay to.")
            if self.batch_id.kind == "debit":
                why = self.env._("There is no mandate in force, so no account to collect from.")
            yield self, "no_account", why, FORBID
            return
        if self.batch_id.kind == "credit" and not account.allow_out_payment:
            yield self, "untrusted", self.env._("Nobody has verified the account %s.", account.acc_number), FORBID
        misfits = self._misfits()
        if misfits:
            yield self, "missing_data", self.env._("The bank would refuse it: %s", ", ".join(misfits)), FORBID
        others = account.sudo().duplicate_bank_partner_ids - self.partner_id  # sudo: that somebody has it, not who
        if others:
            yield self, "shared_account", self.env._("Another partner has the same account."), TELL

    def _find_block(self, against, listed):
        for block in {against[item] for item in self.move_line_ids if item in against}:
            code, words = self.batch_id._why_blocked(block)
            yield self, code, words, FORBID
        if any(bill.payment_state == "blocked" for bill in self.move_line_ids.move_id):
            yield self, "blocked_bill", self.env._("The bill is blocked for payment."), FORBID
        why = self._is_listed(listed)
        if why:
            yield self, "block_list", self.env._("It is on the block list: %s", why), FORBID

    def _is_listed(self, listed):
        """Why it is on the list, by account, name or VAT number."""
        partner, account = self.partner_id.commercial_partner_id, self.partner_bank_id
        names = (partner.name, account.acc_holder_name, partner.vat, account.sanitized_acc_number)
        return next((listed[key] for key in map(self.env["fin.payment.block"]._key, names) if key in listed), None)

    def _find_name(self):
        account, how = self.partner_bank_id, self.batch_id._weight("name")
        holder, partner = account.acc_holder_name, self.partner_id.commercial_partner_id.name
        if how and holder and not alike(holder, partner):
            told = {"holder": holder, "partner": partner}
            yield self, "name", self.env._("The account is held by %(holder)s, not by %(partner)s.", **told), how

    def _find_mandate(self):
        batch, mandate = self.batch_id, self.mandate_id
        if batch.kind == "debit" and mandate and not mandate._is_usable(batch.execute_on):
            words = self.env._("The mandate %s has ended, or was not used for three years.", mandate.reference)
            yield self, "mandate", words, FORBID
