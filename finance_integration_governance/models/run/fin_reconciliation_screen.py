from decimal import Decimal

from odoo import api, fields, models


class FinReconciliationLine(models.Model):
    """A measure in words, its amounts as they stand in a ledger."""

    _inherit = "fin.reconciliation.line"

    measure_text = fields.Char(compute="_compute_texts", string="Control Total")
    source_text = fields.Char(compute="_compute_texts", string="Handed over")
    target_text = fields.Char(compute="_compute_texts", string="Found in the target")
    is_equal_text = fields.Selection([("yes", "Equal"), ("no", "Different")], compute="_compute_texts", string="Answer")

    @api.depends("measure", "source", "target")
    def _compute_texts(self):
        words = {"count": self.env._("Number of items"), "hash": self.env._("Checksum over the keys")}
        for line in self:
            line.measure_text = words.get(line.measure) or self.env._("Amount in %s", line.measure)
            source, target = line._sides()
            line.source_text, line.target_text = line._shown(source), line._shown(target)
            line.is_equal_text = "yes" if line._read(source) == line._read(target) else "no"

    def _sides(self):
        return self.source, self.target

    def _read(self, text):
        """110 and 110.00 are the same amount."""
        return Decimal(text) if text and self.measure not in ("count", "hash") else text

    def _shown(self, text):
        """An amount with the currency's decimals and no less than were kept."""
        if not text or self.measure in ("count", "hash"):
            return text
        currencies = self.env["res.currency"].with_context(active_test=False)
        currency = currencies.search([("name", "=", self.measure)], limit=1)
        amount = Decimal(text).normalize()
        places = max(currency.decimal_places if currency else 2, -amount.as_tuple().exponent)
        return format(amount, f",.{places}f")
