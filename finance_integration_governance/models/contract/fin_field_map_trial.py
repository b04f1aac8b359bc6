from odoo import api, fields, models

from ..triggers import refuse_changes
from ..writer import as_writer


class FinFieldMapTrial(models.Model):
    """That a field map was tried on stored bytes, by whom, and how many rows it could not make. Nothing of the rows."""

    _name = "fin.field.map.trial"
    _description = "Trial of a Field Map"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "at"

    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, size=64, string="Digest of the Map")
    payload_digest = fields.Char(required=True, readonly=True, size=64)
    rows = fields.Integer(required=True, readonly=True)
    broken = fields.Integer(required=True, readonly=True, string="Rows with Errors")
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict", string="By")
    at = fields.Datetime(required=True, readonly=True)

    def init(self):
        refuse_changes(self.env.cr, self._table)

    @api.model
    def _keep(self, flow, digest, payload_digest, rows, broken):
        trial = as_writer(self).create(
            {
                "flow_id": flow.id,
                "company_id": flow.company_id.id,
                "digest": digest,
                "payload_digest": payload_digest,
                "rows": rows,
                "broken": broken,
                "user_id": self.env.uid,
                "at": fields.Datetime.now(),
            }
        )
        flow._audit("try_map", digest=digest, payload=payload_digest, rows=rows, broken=broken)
        return trial.with_env(self.env)

    @api.model
    def _of(self, flow, digest):
        """The newest trial of exactly this map in this flow."""
        return self.search([("flow_id", "=", flow._origin.id), ("digest", "=", digest)], limit=1)
