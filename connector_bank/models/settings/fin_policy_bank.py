"""What is usual in a company for statements that do not fit, for flows of statements that say nothing of their own."""

from odoo import fields, models

from ...core.continuity import POLICY
from ..fin_flow_bank import CHOICES, LABELS


def usual_choice(name):
    return fields.Selection(CHOICES, f"Usually: {LABELS[name]}", tracking=True, help="Empty: as the suite comes.")


class FinPolicy(models.Model):
    _inherit = "fin.policy"

    usual_bank_gap = usual_choice("gap")
    usual_bank_break = usual_choice("break")
    usual_bank_overlap = usual_choice("overlap")
    usual_bank_unbalanced = usual_choice("unbalanced")
    usual_bank_pending = usual_choice("pending")

    def _usual_parts(self):
        chosen = {name: self[f"usual_bank_{name}"] for name in POLICY if self[f"usual_bank_{name}"]}
        return super()._usual_parts() | {"bank": chosen}
