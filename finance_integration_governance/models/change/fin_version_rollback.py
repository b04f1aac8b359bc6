from odoo import fields, models
from odoo.exceptions import UserError

from ...core.bundle import BundleError


class FinVersion(models.Model):
    """Rollback: an old version's document, proposed anew and approved like any other."""

    _inherit = "fin.version"

    can_roll_back = fields.Boolean(compute="_compute_can_roll_back")

    def _compute_can_roll_back(self):
        for version in self:
            live = version._subject().live_version_id
            version.can_roll_back = bool(version.applied_at and live and live.digest != version.digest)

    def action_roll_back(self):
        """Ask for a reason and a date, and propose this old version anew."""
        self.ensure_one()
        self._guard_roll_back()
        reason = self.env._("Rollback to %s", self.display_name)
        return self.env["fin.change"]._dialog(default_rollback_id=self.id, default_reason=reason)

    def _guard_roll_back(self):
        self._subject()._need_proposer()
        if not self.can_roll_back:
            raise UserError(self.env._("Only what was live once, and is not now, can be rolled back to."))

    def _roll_back(self, reason, effective_at=None):
        """A change request with the document of this old version; the working copy stays as it is."""
        self._guard_roll_back()
        change = self.env["fin.change"]._new(self.company_id, reason, effective_at)
        self._new(self._subject(), change, old=self)
        return change


class FinFlow(models.Model):
    """The working copy after a rollback: it follows what is live when somebody wants it to."""

    _inherit = "fin.flow"

    def action_follow(self):
        """Set the working copy to what the live version says; settings of the connection stay."""
        self.ensure_one()
        self._need("group_operator")
        if not self.live_version_id:
            raise UserError(self.env._("%s has no approved version yet.", self.name))
        content = self._document().content
        try:
            return self._take(content, self.env["fin.bundle"]._documents(content)) and None
        except BundleError as error:
            raise UserError(error.text) from None


class FinApprovalOfRollback(models.Model):
    _inherit = "fin.approval"

    def _is_editor(self):
        """Whoever edits the working copy has no hand in an old document that is proposed anew."""
        version = self.version_id
        is_old = bool(version.rollback_of_id) and version.rollback_of_id.digest == version.digest
        return not is_old and super()._is_editor()
