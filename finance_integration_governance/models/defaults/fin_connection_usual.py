from odoo import fields, models

from .fin_policy_usual import BREAKER


class FinConnection(models.Model):
    """When a connection is left alone, and when its system is not there each week: its own, else as usual."""

    _inherit = "fin.connection"

    breaker_failures = fields.Integer(
        "Left alone after failures", tracking=True, help="In a row. 0: as usual in the company, else 5."
    )
    breaker_first_seconds = fields.Integer(
        "Left alone for", tracking=True, help="Seconds; each time in a row twice as long. 0: as usual, else 60."
    )
    breaker_longest_seconds = fields.Integer(
        "Left alone at most for", tracking=True, help="Seconds. 0: as usual, else 3600."
    )
    is_maintained_apart = fields.Boolean(
        "Has no usual maintenance", tracking=True, help="Only what is announced for this connection counts."
    )

    _breaker_positive = models.Constraint(
        "CHECK(LEAST(breaker_failures, breaker_first_seconds, breaker_longest_seconds) >= 0)",
        "Failures and times are not negative.",
    )

    def _document(self):
        usual = self.company_id._fin_policy()["usual"]
        own = {name: self[field.removeprefix("usual_")] for name, field in BREAKER.items()}
        told = {"breaker": usual.get("breaker", {}) | {name: value for name, value in own.items() if value}}
        if not self.is_maintained_apart:
            told["weekly"] = usual.get("weekly")
        return super()._document() | {name: part for name, part in told.items() if part}
