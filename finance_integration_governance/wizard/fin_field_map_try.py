import io
from base64 import b64decode
from itertools import islice

from odoo import fields, models
from odoo.exceptions import UserError

from ..core.connector import Payload
from ..core.errors import IntegrationError
from ..core.field_map import FieldMap
from ..models.contract.fin_item_story import told_stories
from ..models.contract.fin_records import finder
from ..models.screen import MODULE

SHOWN = 10
TRIED = 1000
MAX_SAMPLE = 16 * 1024 * 1024


class FinFieldMapTry(models.TransientModel):
    """What a field map's working copy makes of the first rows of a stored payload; no item comes of it."""

    _name = "fin.field.map.try"
    _description = "Try a Field Map"

    map_id = fields.Many2one("fin.field.map", required=True, ondelete="cascade")
    flow_id = fields.Many2one(related="map_id.flow_id")
    company_id = fields.Many2one(related="map_id.company_id")
    payload_id = fields.Many2one(
        "fin.payload", string="Stored file", domain="[('company_id', '=', company_id)]", help="Of this flow or another."
    )
    sample = fields.Binary(
        attachment=False, string="Or a file", help="Before the first run: a file as the source gives it."
    )
    sample_name = fields.Char()
    result = fields.Html(readonly=True, sanitize=False)

    def action_try(self):
        self.ensure_one()
        flow = self.map_id.flow_id
        flow._need("group_operator")
        payload, digest = self._payload()
        try:
            rows = self._rows(payload)
        except IntegrationError as error:
            raise UserError(error.text) from None
        told = list(zip(rows, self._compiled().read(rows), strict=True))
        broken = sum(bool(one.trouble) for _row, one in told)
        self.env["fin.field.map.trial"]._keep(flow, self.map_id.digest, digest, len(told), broken)
        self.result = self._rendered(told, broken)
        return self._again()

    def _payload(self):
        """(payload, its digest): bytes that are in the store, or are put there now."""
        if self.sample:
            content = b64decode(self.sample)
            if len(content) > MAX_SAMPLE:
                raise UserError(self.env._("A sample has at most 16 MB."))
            digest, _size = self.env["fin.payload"]._store(lambda: io.BytesIO(content))
            return Payload(self.sample_name or "sample", lambda: io.BytesIO(content)), digest
        if not self.payload_id:
            raise UserError(self.env._("Choose a stored file, or give one."))
        self.payload_id.check_access("read")
        self.payload_id._note_reading("try_map")
        return self.payload_id._as_payload(), self.payload_id.digest

    def _rows(self, payload):
        flow = self.map_id.flow_id
        connector = self.env["fin.connection"]._build(flow.connection_id._document(), flow.company_id)
        return list(islice(connector.rows(payload), TRIED))

    def _compiled(self):
        one, flow = self.map_id, self.map_id.flow_id
        if one.problem:
            raise UserError(one.problem)
        crosswalks = {crosswalk.code: crosswalk._compiled() for crosswalk in flow.crosswalk_ids}
        cls = self.env["fin.contract"]._class(one.contract_id.name)
        try:
            return FieldMap(one._document(), cls, crosswalks, finder(self.env), fields.Date.context_today(self))
        except IntegrationError as error:
            raise UserError(error.text) from None

    def _rendered(self, told, broken):
        """The first rows, those with errors first."""
        compiled = self._compiled()
        ordered = sorted(enumerate(told if self._may_see_rows() else [], 1), key=lambda pair: not pair[1][1].trouble)
        stories = [(number, told_stories(compiled.explain(row))) for number, (row, _one) in ordered[:SHOWN]]
        values = {"stories": stories, "rows": len(told), "broken": broken, "more": len(told) == TRIED}
        return self.env["ir.qweb"]._render(f"{MODULE}.screen_field_map_try", values)

    def _may_see_rows(self):
        """A file of one's own is shown; of a stored one, only the counts where somebody sees contents masked."""
        return bool(self.sample) or not self.flow_id._hidden() | self.payload_id._hidden()

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Try the map"),
        }
