from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.canonical import canonical, digest
from ..exception.fin_exception import OPEN
from .fin_flow_watch import LEFT


class FinException(models.Model):
    """Exceptions that no run raised: the register sees their causes come and go."""

    _inherit = "fin.exception"

    runbook = fields.Text(related="flow_id.runbook", groups="finance_integration_governance.group_viewer")

    @api.model
    def _watched(self, flow, code, causes, family="configuration"):
        """The flow's open exceptions of this code are exactly these causes (text -> facts); returns them."""
        found = self.search([("flow_id", "=", flow.id), ("code", "=", code), ("state", "in", OPEN)])
        known = {exception.fingerprint: exception for exception in found}
        wanted = {digest(canonical([code, facts])): (text, facts) for text, facts in causes.items()}
        for fingerprint in known.keys() - wanted.keys():
            known[fingerprint]._close("resolve", "its cause is gone")
        new = [
            self._new(flow, code, text, family, False, fingerprint, facts)
            for fingerprint, (text, facts) in wanted.items()
            if fingerprint not in known
        ]
        for exception in new:
            exception._audit("raise", code=code, flow=flow.code)
        return self.union(*new, *(known[fingerprint] for fingerprint in wanted.keys() & known.keys()))

    def _guard_resolve(self):
        """As long as a role is vacant its exception stays open: its age says how long."""
        super()._guard_resolve()
        if self.code == LEFT and self.facts in map(canonical, self._vacant_facts()):
            raise UserError(self.env._("Name somebody else on the flow and have that version approved."))

    def _vacant_facts(self):
        version = self.flow_id.live_version_id
        return [{"role": role} for role in version._vacant()] if version else []
