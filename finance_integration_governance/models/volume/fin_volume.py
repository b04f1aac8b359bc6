import json

from odoo import api, fields, models

from ...core.canonical import canonical
from ...core.volume import Volume
from ..writer import as_writer

HISTORY = 60  # runs that a guard learns from


class FinVolume(models.Model):
    """What one run brought, in one compact row: that is what its flow's later runs are compared with."""

    _name = "fin.volume"
    _description = "Volume of a Run"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "run_id"

    run_id = fields.Many2one("fin.run", required=True, readonly=True, ondelete="restrict")
    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    on = fields.Date("Day", required=True, readonly=True, help="Of its beginning, in the zone of the flow.")
    count = fields.Integer("Items", readonly=True)
    told = fields.Text(
        "Shape",
        readonly=True,
        groups="finance_integration_governance.group_viewer",
        help="Sums by currency, repetitions, types and members.",
    )

    _run_uniq = models.Constraint("UNIQUE(run_id)", "A run has one volume.")

    @api.model
    def _keep(self, run, volume):
        values = {"on": volume.on, "count": volume.count, "told": canonical(volume.document())}
        known = self.search([("run_id", "=", run.id)])
        if known:
            as_writer(known).write(values)
        else:
            mine = {"run_id": run.id, "flow_id": run.flow_id.id, "company_id": run.company_id.id}
            as_writer(self).create(mine | values)

    @api.model
    def _history(self, run):
        """What the flow's last runs brought, the newest first, without this one."""
        rows = self.search([("flow_id", "=", run.flow_id.id), ("run_id", "<", run.id)], limit=HISTORY)
        return [Volume.read(row.on, row.count, json.loads(row.told or "{}")) for row in rows]
