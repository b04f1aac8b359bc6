from types import MappingProxyType

from odoo import api, models
from odoo.tools import ormcache

from ...core.authority import read
from ...core.authority_entities import BY_MODEL


class _NotSettled(Exception):
    """A policy is not sealed yet: what holds meanwhile is not remembered."""

    def __init__(self, told):
        super().__init__()
        self.told = told


class FinPolicy(models.Model):
    """The authority matrix as part of a company's policy: approved with it, in force with it."""

    _inherit = "fin.policy"

    def _compose(self):
        rules = self.env["fin.authority"].search([("company_id", "=", self.company_id.id)])._document()
        return super()._compose() | ({"authority": rules} if rules else {})

    @api.model
    def _governed(self):
        """model -> company -> field -> rule, of every policy in force; remembered, so that asking is free."""
        try:
            return self._governed_kept()
        except _NotSettled as meanwhile:
            return meanwhile.told

    @ormcache()
    def _governed_kept(self):
        # sudo: everybody obeys the rules, whoever may read them
        policies = self.sudo().search([("version_ids", "!=", False)])
        in_force = [policy._in_force() for policy in policies]
        told = {}
        for policy, version in zip(policies, in_force, strict=True):
            policy._add_governed(told, version)
        told = MappingProxyType(told)
        if any(version != policy.live_version_id for policy, version in zip(policies, in_force, strict=True)):
            raise _NotSettled(told)
        return told

    def _add_governed(self, told, version):
        matrix = read(self._told(version).get("authority", {}))
        for model, entity in BY_MODEL.items():
            fields = matrix.by_field(entity.name, entity.kinds[0])
            if fields:
                told.setdefault(model, {})[self.company_id.fin_code] = fields


class FinFlow(models.Model):
    """The rules that a flow's writes are judged by: pinned with its version, so that a run reads nothing live."""

    _inherit = "fin.flow"

    def _compose(self):
        rules = self._authority()
        return super()._compose() | ({"authority": rules} if rules else {})

    def _authority(self):
        """company -> entity -> kind -> field -> rule, for what the flow's object writes, of the policies in force."""
        entities = self._business()._entities({"options": self.options or {}})
        told = {}
        for company in self._companies():
            matrix = company._fin_policy().get("authority", {})
            rules = {entity: matrix[entity] for entity in entities if entity in matrix}
            if rules:
                told[company.fin_code] = rules
        return told
