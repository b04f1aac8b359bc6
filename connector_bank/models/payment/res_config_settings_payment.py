from odoo import fields, models

from .fin_policy_payment import SEVERITY


class ResConfigSettings(models.TransientModel):
    """What a company asks of payments, as settings: saved, it waits for a second person."""

    _inherit = "res.config.settings"

    fin_policy_payment_six_eyes = fields.Float("Six Eyes From", digits=(16, 2))
    fin_policy_payment_eight_eyes = fields.Float("Eight Eyes From", digits=(16, 2))
    fin_policy_payment_duplicate_days = fields.Integer("Looked Back for Duplicates (days)")
    fin_policy_payment_duplicate = fields.Selection(SEVERITY, "Paid Before")
    fin_policy_payment_name = fields.Selection(SEVERITY, "Holder Is Not the Partner")
    fin_policy_payment_account = fields.Selection(SEVERITY, "Account Changed Since the Last Payment")
    fin_policy_payment_cash = fields.Selection(SEVERITY, "Cash Is Not There")
    fin_policy_payment_cutoff_sepa = fields.Float("SEPA Credit Transfer")
    fin_policy_payment_cutoff_instant = fields.Float("SEPA Instant")
    fin_policy_payment_cutoff_foreign = fields.Float("Foreign Payment")
    fin_policy_payment_cutoff_core = fields.Float("Direct Debit Core")
    fin_policy_payment_cutoff_b2b = fields.Float("Direct Debit B2B")
    fin_policy_payment_schemes = fields.Char("Schemes by Account")
    fin_policy_payment_block_list = fields.Text("Block List")
