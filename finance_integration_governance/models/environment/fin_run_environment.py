from odoo import models
from odoo.exceptions import UserError

from ...core.errors import ConfigurationError


class FinRun(models.Model):
    """The brake of environments: a run uses only a connection that fits what this database was released as."""

    _inherit = "fin.run"

    def _guard_start(self):
        self._must_fit()
        return super()._guard_start()

    def _must_be_released(self):
        """Both in one question: a database that was released, and as what the connection is for."""
        why = self._why_not_sent()
        if why:
            super()._must_be_released()
            raise ConfigurationError(why, code="environment")

    def _why_not_sent(self):
        """Why nothing may leave or be fetched in this run's name, or None; as the pinned version says."""
        return self.env["fin.database"]._why_not(self._document().connection)

    def _must_fit(self):
        why = self._why_not_sent()
        if why and self.env["fin.database"]._is_released():
            raise ConfigurationError(why, code="environment")


class FinConnection(models.Model):
    """A test or preview of a connection calls the other system, so a copy of a database makes none."""

    _inherit = "fin.connection"

    def action_test(self):
        self._must_not_call_from_a_copy()
        return super().action_test()

    def action_preview(self):
        self._must_not_call_from_a_copy()
        return super().action_preview()

    def _must_not_call_from_a_copy(self):
        """A database that was never released may try its connections; a copy, or the wrong environment, may not."""
        database = self.env["fin.database"]
        why = database._why_not({"environment": self.environment})
        if why and (database._is_copy() or database._is_released()):
            raise UserError(self.env._("Nothing is called from here: %s.", why))
