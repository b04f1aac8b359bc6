from odoo import api, models

from ...core.canonical import canonical, digest
from .fin_exception import OPEN


class FinException(models.Model):
    """Exceptions that no run raised, of a flow or apart from every flow: one for each cause, open while it lasts."""

    _inherit = "fin.exception"

    @api.model
    def _raise_for_flow(self, flow, code, text, family="configuration", **facts):
        """The open exception of this cause in a flow, made where there is none yet."""
        fingerprint = self._fingerprint_for_flow(code, facts)
        return self._known(flow, fingerprint) or self._begun(flow, code, text, family, fingerprint, facts)

    @api.model
    def _raise_apart(self, company, code, text, owner=None, family="configuration", **facts):
        """The open exception of this cause that stands outside of every flow, made where there is none yet."""
        flow, fingerprint = self.env["fin.flow"], self._fingerprint_apart(company, code, facts)
        owner = owner or (company.fin_owner_id + company.fin_steward_id).filtered("active")[:1]
        whose = {"company": company, "owner": owner}
        return self._known(flow, fingerprint) or self._begun(flow, code, text, family, fingerprint, facts, **whose)

    @api.model
    def _close_for_flow(self, flow, code, reason, **facts):
        for exception in self._known(flow, self._fingerprint_for_flow(code, facts)):
            exception._close("resolve", reason)

    @api.model
    def _close_apart(self, company, code, reason, **facts):
        for exception in self._known(self.env["fin.flow"], self._fingerprint_apart(company, code, facts)):
            exception._close("resolve", reason)

    @api.model
    def _watched(self, flow, code, causes, family="configuration"):
        """The flow's open exceptions of this code are exactly these causes (text -> facts); returns them."""
        there = self.search([("flow_id", "=", flow.id), ("code", "=", code), ("state", "in", OPEN)])
        return there._exactly(self._raise_for_flow(flow, code, text, family, **told) for text, told in causes.items())

    @api.model
    def _watched_apart(self, company, code, causes):
        """The same, outside of every flow."""
        mine = [("flow_id", "=", False), ("company_id", "=", company.id), ("code", "=", code), ("state", "in", OPEN)]
        there = self.search(mine)
        return there._exactly(self._raise_apart(company, code, text, **told) for text, told in causes.items())

    def _exactly(self, raised):
        raised = self.browse().union(*raised)
        for gone in self - raised:
            gone._close("resolve", "its cause is gone")
        return raised

    def _known(self, flow, fingerprint):
        cause = [("flow_id", "=", flow.id), ("fingerprint", "=", fingerprint), ("state", "in", OPEN)]
        return self.search(cause, limit=1)

    def _begun(self, flow, code, text, family, fingerprint, facts, **whose):
        exception = self._new(flow, code, text, family, False, fingerprint, facts, **whose)
        exception._audit("raise", code=code, **({"flow": flow.code} if flow else {}))
        return exception

    def _fingerprint_for_flow(self, code, facts):
        return digest(canonical([code, facts]))

    def _fingerprint_apart(self, company, code, facts):
        return digest(canonical([company.fin_code, code, facts]))
