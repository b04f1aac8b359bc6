from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The controls of a company as settings: each is a field of its policy, and saved it waits for a second person."""

    _inherit = "res.config.settings"

    fin_policy_anchor_location = fields.Char("Anchor Folder")
    fin_policy_anchor_credentials = fields.Char("Anchor Login")
    fin_policy_anchor_mail = fields.Char("Anchor Mail to")
    fin_policy_anchor_events = fields.Integer("Anchor after Events")
    fin_policy_anchor_minutes = fields.Integer("Anchor after Minutes")
    fin_policy_longest_payload_days = fields.Integer("Payloads at most (days)")
    fin_policy_least_evidence_years = fields.Integer("Evidence at least (years)")
    fin_policy_replay_alone = fields.Integer("Items replayed by one Person")
    fin_policy_close_from = fields.Char("First Period of the Close Calendar")
    fin_policy_clear_viewer = fields.Boolean("Viewers see clear text")
    fin_policy_clear_operator = fields.Boolean("Operators see clear text")
    fin_policy_clear_approver = fields.Boolean("Approvers see clear text")
    fin_policy_clear_auditor = fields.Boolean("Auditors see clear text")
    fin_policy_amounts_viewer = fields.Boolean("Viewers see amounts")
    fin_policy_amounts_operator = fields.Boolean("Operators see amounts")
    fin_policy_amounts_approver = fields.Boolean("Approvers see amounts")
    fin_policy_amounts_auditor = fields.Boolean("Auditors see amounts")
    fin_policy_default_set_id = fields.Many2one(
        "fin.policy.set", string="Policy set of new flows", domain="[('company_id', '=', company_id)]"
    )
