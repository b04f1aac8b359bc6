from odoo import api, fields, models

from ..core.continuity import POLICY
from .fin_item_bank import OBJECT

CHOICES = [("hold", "Hold it for a person"), ("tell", "Book it, and say so in the log")]


class FinFlow(models.Model):
    """What becomes of a statement that does not fit; approved with the version, as whatever weakens a control."""

    _inherit = "fin.flow"

    bank_gap = fields.Selection(CHOICES, "Statement Missing Before It", default=POLICY["gap"][0], required=True)
    bank_break = fields.Selection(
        CHOICES,
        "Does Not Go On, or Told Again",
        default=POLICY["break"][0],
        required=True,
        help="It opens with another balance than the one before it closed with, or the bank uses its number again.",
    )
    bank_overlap = fields.Selection(
        CHOICES,
        "Overlaps the One Before",
        default=POLICY["overlap"][0],
        required=True,
        help="Entries that are booked already are recognised in either case.",
    )
    bank_unbalanced = fields.Selection(
        CHOICES,
        "Does Not Add Up",
        default=POLICY["unbalanced"][0],
        required=True,
        help="Opening balance and entries do not give the closing balance, or the bank's own totals are not met.",
    )
    is_bank_statement = fields.Boolean(compute="_compute_is_bank_statement")

    @api.depends("object")
    def _compute_is_bank_statement(self):
        for flow in self:
            flow.is_bank_statement = flow.object == OBJECT

    def _compose(self):
        """Only what differs from the default, so that a flow without a choice keeps its digest."""
        chosen = {name: self[f"bank_{name}"] for name in POLICY if self[f"bank_{name}"] != POLICY[name][0]}
        is_told = chosen and self.object == OBJECT
        return super()._compose() | ({"bank_policy": chosen} if is_told else {})

    def _take_bank_policy(self, told, _documents):
        """The policy as a bundle brings it."""
        self.write({f"bank_{name}": told.get(name, POLICY[name][0]) for name in POLICY})
