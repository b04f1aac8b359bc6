from odoo import models
from odoo.exceptions import UserError

from ...core import field_map_file
from ...core.errors import MalformedPayload


class FinFlow(models.Model):
    """A flow's field map as a file."""

    _inherit = "fin.flow"

    def _field_map_file(self):
        self.ensure_one()
        if not self.field_map_ids:
            raise UserError(self.env._("%s has no field map.", self.name))
        self._audit("export_map", digest=self.field_map_ids.digest)
        return field_map_file.written(self.code, self.field_map_ids._document())

    def _take_field_map_file(self, data):
        """Replace the map of the working copy by that of the file, whole or not at all."""
        self.ensure_one()
        self._need("group_operator")
        self.check_access("write")
        try:
            _flow, document, lines = field_map_file.read(data)
            self._take_field_map(document, {})
        except MalformedPayload as error:
            raise UserError(self.env._("Nothing was imported. %s", error.text)) from None
        self.invalidate_recordset()
        wrong = field_map_file.told(self.field_map_ids._problems(), lines)
        if wrong:
            raise UserError(self.env._("Nothing was imported. %s", "; ".join(wrong)))
        self._audit("import_map", digest=self.field_map_ids.digest)
        return self
