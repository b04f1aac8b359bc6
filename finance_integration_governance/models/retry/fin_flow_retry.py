import random

from odoo import fields, models

from ...core.errors import WAITING
from ..run.fin_circuit import RETRY_MINUTES
from ..run.fin_run_moves import RETRIES

FIRST, LONGEST = 30, 60  # seconds before the first try again, minutes before a later one
_FIELDS = {
    "attempts": "retry_attempts",
    "minutes": "retry_minutes",
    "first": "retry_first_seconds",
    "longest": "retry_longest_minutes",
}


class FinFlow(models.Model):
    """How often and for how long a run is tried again after an error that passes; 0 leaves it as it is everywhere."""

    _inherit = "fin.flow"

    retry_attempts = fields.Integer("Tries again", tracking=True, help=f"0: {RETRIES} times.")
    retry_minutes = fields.Integer(
        "For at most", tracking=True, help=f"Minutes since the run was asked for. 0: {RETRY_MINUTES // 1440} days."
    )
    retry_first_seconds = fields.Integer(
        "First after", tracking=True, help=f"Seconds; each further try waits twice as long. 0: {FIRST}."
    )
    retry_longest_minutes = fields.Integer("Never longer than", tracking=True, help=f"Minutes. 0: {LONGEST}.")

    _retry_positive = models.Constraint(
        "CHECK(LEAST(retry_attempts, retry_minutes, retry_first_seconds, retry_longest_minutes) >= 0)",
        "Tries and times are not negative.",
    )

    def _compose(self):
        told = {name: self[field] for name, field in _FIELDS.items() if self[field]}
        return super()._compose() | ({"retry": told} if told else {})

    def _take_retry(self, told, _documents):
        """The retry policy of a flow that comes in a bundle."""
        self.write({field: told.get(name, 0) for name, field in _FIELDS.items()})


class FinRun(models.Model):
    """Tried again as the pinned version says: so many times, within so long, after a growing and scattered while."""

    _inherit = "fin.run"

    def _approved_retry(self, name, default):
        return self._document().get("retry", {}).get(name) or default

    def _may_try_again(self):
        if not self.version_id:
            return self.tries < RETRIES  # it has met others before it could begin
        attempts = self._approved_retry("attempts", self._document().limit("retries", RETRIES))
        return self.tries < attempts and self._is_in_budget()

    def _may_wait(self):
        return bool(self.version_id) and self._is_in_budget()

    def _is_in_budget(self):
        minutes = self._approved_retry("minutes", self._document().limit("retry_minutes", RETRY_MINUTES))
        return fields.Datetime.now() < fields.Datetime.add(self.create_date, minutes=minutes)

    def _pause_before(self, error):
        """What the other side asked for, else a growing while, scattered so that nobody comes at the same time."""
        if error.retry_after:
            return error.retry_after
        if not self.version_id:
            return self.env["fin.engine"]._back_off(self.tries)
        longest = 60 * self._approved_retry("longest", LONGEST)
        # Jitter is no secret: any generator will do.
        return min(longest, self._approved_retry("first", FIRST) * 2**self.tries) * random.uniform(0.8, 1.2)

    def _costs_a_try(self, error):
        return error.code not in WAITING
