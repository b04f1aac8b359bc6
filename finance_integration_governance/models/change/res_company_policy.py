from odoo import models
from odoo.tools import ormcache


class _NotSettled(Exception):
    """The newest policy is not sealed yet: what holds meanwhile is not remembered."""

    def __init__(self, told):
        super().__init__()
        self.told = told


class ResCompany(models.Model):
    """What a company's approved policy says."""

    _inherit = "res.company"

    def _fin_policy(self):
        """The company's policy in force as a mapping that nobody changes; strict defaults where it is silent.

        Remembered until a version of a policy moves, so that asking costs no query.
        """
        self.ensure_one()
        try:
            return self._fin_policy_kept()
        except _NotSettled as meanwhile:
            return meanwhile.told

    @ormcache("self.id")
    def _fin_policy_kept(self):
        # sudo: everybody obeys the policy, whoever may read it
        policy = self.env["fin.policy"].sudo().search([("company_id", "=", self.id)], limit=1)
        in_force = policy._in_force()
        told = policy._told(in_force)
        if in_force != policy.live_version_id:
            raise _NotSettled(told)
        return told
