from odoo import models
from odoo.exceptions import AccessError

from ..core.document import written


class FinWorkingCopy(models.AbstractModel):
    """What people edit: it takes effect as a version of its document that a second person approved.

    A model of this kind has `company_id`, `version_ids` and `live_version_id`, and composes its document.
    """

    _name = "fin.working.copy"
    _description = "Working Copy"

    def _compose(self):
        """Everything that the version holds, by key; addons add their part by extending this method."""
        raise NotImplementedError

    def _written(self):
        return written(self._compose())

    def _document(self):
        """The live version's document, which is all that takes effect."""
        return self.live_version_id._read_document()

    def _before_propose(self):
        """What has to be there before a version names it."""

    def _obey(self):
        """What follows when a version of this has become live."""

    def _need(self, group):
        """AccessError unless the user holds the group and may see this record."""
        self.env["fin.approval"]._need_group(group)
        self.check_access("read")

    def _need_proposer(self):
        """AccessError unless the user may ask for a change of this."""
        raise AccessError(self.env._("Nobody may propose this."))

    def _compute_versions(self):
        for record in self:
            live = record.version_ids.filtered(lambda v: v.state == "live")[:1]
            record.live_version_id = live
            record.is_changed = live.digest != record._written()[1] if live else True

    def action_propose(self):
        """Make a change request of the working copy and open its version."""
        self.ensure_one()
        return self.env["fin.change"]._propose(self).version_ids._open()
