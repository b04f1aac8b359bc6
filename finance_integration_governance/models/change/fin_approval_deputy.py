from odoo import fields, models

from ..writer import as_writer
from .fin_grant import MODULE


class FinApproval(models.Model):
    """A yes that a deputy gives: the evidence names both, and both have to be a second person."""

    _inherit = "fin.approval"

    on_behalf_of_id = fields.Many2one("res.users", readonly=True, ondelete="restrict", string="On behalf of")
    delegation_id = fields.Many2one("fin.delegation", readonly=True, ondelete="restrict")

    def _delegation(self):
        """By which delegation this person may decide here; none where they are an approver themselves."""
        if self.env.user.has_group(f"{MODULE}.group_approver") or self.purpose == "delegation":
            return self.env["fin.delegation"]
        found = self.env["fin.delegation"]._in_force(self.env.user, self.company_id)
        return found.filtered(lambda one: not self.with_user(one.approver_id)._why_not())[:1]

    def _is_approver(self):
        return super()._is_approver() or bool(self._delegation())

    def _is_own_request(self):
        """The deputy does not grant their own power."""
        if self.purpose == "delegation":
            named = self.env["fin.delegation"].sudo().search([("name", "=", self.subject_key)])  # sudo: only who it is
            if self._is_here(named.deputy_id):
                return True
        return super()._is_own_request()

    def _has_spoken(self):
        """Whoever a deputy has spoken for has spoken."""
        # sudo: whoever decides may know who has
        given = self.sudo()._granted(self.purpose, self.subject_model, self.subject_key, self.digest)
        return super()._has_spoken() or self._is_here(given.on_behalf_of_id)

    def _decide(self, verb):
        delegation = self._delegation() if self else None
        if delegation:
            as_writer(self).write({"delegation_id": delegation.id, "on_behalf_of_id": delegation.approver_id.id})
        return super()._decide(verb)

    def _told(self):
        if not self.on_behalf_of_id:
            return super()._told()
        behalf = f"{self.on_behalf_of_id.login}#{self.on_behalf_of_id.id}"
        return {**super()._told(), "on_behalf_of": behalf, "delegation": self.delegation_id.name}

    def _possible_people(self):
        deputies = self.env["fin.delegation"].sudo().search([("state", "=", "granted")]).deputy_id  # sudo: as above
        return super()._possible_people() | deputies.filtered(lambda user: not self.with_user(user)._why_not())
