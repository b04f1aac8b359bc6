from odoo import fields, models

from ..fin_flow_bank import CHOICES, LABELS


class ResConfigSettings(models.TransientModel):
    """What is usual for statements, as settings: saved, it waits for a second person, and then for flows to take it."""

    _inherit = "res.config.settings"

    fin_policy_usual_bank_gap = fields.Selection(CHOICES, LABELS["gap"])
    fin_policy_usual_bank_break = fields.Selection(CHOICES, LABELS["break"])
    fin_policy_usual_bank_overlap = fields.Selection(CHOICES, LABELS["overlap"])
    fin_policy_usual_bank_unbalanced = fields.Selection(CHOICES, LABELS["unbalanced"])
    fin_policy_usual_bank_pending = fields.Selection(CHOICES, LABELS["pending"])
    fin_policy_usual_bank_look_back = fields.Integer("Looked Back (days)")
    fin_policy_consent_reminders = fields.Char("Consent Reminders (days before)")
