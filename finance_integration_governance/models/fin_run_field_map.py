from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import crosswalk
from ..core.canonical import told
from ..core.errors import ConfigurationError
from ..core.field_map import FieldMap
from ..core.map_rules import problems
from ..core.rows import RowSource
from .fin_records import finder


class FinRun(models.Model):
    """A source of raw rows gets the field map of the run's version, with the crosswalks that it pins."""

    _inherit = "fin.run"

    def _connector(self):
        connector = super()._connector()
        if isinstance(connector, RowSource):
            connector.field_map = self._field_map()
        return connector

    def _field_map(self):
        """The compiled map of the pinned version; look-ups without a date hold for the day on which the run began."""
        document = self._document()
        told_map = document.get("field_map")
        if not told_map:
            raise ConfigurationError("the version has no field map, and the source gives raw rows", code="no_field_map")
        cls = self.env["fin.contract"]._class(told_map["contract"])
        if not cls:
            text = f"the installed code does not keep the contract {told_map['contract']}"
            raise ConfigurationError(text, code="unknown_contract")
        pinned = {code: self.env["fin.document"]._crosswalk(one["digest"]) for code, one in self._crosswalks_told()}
        began = fields.Datetime.context_timestamp(self, self.started_at or fields.Datetime.now())
        return FieldMap(told_map, cls, pinned, finder(self._as_service()), began.date())

    def _crosswalks_told(self):
        return self._document().get("crosswalks", {}).items()


class FinDocument(models.Model):
    _inherit = "fin.document"

    @api.model
    def _crosswalk(self, digest):
        """The compiled crosswalk of a kept document."""
        # sudo: the version names the document by digest, and who runs the flow may run it on that
        document = self.sudo().search([("digest", "=", digest)], limit=1)
        if not document or not document._is_intact():
            raise ConfigurationError("a crosswalk of the version is gone or was changed", code="no_crosswalk")
        return crosswalk.read(document.text)


class FinVersion(models.Model):
    """A field map is submitted only where it can stand and was tried on real bytes."""

    _inherit = "fin.version"

    def _guard_submit(self):
        super()._guard_submit()
        if self.flow_id and self.flow_id._gives_rows():
            self._guard_field_map(self._read_document().get("field_map"))

    def _guard_field_map(self, told_map):
        if not told_map:
            raise UserError(self.env._("The source gives raw rows: the flow needs a field map."))
        cls = self.env["fin.contract"]._class(told_map["contract"])
        wrong = problems(told_map, cls, self.flow_id._source_columns()) if cls else [told_map["contract"]]
        if wrong:
            raise UserError(self.env._("The field map cannot stand: %s", "; ".join(wrong)))
        if not self.env["fin.field.map.trial"]._of(self.flow_id, told(told_map)[1]):
            raise UserError(self.env._("Try the field map on a stored payload first, as it stands in this version."))
