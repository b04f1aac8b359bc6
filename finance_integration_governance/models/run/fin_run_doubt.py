from odoo import models
from odoo.tools import SQL

from ...core.connector import KeyedDestination
from ...core.errors import ConfigurationError
from ...core.totals import ControlTotals
from ..writer import as_writer

UNANSWERED = ("announced", "unknown", "pending")


class FinRun(models.Model):
    """What was announced and has no receipt: the other side is asked. Where it cannot say, the run waits.

    Nothing is sent again as long as nobody knows; a target that cannot prove is settled by what comes back from it by
    another way, or by people.
    """

    _inherit = "fin.run"

    def _settle_unknown(self, connector, payload):
        """An attempt without a receipt was cut off: ask the other side what it holds, never send."""
        for attempt in payload.attempt_ids.filtered(lambda a: a.state in UNANSWERED):
            if attempt.state == "announced":
                attempt._transition("lose", reason="no receipt was kept")
            if connector.proves:
                self._confirm(connector, attempt)
            else:
                self._stay_in_doubt(attempt, "the target cannot be asked what it holds")

    def _confirm(self, connector, attempt):
        payload = attempt.payload_id
        self._reach("deliver.confirm.before")
        held = self._asked_back(connector, attempt)
        self._reach("deliver.confirm.after")
        if held.ties(payload._totals()):
            attempt._transition("confirm", totals=held.document())
            return self._delivered(payload)
        # Figures that are replaced may be older ones: sent again, they are there once.
        if held.count == 0 or isinstance(connector, KeyedDestination):
            return self._not_there(connector, attempt)
        raise ConfigurationError(
            f"the other side holds {held.count} of {payload._totals().count} items of {payload.name}",
            code="partly_arrived",
        )

    def _asked_back(self, connector, attempt):
        if isinstance(connector, KeyedDestination):
            figures = self._figures(SQL("payload_id = %s", attempt.payload_id.id))
            # A key without an amount may be there from before, which proves nothing; sent again, it is there once.
            return ControlTotals() if None in figures.values() else connector.read_back(figures)
        return connector.confirm([attempt.reference or attempt.idempotency_key])

    def _not_there(self, _connector, attempt):
        """The other side holds nothing of it: another attempt may follow."""
        attempt._transition("refuse", reason="the other side never got it")

    def _stay_in_doubt(self, attempt, why):
        """The run waits with an owned exception; let go by hand, it comes back here as long as nobody knows more."""
        payload = attempt.payload_id
        text = f"whether {payload.name} has arrived is not known: {why}"
        self.env["fin.exception"]._raise(self, "in_doubt", text, payload=payload.uid)
        if self.state == "running":
            self._transition("hold", reason=text)

    def _may_cancel(self):
        """Whether it may be cancelled now; an object whose doubt has to be decided first says no."""
        return True

    def _nothing_left(self, error):
        """After an error that proves that nothing left, the attempt is no doubt but a refused one."""
        attempt = self.env["fin.attempt"].browse(error.attempt)
        if attempt and attempt.state == "announced":
            as_writer(attempt).is_unsent = True
            attempt._transition("refuse", reason="nothing left: the error says so")
