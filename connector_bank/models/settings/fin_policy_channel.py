"""How far back banks are asked as usual, and when somebody is reminded of a consent that ends."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..channel.fin_consent import REMINDED


class FinPolicy(models.Model):
    _inherit = "fin.policy"

    usual_bank_look_back = fields.Integer(
        "Usually looked back (days)", tracking=True, help="Of flows that ask a bank's interface. 0: seven days."
    )
    consent_reminders = fields.Char(
        "Consent reminders (days before)",
        default=", ".join(map(str, REMINDED)),
        required=True,
        tracking=True,
        help="Each is told once, to whoever renews the consent.",
    )

    _look_back_positive = models.Constraint("CHECK(usual_bank_look_back >= 0)", "Nobody looks back less than 0 days.")

    @api.constrains("consent_reminders")
    def _check_consent_reminders(self):
        for policy in self:
            if not policy._reminders():
                raise ValidationError(
                    self.env._("Reminders are days between 1 and 365, between commas, such as 30, 14, 7, 1.")
                )

    def _reminders(self):
        """The days, the longest first; empty where somebody wrote something else."""
        words = [word.strip() for word in (self.consent_reminders or "").split(",")]
        days = {int(word) for word in words if word.isascii() and word.isdigit()}
        is_right = len(days) == len(words) and all(1 <= day <= 365 for day in days)
        return sorted(days, reverse=True) if is_right else []

    def _compose(self):
        days = self._reminders()
        return super()._compose() | ({"consent_reminders": days} if days != list(REMINDED) else {})

    @api.model
    def _strict(self):
        return super()._strict() | {"consent_reminders": list(REMINDED)}

    def _usual_parts(self):
        days = self.usual_bank_look_back
        return super()._usual_parts() | {"bank_channel": {"look_back": days} if days else {}}


class FinFlow(models.Model):
    _inherit = "fin.flow"

    def _compose(self):
        """What is usual where the flow says nothing of its own."""
        told = super()._compose()
        usual = self.company_id._fin_policy()["usual"].get("bank_channel") if self.is_usual else None
        if not usual or not self.is_bank_api:
            return told
        return told | {"bank_channel": usual | told.get("bank_channel", {})}

    def _is_unusual(self):
        is_other = self.is_bank_api and self._document().get("bank_channel") != self._compose().get("bank_channel")
        return is_other or super()._is_unusual()


class FinConsent(models.Model):
    _inherit = "fin.consent"

    def _steps(self):
        """As the company's policy in force says."""
        return self.company_id._fin_policy()["consent_reminders"]
