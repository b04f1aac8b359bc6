from odoo import api, fields, models

from ..core.continuity import POLICY
from .fin_item_bank import OBJECT

CHOICES = [
    ("wait", "Hold it until it fits: nobody may waive it"),
    ("hold", "Hold it for a person"),
    ("tell", "Book it, and say so in the log"),
]
LABELS = {
    "gap": "Statement Missing Before It",
    "break": "Does Not Go On, or Told Again",
    "overlap": "Overlaps the One Before",
    "unbalanced": "Does Not Add Up",
    "pending": "Holds Entries That Are Not Final",
}


def _choice(name, text=None):
    return fields.Selection(CHOICES, LABELS[name], help=f"{text or ''} Empty: as usual in the company.".strip())


class FinFlow(models.Model):
    """What becomes of a statement that does not fit; approved with the version, as whatever weakens a control."""

    _inherit = "fin.flow"

    bank_gap = _choice("gap")
    bank_break = _choice(
        "break",
        "It opens with another balance than the one before it closed with, or the bank uses its number again.",
    )
    bank_overlap = _choice("overlap", "Entries that are booked already are recognised in either case.")
    bank_unbalanced = _choice(
        "unbalanced",
        "Opening balance and entries do not give the closing balance, or the bank's own totals are not met.",
    )
    bank_pending = _choice("pending", "What is not final is never booked; this is about the entries beside it.")
    is_bank_statement = fields.Boolean(compute="_compute_is_bank_statement")

    @api.depends("object")
    def _compute_is_bank_statement(self):
        for flow in self:
            flow.is_bank_statement = flow.object == OBJECT

    def _compose(self):
        """Only what differs from the default, so that a flow without a choice keeps its digest."""
        usual = self._usual_bank_policy() if self.object == OBJECT else {}
        told = {name: self[f"bank_{name}"] or usual.get(name, POLICY[name][0]) for name in POLICY}
        chosen = {name: value for name, value in told.items() if value != POLICY[name][0]}
        is_told = chosen and self.object == OBJECT
        return super()._compose() | ({"bank_policy": chosen} if is_told else {})

    def _usual_bank_policy(self):
        """What counts where the flow says nothing; the company's policy adds what is usual."""
        return {}

    def _take_bank_policy(self, told, _documents):
        """The policy as a bundle brings it."""
        self.write({f"bank_{name}": told.get(name, POLICY[name][0]) for name in POLICY})
