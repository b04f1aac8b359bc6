from odoo import api, models
from odoo.tools import SQL


class FinPurge(models.Model):
    """What is purged does not live on in archives: packs that hold contents of these flows go with it."""

    _inherit = "fin.purge"

    @api.model
    def _purge(self, kind, company, payloads, item_ids, *more, **named):
        certificate = super()._purge(kind, company, payloads, item_ids, *more, **named)
        flows = payloads.flow_id.ids + self._flows_of(item_ids)
        # sudo: whoever asked for the packs, they go
        packs = self.env["fin.evidence.pack"].sudo()
        packs.search([("state", "=", "ready"), ("has_payloads", "=", True), ("flow_ids", "in", flows)])._expire()
        return certificate

    def _flows_of(self, item_ids):
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT r.flow_id FROM fin_item i JOIN fin_run r ON r.id = i.run_id
                WHERE i.id = ANY(%s)""",
                list(item_ids),
            )
        )
        return [flow_id for (flow_id,) in rows]
