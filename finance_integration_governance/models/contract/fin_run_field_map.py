from odoo import fields, models
from odoo.exceptions import UserError

from ...core.canonical import told
from ...core.errors import ConfigurationError
from ...core.field_map import FieldMap, named_crosswalks
from ...core.map_rules import problems
from ...core.rows import RowSource
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
        began = fields.Datetime.context_timestamp(self, self.started_at or fields.Datetime.now())
        return FieldMap(told_map, cls, self._crosswalks(), finder(self._as_service()), began.date())

    def _looked_up_elsewhere(self):
        """A crosswalk that the map names was looked up in by the time that there are items."""
        return super()._looked_up_elsewhere() | named_crosswalks(self._document().get("field_map"))


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
