from odoo import api, fields, models


class FinReconciliationLine(models.Model):
    """A measure in words."""

    _inherit = "fin.reconciliation.line"

    measure_text = fields.Char(compute="_compute_measure_text", string="Control Total")
    is_equal_text = fields.Selection(
        [("yes", "Equal"), ("no", "Different")], compute="_compute_is_equal_text", string="Answer"
    )

    @api.depends("measure")
    def _compute_measure_text(self):
        words = {"count": self.env._("Number of items"), "hash": self.env._("Checksum over the keys")}
        for line in self:
            line.measure_text = words.get(line.measure) or self.env._("Amount in %s", line.measure)

    @api.depends("is_equal")
    def _compute_is_equal_text(self):
        for line in self:
            line.is_equal_text = "yes" if line.is_equal else "no"
