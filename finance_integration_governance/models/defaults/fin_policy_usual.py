"""What is usual in a company: promises, escalation, tries, when a connection is left alone, weekly maintenance.

A flow that says nothing of its own gets it into its document when it is proposed; no run reads it here.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...core.weekly import DAILY, DAYS
from ..service.fin_exception_clock import CHAIN

LEVELS = {
    "on_time": "usual_on_time_minutes",
    "fresh": "usual_fresh_minutes",
    "acknowledge": "usual_acknowledge_minutes",
    "resolve": "usual_resolve_minutes",
    "reconcile": "usual_reconcile_minutes",
    "success": "usual_success_percent",
}
RETRY = {
    "attempts": "usual_retry_attempts",
    "minutes": "usual_retry_minutes",
    "first": "usual_retry_first_seconds",
    "longest": "usual_retry_longest_minutes",
}
BREAKER = {
    "failures": "usual_breaker_failures",
    "first": "usual_breaker_first_seconds",
    "longest": "usual_breaker_longest_seconds",
}
ROLES = (*CHAIN, "technical")
HOURS = 24


class FinPolicy(models.Model):
    _inherit = "fin.policy"

    calendar_id = fields.Many2one(readonly=False)
    usual_on_time_minutes = fields.Integer("Usually done within", tracking=True, help="Minutes after it was due.")
    usual_fresh_minutes = fields.Integer("Data usually no older than", tracking=True, help="Working minutes.")
    usual_acknowledge_minutes = fields.Integer(
        "Exceptions usually taken on within", tracking=True, help="Working minutes."
    )
    usual_resolve_minutes = fields.Integer("Exceptions usually closed within", tracking=True, help="Working minutes.")
    usual_reconcile_minutes = fields.Integer("Totals usually tie within", tracking=True, help="Minutes of a run.")
    usual_success_percent = fields.Integer("Runs that usually succeed", tracking=True, help="Percent.")
    usual_escalation = fields.Char(
        "Usually goes up to", tracking=True, help=f"In this order. Empty: {', '.join(CHAIN)}."
    )
    usual_retry_attempts = fields.Integer("Usually tries again", tracking=True)
    usual_retry_minutes = fields.Integer("Usually tries for at most", tracking=True, help="Minutes.")
    usual_retry_first_seconds = fields.Integer("Usually tries first after", tracking=True, help="Seconds.")
    usual_retry_longest_minutes = fields.Integer("Usually never waits longer than", tracking=True, help="Minutes.")
    usual_breaker_failures = fields.Integer("Usually left alone after failures", tracking=True, help="In a row.")
    usual_breaker_first_seconds = fields.Integer("Usually left alone for", tracking=True, help="Seconds, then longer.")
    usual_breaker_longest_seconds = fields.Integer(
        "Usually left alone at most for", tracking=True, help="Seconds, however often it has failed."
    )
    usual_maintenance_day = fields.Selection(
        [(name, name.capitalize()) for name in (DAILY, *DAYS)], string="Usual maintenance", tracking=True
    )
    usual_maintenance_from = fields.Float("Usual maintenance begins at", tracking=True, help="Wall time.")
    usual_maintenance_minutes = fields.Integer("Usual maintenance lasts", tracking=True, help="Minutes.")

    _usual_positive = models.Constraint(
        f"CHECK(LEAST({', '.join((*LEVELS.values(), *RETRY.values(), *BREAKER.values()))}) >= 0 "
        "AND usual_success_percent <= 100)",
        "Tries, times and percentages are not negative, and no more than all runs succeed.",
    )
    _usual_maintenance = models.Constraint(
        "CHECK(usual_maintenance_from >= 0 AND usual_maintenance_from < 24 "
        f"AND usual_maintenance_minutes BETWEEN 0 AND {HOURS * 60 // 2})",
        "Maintenance begins at a time of the day and lasts half a day at most.",
    )

    @api.constrains("usual_escalation")
    def _check_usual_escalation(self):
        for policy in self:
            self.env["fin.flow"]._read_escalation(policy.usual_escalation)

    def _compose(self):
        usual = {name: part for name, part in self._usual_parts().items() if part}
        return super()._compose() | ({"usual": usual} if usual else {})

    @api.model
    def _strict(self):
        return super()._strict() | {"usual": {}}

    def _usual_parts(self):
        parts = {
            part: {name: self[field] for name, field in named.items() if self[field]}
            for part, named in (("levels", LEVELS), ("retry", RETRY), ("breaker", BREAKER))
        }
        escalation = self.env["fin.flow"]._read_escalation(self.usual_escalation)
        return parts | {"escalation": escalation, "weekly": self._usual_weekly()}

    def _usual_weekly(self):
        if not (self.usual_maintenance_day and self.usual_maintenance_minutes):
            return {}
        minutes = round(self.usual_maintenance_from * 60)
        return {
            "day": self.usual_maintenance_day,
            "from": f"{minutes // 60 % HOURS:02}:{minutes % 60:02}",
            "minutes": self.usual_maintenance_minutes,
            "zone": self.company_id.resource_calendar_id.tz or "UTC",
        }

    def action_propose_flows(self):
        """One change request for the flows in use whose live version says something else than would be usual now."""
        self.ensure_one()
        self._need("group_administrator")
        used = [("company_id", "=", self.company_id.id), ("state", "in", ("active", "paused"))]
        flows = self.env["fin.flow"].search(used).filtered(lambda flow: flow.live_version_id and flow._is_unusual())
        if not flows:
            raise UserError(self.env._("Every flow in use has what the policy in force says."))
        return self.env["fin.change"]._ask_why(flows, self.env._("As usual in %s", self.company_id.name))


class FinFlow(models.Model):
    _inherit = "fin.flow"

    @api.model
    def _read_escalation(self, text):
        """`steward, owner` as a list of roles; ValidationError where a word is none, or stands twice."""
        told = [word.strip().lower() for word in (text or "").split(",") if word.strip()]
        wrong = [word for word in told if word not in ROLES or told.count(word) > 1]
        if wrong:
            raise ValidationError(
                self.env._(
                    "%(word)s is no step of an escalation, or stands twice. The steps are %(roles)s.",
                    word=wrong[0],
                    roles=", ".join(ROLES),
                )
            )
        return told
