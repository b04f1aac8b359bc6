from odoo import fields, models
from odoo.exceptions import UserError

from ...core.canonical import canonical
from .fin_flow_watch import LEFT


class FinException(models.Model):
    """Exceptions that no run raised: the register sees their causes come and go."""

    _inherit = "fin.exception"

    runbook = fields.Text(related="flow_id.runbook", groups="finance_integration_governance.group_viewer")

    def _guard_resolve(self):
        """As long as a role is vacant its exception stays open: its age says how long."""
        super()._guard_resolve()
        if self.code == LEFT and self.facts in map(canonical, self._vacant_facts()):
            raise UserError(self.env._("Name somebody else on the flow and have that version approved."))

    def _vacant_facts(self):
        version = self.flow_id.live_version_id
        return [{"role": role} for role in version._vacant()] if version else []
