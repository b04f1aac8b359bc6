from odoo import api, models
from odoo.tools import SQL

_CHUNK = 1000


class FinItem(models.Model):
    _inherit = "fin.item"

    @api.model
    def _bound_to(self, run):
        """The items behind the live bindings of the run's flow that are records in Odoo, a batch at a time."""
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id, i.contract, i.key, i.alt_key, i.parent_key, i.content, i.mapped_values, i.amount::text,
                    i.currency, i."on", i.digest, i.scope, NULL
                FROM fin_binding b JOIN fin_item i ON i.id = b.item_id JOIN fin_run r ON r.id = b.run_id
                WHERE b.live AND b.res_model IS NOT NULL AND r.flow_id = %s AND i.mapped_values IS NOT NULL
                ORDER BY i.id""",
                run.flow_id.id,
            )
        )
        for start in range(0, len(rows), _CHUNK):
            yield [self._staged(row) for row in rows[start : start + _CHUNK]]
