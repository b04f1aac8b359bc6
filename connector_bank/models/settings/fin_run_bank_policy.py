"""The policy of one account: what its journal says, else its flow, else what the suite comes with."""

from odoo import models
from odoo.addons.base.models.res_bank import sanitize_account_number
from odoo.tools import SQL

from ...core.continuity import POLICY, policy_of


class FinRun(models.Model):
    _inherit = "fin.run"

    def _bank_policy(self, scope=None):
        """What the pinned version says of the account (`scope`), or of no account in particular."""
        document = self._document()
        return document.get("bank_policy", {}) | _own(document, scope)

    def _scope_of_finding(self, finding):
        """The account of the document that a reader noticed something about; None where it does not matter."""
        document = self._document()
        if not finding.document or not any("policy" in journal for journal in document.get("journals", [])):
            return None
        wanted = SQL("SELECT scope FROM fin_item WHERE run_id = %s AND key = %s LIMIT 1", self.id, finding.document)
        return next((scope for (scope,) in self.env.execute_query(wanted)), None)


class FinException(models.Model):
    """What a version says waits until it fits is booked by nobody's waiver."""

    _inherit = "fin.exception"

    def _compute_is_waivable(self):
        super()._compute_is_waivable()
        for exception in self.filtered(lambda one: one.is_waivable and policy_of(one.code)):
            exception.is_waivable = not exception._waits_until_it_fits()

    def _waits_until_it_fits(self):
        """By the live version, for any of the accounts that it is about."""
        if not self.flow_id.live_version_id:
            return False
        document, name = self.flow_id._document(), policy_of(self.code)
        groups = self.env["fin.item"]._read_group([("exception_id", "=", self.id)], ["scope"])
        told = document.get("bank_policy", {})
        default = POLICY[name][0]
        return any((told | _own(document, scope)).get(name, default) == "wait" for (scope,) in groups or [(None,)])


def _own(document, scope):
    """What the journal of this account says."""
    if not scope:
        return {}
    number = sanitize_account_number(scope)
    found = (journal for journal in document.get("journals", []) if journal.get("account") == number)
    return next((journal["policy"] for journal in found if "policy" in journal), {})
