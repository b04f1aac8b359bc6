from odoo import api, fields, models
from odoo.tools import SQL

UNSEALED = 10  # minutes that an event may wait for its seal
WAITING = 30  # minutes that a run may wait in its lane, where nothing tells it to


class FinHealth(models.AbstractModel):
    """Whether the engine is well, as one word for each part: enough for a load balancer, and nothing for a stranger."""

    _name = "fin.health"
    _description = "Health"

    @api.model
    def _look(self, now=None):
        """part -> whether it is well."""
        now = now or fields.Datetime.now()
        return {
            "database": bool(self.env["fin.database"]._is_released()),
            "lanes": not self.env["fin.heartbeat"]._silent(now),
            "seal": not self._unsealed(now),
            "backlog": not self._forgotten(now),
        }

    def _unsealed(self, now):
        """Whether an event among the newest has waited for its seal for too long."""
        return self.env.execute_query(
            SQL(
                """SELECT 1 FROM fin_audit_event e WHERE e.at < %s AND e.id > (
                    SELECT COALESCE(max(event_id), 0) FROM fin_audit_seal) LIMIT 1""",
                fields.Datetime.subtract(now, minutes=UNSEALED),
            )
        )

    def _forgotten(self, now):
        """Runs that could have gone on for long, and that nobody took."""
        return self.env.execute_query(
            SQL(
                """SELECT 1 FROM fin_run r WHERE r.state = 'queued' AND COALESCE(r.not_before, r.create_date) < %s
                    AND NOT EXISTS (SELECT 1 FROM fin_circuit c WHERE c.code = r.connection AND c.state <> 'closed')
                    AND NOT EXISTS (SELECT 1 FROM fin_run o WHERE o.flow_id = r.flow_id AND o.id <> r.id
                        AND o.concurrency_key = r.concurrency_key AND o.state IN ('running', 'held')) LIMIT 1""",
                fields.Datetime.subtract(now, minutes=WAITING),
            )
        )
