from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What is usual in a company, as settings: saved, it waits for a second person, and then for flows to take it."""

    _inherit = "res.config.settings"

    fin_policy_calendar_id = fields.Many2one("resource.calendar", string="Working Days and Hours")
    fin_policy_usual_on_time_minutes = fields.Integer("Done within (minutes)")
    fin_policy_usual_fresh_minutes = fields.Integer("Data no older than (minutes)")
    fin_policy_usual_acknowledge_minutes = fields.Integer("Exceptions taken on within (minutes)")
    fin_policy_usual_resolve_minutes = fields.Integer("Exceptions closed within (minutes)")
    fin_policy_usual_reconcile_minutes = fields.Integer("Totals tie within (minutes)")
    fin_policy_usual_success_percent = fields.Integer("Runs that succeed (%)")
    fin_policy_usual_escalation = fields.Char("Goes up to")
    fin_policy_usual_retry_attempts = fields.Integer("Tries again")
    fin_policy_usual_retry_minutes = fields.Integer("For at most (minutes)")
    fin_policy_usual_retry_first_seconds = fields.Integer("First after (seconds)")
    fin_policy_usual_retry_longest_minutes = fields.Integer("Never later than (minutes)")
    fin_policy_usual_breaker_failures = fields.Integer("After failures in a row")
    fin_policy_usual_breaker_first_seconds = fields.Integer("For (seconds)")
    fin_policy_usual_breaker_longest_seconds = fields.Integer("At most for (seconds)")
    fin_policy_usual_maintenance_day = fields.Selection(
        lambda self: self.env["fin.policy"]._fields["usual_maintenance_day"].selection, string="On"
    )
    fin_policy_usual_maintenance_from = fields.Float("From")
    fin_policy_usual_maintenance_minutes = fields.Integer("Lasts (minutes)")
