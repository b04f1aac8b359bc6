"""What every yes is given to: the batch as the bank is going to be told, payment by payment."""

from decimal import Decimal

from odoo import fields, models

from odoo.addons.finance_integration_governance.core.canonical import canonical
from odoo.addons.finance_integration_governance.core.canonical import digest as digest_of
from odoo.addons.finance_integration_governance.core.contract import breaches

from ...core.payment import Payment
from ...core.payment_rules import refusals

CHARGES = {"sepa": "SLEV", "instant": "SLEV", "foreign": "SHAR", "core": "SLEV", "b2b": "SLEV"}


class FinPaymentLine(models.Model):
    _inherit = "fin.payment.line"

    def _payment(self):
        """This instruction as a canonical payment, made of what is live now."""
        batch = self.batch_id
        return Payment(
            batch=batch.name,
            batched_at=batch._batched_at(),
            kind=batch.kind,
            scheme=batch.scheme,
            end_to_end_id=self.end_to_end_id,
            uetr=self.uetr,
            execute_on=batch.execute_on,
            amount=self._exact(self.amount),
            currency=self.currency_id.name,
            charges=CHARGES[batch.scheme],
            reference=self.reference or None,
            text=self.text or None,
            documents=self.documents or None,
            **batch._own_side(),
            **self._other_side(),
            **self._mandate_told(),
        )

    def _exact(self, amount):
        """As many decimals as the currency has, so that no rounding of a float is left."""
        return Decimal(f"{amount:.{self.currency_id.decimal_places}f}")

    def _other_side(self):
        account, partner = self.partner_bank_id, self.partner_id.commercial_partner_id
        return {
            "other_account": account.sanitized_acc_number or "",
            "other_name": account.acc_holder_name or partner.name or "",
            "other_bic": account.bank_bic or None,
            "other_country": partner.country_id.code or None,
            "other_street": partner.street or None,
            "other_postcode": partner.zip or None,
            "other_town": partner.city or None,
        }

    def _mandate_told(self):
        mandate = self.mandate_id
        if not mandate:
            return {}
        before = mandate.account_before or None
        return {
            "mandate": mandate.reference,
            "mandate_on": mandate.signed_on,
            "mandate_amended": bool(before or mandate.reference_before),
            "mandate_before": mandate.reference_before or None,
            "other_account_before": before,
            "sequence": self.sequence_type,
        }

    def _misfits(self):
        """What the bank's formats would refuse, in words."""
        payment = self._payment()
        broken = [f"{breach.member} ({breach.rule})" for breach in breaches(payment)]
        return broken or [words for _code, words in refusals(payment)]


class FinPaymentBatch(models.Model):
    _inherit = "fin.payment.batch"

    def _batched_at(self):
        return fields.Datetime.to_string(self.submitted_at).replace(" ", "T") + "Z" if self.submitted_at else None

    def _own_side(self):
        # sudo: whose account it is that pays is known to whoever pays
        journal, company = self.journal_id.sudo(), self.company_id.sudo().partner_id
        account = journal.bank_account_id
        return {
            "own_account": account.sanitized_acc_number or "",
            "own_name": account.acc_holder_name or company.name or "",
            "own_bic": account.bank_bic or None,
            "own_country": company.country_id.code or None,
            "own_street": company.street or None,
            "own_postcode": company.zip or None,
            "own_town": company.city or None,
            "creditor_scheme_id": (journal.fin_creditor_scheme_id or None) if self.kind == "debit" else None,
        }

    def _document_text(self):
        """The whole batch as canonical text; the same records give the same text."""
        lines = self._paid_lines()
        return canonical(
            {
                "batch": self.name,
                "batched_at": self._batched_at(),
                "company": self.company_id.fin_code,
                "journal": self.journal_id.code,
                "kind": self.kind,
                "scheme": self.scheme,
                "execute_on": self.execute_on,
                "currency": self.currency_id.name,
                "amount": sum((line._exact(line.amount) for line in lines), Decimal()),
                "count": len(lines),
                "payments": [line._payment() for line in lines.sorted(lambda line: (line.sequence, line.id))],
            }
        )

    def _keep_document(self):
        """Keep the text as evidence; the digest is what everybody says yes to."""
        # sudo: documents are the suite's own
        return self.env["fin.document"].sudo()._keep("payment_batch", self._document_text())

    def _is_as_submitted(self):
        """Whether what is live is still what was submitted."""
        return digest_of(self._document_text()) == self.digest
