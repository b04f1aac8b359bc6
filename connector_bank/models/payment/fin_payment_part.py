from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.finance_integration_governance.models.writer import is_writer


class FinPaymentPart(models.Model):
    """How much of one open item a payment pays. A credit note that it takes into account is a part below zero."""

    _name = "fin.payment.part"
    _description = "Part of a Payment"
    _inherit = ["fin.payment.draft"]
    _order = "line_id, id"
    _rec_name = "document"
    _by_preparers = frozenset({"amount"})

    line_id = fields.Many2one("fin.payment.line", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, precompute=True)
    move_line_id = fields.Many2one("account.move.line", required=True, readonly=True, ondelete="restrict", index=True)
    document = fields.Char(required=True, readonly=True)
    due_on = fields.Date(readonly=True)
    currency_id = fields.Many2one(related="line_id.currency_id", store=True, precompute=True)
    open_amount = fields.Monetary(readonly=True, string="Open", help="When it was proposed.")
    amount = fields.Monetary(required=True, string="Paid")
    discount = fields.Monetary(readonly=True, string="Discount taken")
    discount_until = fields.Date(readonly=True)
    is_in_part = fields.Boolean(compute="_compute_is_in_part")
    # Written with the state of its payment, so that an index can hold it.
    is_planned = fields.Boolean(readonly=True, default=True, copy=False)

    # After submission the open item itself is less by what is paid; until then nothing else says so.
    _planned_uniq = models.UniqueIndex("(move_line_id) WHERE is_planned", "An open item is in another batch already.")

    @api.constrains("amount")
    def _check_amount(self):
        """A bill is paid up to what is open of it; a credit note is taken into account up to what it is worth."""
        for part in self:
            if not part._is_within():
                most = part.open_amount - part.discount
                raise ValidationError(
                    self.env._("%(document)s: from 0 to %(open)s may be paid.", document=part.document, open=most)
                )
            if part.line_id.amount <= 0 or len(part.line_id.part_ids.filtered("is_in_part")) > 1:
                raise ValidationError(
                    self.env._("A payment is more than zero, and pays one of its bills in part at most.")
                )

    def _is_within(self):
        most, compare = self.open_amount - self.discount, self.currency_id.compare_amounts
        sign = 1 if most > 0 else -1
        return compare(sign * self.amount, 0) > 0 and compare(sign * self.amount, sign * most) <= 0

    @api.depends("amount", "discount", "open_amount")
    def _compute_is_in_part(self):
        for part in self:
            part.is_in_part = bool(part.currency_id.compare_amounts(part.open_amount, part.amount + part.discount))

    def write(self, vals):
        # A discount is for who pays the whole.
        return super().write({**vals, "discount": 0} if "amount" in vals and is_writer(self) else vals)

    def _batch(self):
        return self.line_id.batch_id

    @api.depends("document")
    def _compute_display_name(self):
        for part in self:
            part.display_name = part.document
