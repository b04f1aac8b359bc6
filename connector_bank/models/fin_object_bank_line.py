"""What a statement line knows beyond the bank's own words: partner by reference, foreign money, OCA's id."""

import re

from odoo import models

from odoo.addons.finance_integration_governance.core.errors import DataError

from ..core.statement import account_number

_INVOICES = ("out_invoice", "out_refund", "in_invoice", "in_refund")


class FinObjectBankStatement(models.AbstractModel):
    _inherit = "fin.object.bank_statement"

    def _complete(self, entries, vals):
        """Add to the values of the lines, in place, what takes one look-up for all of them."""
        self._add_partners(entries, vals)
        self._add_foreign(entries, vals)
        self._add_unique_ids(entries, vals)

    # The partner, where the account has not said it

    def _add_partners(self, entries, vals):
        named = [(_reference(item), told) for item, told in zip(entries, vals, strict=True) if not told["partner_id"]]
        invoices = self._invoices_of({reference for reference, _told in named if reference})
        for reference, told in named:
            journal = self.env["account.journal"].browse(told["journal_id"])
            fitting = [one for one in invoices.get(reference, ()) if one.company_id == journal.company_id]
            partners = self.env["res.partner"].union(*(one.commercial_partner_id for one in fitting))
            # One reference of two partners is no answer.
            if reference and len(partners) == 1:
                told["partner_id"] = partners.id

    def _invoices_of(self, references):
        """Structured reference, without blanks -> the posted documents that ask to be paid with it."""
        if not references:
            return {}
        # Odoo writes creditor references in fours.
        spelled = references | {" ".join(re.findall(".{1,4}", one)) for one in references}
        asked = [("payment_reference", "in", sorted(spelled)), ("state", "=", "posted")]
        found = self.env["account.move"].search([*asked, ("move_type", "in", _INVOICES)])
        return found.grouped(lambda move: move.payment_reference.replace(" ", ""))

    # Money before it was exchanged

    def _add_foreign(self, entries, vals):
        """What the other side paid or got, where it is in a currency of Odoo's other than the journal's."""
        names = {item.content.get("original_currency") for item in entries} - {None}
        known = self.env["res.currency"].search([("name", "in", sorted(names))]).grouped("name") if names else {}
        for item, told in zip(entries, vals, strict=True):
            currency = known.get(item.content.get("original_currency"))
            amount = abs(float(item.content.get("original_amount") or 0))
            if currency and currency.name != item.currency and not currency.is_zero(amount) and told["amount"]:
                told["foreign_currency_id"] = currency.id
                told["amount_currency"] = amount if told["amount"] > 0 else -amount

    # OCA's statement modules

    def _add_unique_ids(self, entries, vals):
        """The id by which OCA's importers know a line again, where they are installed; what they brought stays one."""
        lines = self.env["account.bank.statement.line"]
        if "unique_import_id" not in lines._fields:
            return
        ids = [_unique_id(item, told["journal_id"]) for item, told in zip(entries, vals, strict=True)]
        there = lines.search([("unique_import_id", "in", ids)])
        foreign = there.filtered(lambda line: not line.fin_item_id)
        if foreign:
            text = "the line was imported by another module before, and is not booked twice"
            raise DataError(text, code="imported_elsewhere", line=foreign[0].id)
        taken = set(there.mapped("unique_import_id"))
        for told, unique in zip(vals, ids, strict=True):
            # What a rollback has reversed keeps its id; there is one of each.
            told["unique_import_id"] = unique if unique not in taken else False


def _reference(item):
    return (item.content.get("structured_reference") or "").replace(" ", "")


def _unique_id(item, journal):
    """As OCA writes it: account, journal, and what the bank calls the entry, else our key."""
    account = account_number(item.content["account"])
    return f"{account}-{journal}-{item.key.removeprefix(f'ref1:{account}:')}"
