"""Guards against the past: was it paid before, did the account change, is it unlike what this partner was paid."""

from collections import defaultdict

from odoo import fields, models

from ...core.payment_names import number
from .fin_payment_objections import TELL

GONE = ("dropped", "rejected", "returned")
MUCH = 3  # times the largest payment of a year


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    paid_to = fields.Char(readonly=True, copy=False, string="Account when submitted")

    def _find(self):
        yield from super()._find()
        for batch, lines in self.grouped("batch_id").items():
            how = batch._weight("duplicate")
            if how:
                yield from lines._find_paid_before(how, batch._payment_policy()["duplicate_days"])
            before = lines._paid_before(batch)
            for line in lines:
                yield from line._find_unusual(before[line.partner_id], batch._weight("account"))

    # The same bill twice

    def _find_paid_before(self, how, days):
        """Same partner, same amount, same number: in another payment, in this one, or paid by hand."""
        batch = self[:1].batch_id
        since = fields.Date.subtract(batch.execute_on, days=days)
        paid = self._other_parts(batch, since)
        by_hand = self._payments_by_hand(batch, since)
        for line in self:
            told = []
            for part in line.part_ids:
                key = part._same_key()
                twins = [twin for twin in paid.get(key, ()) if twin.move_line_id != part.move_line_id]
                told += [f"{part.document}: {twin.line_id.end_to_end_id}" for twin in twins[:1]]
                told += [f"{part.document}: {payment.name}" for payment in by_hand.get(key, ())[:1]]
            if told:
                yield line, "duplicate", self.env._("It looks paid already: %s", "; ".join(told)), how

    def _other_parts(self, batch, since):
        """(partner, amount, number) -> parts of payments, these included, that are planned or were made."""
        # sudo: a bill is not paid twice because somebody does not see the other payment
        parts = (
            self.env["fin.payment.part"]
            .sudo()  # sudo: as above
            .search(
                [
                    ("company_id", "=", batch.company_id.id),
                    ("line_id.partner_id", "in", self.partner_id.ids),
                    ("line_id.state", "not in", GONE),
                    ("line_id.batch_id.execute_on", ">=", since),
                ]
            )
        )
        found = defaultdict(list)
        for part in parts | self.part_ids.sudo():  # sudo: as above
            found[part._same_key()].append(part)
        found.pop(None, None)
        return found

    def _payments_by_hand(self, batch, since):
        """The same of confirmed payments that no batch has made, by the numbers of their bills and their memo; what was
        taken out of the books again has paid nothing.
        """
        payments = self._confirmed_of_partners(batch, since, [("currency_id", "=", batch.currency_id.id)])
        of_batches = self.sudo().search([("payment_id", "in", payments.ids)]).payment_id  # sudo: as above
        found = defaultdict(list)
        for payment in (payments - of_batches).filtered(lambda payment: not self._is_out(payment)):
            bills = payment.reconciled_bill_ids if batch.kind == "credit" else payment.reconciled_invoice_ids
            for told in {payment.memo, payment.payment_reference, *bills.mapped("ref"), *bills.mapped("name")}:
                key = (
                    payment.partner_id.commercial_partner_id,
                    payment.currency_id.round(payment.amount),
                    number(told),
                )
                found[key].append(payment)
        return found

    def _confirmed_of_partners(self, batch, since, narrower):
        """Confirmed payments of these partners in the batch's direction since that day, newest first."""
        direction = "outbound" if batch.kind == "credit" else "inbound"
        # sudo: as above
        payments = self.env["account.payment"].sudo()
        return payments.search(
            [
                ("company_id", "=", batch.company_id.id),
                ("partner_id", "child_of", self.partner_id.commercial_partner_id.ids),
                ("payment_type", "=", direction),
                ("state", "in", ("in_process", "paid")),
                ("date", ">=", since),
                *narrower,
            ],
            order="date desc, id desc",
        )

    # Unlike before

    def _paid_before(self, batch):
        """Partner -> [(day, amount, account number)] of what they were paid within a year, newest first."""
        since = fields.Date.subtract(batch.execute_on, years=1)
        payments = self._confirmed_of_partners(batch, since, [("id", "not in", self.payment_id.ids)])
        lines = self.sudo().search([("payment_id", "in", payments.ids)])  # sudo: as above
        paid_to = {line.payment_id: line.paid_to for line in lines}
        found = defaultdict(list)
        for payment in payments:
            account = paid_to.get(payment) or payment._fin_account_then()
            found[payment.partner_id.commercial_partner_id].append((payment.date, payment.amount, account))
        return found

    def _find_unusual(self, before, account_weight):
        account = self.partner_bank_id.sanitized_acc_number
        if not before:
            yield self, "first", self.env._("This partner was paid nothing within a year."), TELL
            return
        last = next((told for _day, _amount, told in before if told), None)
        if account_weight and account and last and last != account:
            told = {"day": before[0][0], "last": last}
            words = self.env._("The account changed since the payment of %(day)s, which went to %(last)s.", **told)
            yield self, "account", words, account_weight
        largest = max(amount for _day, amount, _account in before)
        if self.amount > MUCH * largest:
            words = self.env._(
                "More than %(times)s times the largest payment of a year (%(most)s).", times=MUCH, most=largest
            )
            yield self, "amount", words, TELL


class FinPaymentPart(models.Model):
    _inherit = "fin.payment.part"

    def _same_key(self):
        told = number(self.document)
        amount = self.currency_id.round(self.amount + self.discount)
        return (self.line_id.partner_id.commercial_partner_id, amount, told) if told else None


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _fin_account_then(self):
        """The number of the account when it was paid to: as tracked, where it was changed since."""
        account = self.partner_bank_id
        changed = self.env["mail.tracking.value"].search(
            [
                ("mail_message_id.model", "=", "res.partner.bank"),
                ("mail_message_id.res_id", "=", account.id),
                ("field_id.name", "=", "acc_number"),
                ("create_date", ">=", self.create_date),
            ],
            order="id",
            limit=1,
        )
        return "".join((changed.old_value_char or account.acc_number or "").split()).upper() or None
