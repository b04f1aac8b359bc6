from odoo import models
from odoo.exceptions import UserError

from ...core import field_map_file
from ...core.errors import MalformedPayload
from ...core.map_rules import problems


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
            self._refuse_problems(self._problems_of_map(document), lines)
            self._take_field_map(document, {})
        except MalformedPayload as error:
            raise UserError(self.env._("Nothing was imported. %s", error.text)) from None
        self.invalidate_recordset()
        self._refuse_problems(self.field_map_ids._problems(), lines)
        self._audit("import_map", digest=self.field_map_ids.digest)
        return self

    def _problems_of_map(self, document):
        cls = self.env["fin.contract"]._class(document["contract"])
        if not cls:
            return [self.env._("there is no contract %s here", document["contract"])]
        return problems(document, cls, self._source_columns())

    def _refuse_problems(self, found, lines):
        if found:
            raise UserError(self.env._("Nothing was imported. %s", "; ".join(field_map_file.told(found, lines))))
