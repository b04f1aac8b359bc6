from odoo import models


class FinMatchSearch(models.AbstractModel):
    """What stands behind one line of the bank for a whole batch: the entries of its payments that are in process."""

    _inherit = "fin.match.search"

    def _batches(self, company, told):
        found = super()._batches(company, told)
        # sudo: whoever matches the line of a batch sees the entries of its payments, and nothing else of it
        batches, items = self.env["fin.payment.batch"].sudo(), self.env["account.move.line"].sudo()
        for name, journal in {(line.batch, line.journal) for line in told if line.batch}:
            mine = [("company_id", "=", company.id), ("journal_id.code", "=", journal)]
            payments = batches._lines_booked_as(name, mine).payment_id
            behind = [("move_id.origin_payment_id", "in", payments.ids), ("reconciled", "=", False)]
            found[name] = items.search(behind, order="id").ids
        return found
