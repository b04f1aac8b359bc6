"""Files that a person brings to a flow, read by its own channel's connector or by its fallback's."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.connector import Source
from ...core.file_source import FileSource
from ...core.rows import RowSource


class FinFlow(models.Model):
    """Whether a person may bring files is the version's to say; a file by hand is weaker than the channel's own."""

    _inherit = "fin.flow"

    refuses_files = fields.Boolean(
        "No Files by Hand", tracking=True, help="Facts come through the channel alone; nobody brings a file."
    )

    def _compose(self):
        return super()._compose() | ({"files": "refused"} if self.refuses_files else {})

    def _take_files(self, told, _documents):
        self.refuses_files = told == "refused"

    def _readers(self):
        """is_fallback -> connection document, of what can read a file for the live version; empty where none may."""
        document = self._document() if self.state == "active" and self.live_version_id else None
        if not document or document.get("files") == "refused" or "field_map" in document.content:
            return {}
        channels = {False: document.connection, True: document.get("fallback")}
        return {which: told for which, told in channels.items() if told and self._reads_files(told, which)}

    def _reads_files(self, told, is_fallback):
        """The channel's own connector where it reads files; a fallback is there to do so."""
        cls = self.env["fin.connector"]._class(told["connector"])
        kind = Source if is_fallback else FileSource
        return bool(cls) and issubclass(cls, kind) and not issubclass(cls, RowSource)


class FinRun(models.Model):
    _inherit = "fin.run"

    @api.model
    def _upload(self, flow, files, is_fallback=False, reason=None):
        """A run that begins with these files, (name, bytes), which the person who asks has brought."""
        flow._need("group_operator")
        flow._check_quota()
        if is_fallback not in flow._readers():
            raise UserError(self.env._("The live version of %s takes no such files from people.", flow.name))
        if not files or not all(content for _name, content in files):
            raise UserError(self.env._("The file is empty."))
        return self._hand_in(flow, files, "upload", is_fallback=is_fallback, reason=reason or None)
