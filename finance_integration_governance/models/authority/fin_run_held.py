"""What the other side of an outbound flow holds now, for the drift report."""

from odoo import models
from odoo.exceptions import UserError

from ...core.errors import IntegrationError


class FinRun(models.Model):
    _inherit = "fin.run"

    def _reads_back(self):
        """Whether this person may have the destination asked what it holds, and it can be asked.

        A call outside is an operator's; a viewer sees what was sent last.
        """
        if self.direction != "outbound" or self._why_not_sent():
            return False
        connector = self.env["fin.connector"]._class(self._document().connection["connector"])
        return connector.reads_back and self.env.user.has_group("finance_integration_governance.group_operator")

    def _held_outside(self):
        """The canonical objects that the destination holds now, or None where it is not asked."""
        if not self._reads_back():
            return None
        connector = self.env["fin.connection"]._build(self._document().connection, self.company_id)
        try:
            return list(connector.held())
        except IntegrationError as error:
            raise UserError(self.env._("The other side did not answer as it should: %s", error.text)) from error
        finally:
            # The calls were made, whatever comes of the report.
            append = self.env["fin.audit.event"]._append_apart
            for call in connector.calls:
                append("fin.run.call", self._name, self.name, self.company_id, {"why": "drift", **call.facts()})
