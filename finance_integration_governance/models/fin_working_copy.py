from odoo import api, models
from odoo.exceptions import AccessError

from ..core.document import written
from .writer import is_writer


class FinWorkingCopy(models.AbstractModel):
    """What people edit: it takes effect as a version of its document that a second person approved.

    A model of this kind has `company_id`, `version_ids` and `live_version_id`, and composes its document.
    """

    _name = "fin.working.copy"
    _description = "Working Copy"
    _bystanders = frozenset({"state"})  # fields that no version keeps
    _identity = frozenset({"name", "code", "state", "company_id"})  # all that the engine asks of a working copy

    @api.model
    def _post_model_setup__(self):
        """Who asks which flow it is gets no hundred columns of the draft with it; who asks for one gets them all."""
        super()._post_model_setup__()
        for field in self._fields.values():
            if field.prefetch is True and field.name not in self._identity:
                field.prefetch = "working"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if not is_writer(self):
            records._edited()
        return records

    def write(self, vals):
        done = super().write(vals)
        if not set(vals) <= self._bystanders:
            self._edited()
        return done

    def _edited(self):
        """Somebody has edited it: they cannot approve it, and what was proposed before is not what stands here now."""
        for record in self.exists():
            self.env["fin.edit"]._note(record)
            # sudo: whoever edits a part need not see the versions
            waiting = record.sudo().version_ids.filtered(
                lambda v: v.state in ("proposed", "review") and not v.rollback_of_id
            )
            waiting.with_env(self.env(su=True))._transition("supersede", reason="the working copy was edited")

    def _compose(self):
        """Everything that the version holds, by key; addons add their part by extending this method."""
        raise NotImplementedError

    def _written(self):
        return written(self._compose())

    def _document(self):
        """The live version's document, which is all that takes effect."""
        return self.live_version_id._read_document()

    def _keep_parts(self):
        """Keep what the document names by digest, so that it can be shown."""

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

    def _compute_live_version_id(self):
        """By one question for all: a flow has one live version, and in time hundreds of others."""
        inverse = self._fields["version_ids"].inverse_name
        live = self.env["fin.version"].search_fetch([(inverse, "in", self._origin.ids), ("state", "=", "live")])
        found = {version[inverse]: version for version in reversed(live)}
        for record in self:
            record.live_version_id = found.get(record._origin)

    def _compute_is_changed(self):
        """Apart from the live version: composing a document reads all that hangs on it, and engines ask only which."""
        for record in self:
            live = record.live_version_id
            record.is_changed = live.digest != record._written()[1] if live else True

    def action_propose(self):
        """Ask for a reason and a date, and make a change request of the working copy."""
        self.ensure_one()
        return self.env["fin.change"]._ask_why(self)
