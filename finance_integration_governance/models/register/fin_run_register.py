import datetime as dt

from odoo import fields, models
from odoo.tools import SQL

from ...core.errors import ConfigurationError
from ...core.register import OWNER_GRACE_DAYS


class FinRun(models.Model):
    """What the pinned register means for a run: which fields may leave, and how long a flow may lack its owner."""

    _inherit = "fin.run"

    runbook = fields.Text(related="flow_id.runbook", groups="finance_integration_governance.group_viewer")

    def _leaving_fields(self):
        """(contract, field) of everything that open items would tell the other side."""
        return self.env.execute_query(
            SQL(
                """SELECT DISTINCT i.contract, told.key FROM fin_item i, json_object_keys(i.content::json) told(key)
                WHERE i.run_id = %s AND i.outcome = 'open'""",
                self.id,
            )
        )

    def _guard_owner(self):
        """Somebody answers for the flow; where one of the two has gone, the other one does for a while."""
        vacant = self.version_id._vacant()
        if not vacant:
            return
        told = f"the flow has no {' and no '.join(vacant)} today"
        if len(vacant) > 1:
            raise ConfigurationError(told, code="unowned")
        since = self.flow_id._vacant_since()
        days = self._document().limit("owner_grace_days", OWNER_GRACE_DAYS)
        if fields.Datetime.now() >= since + dt.timedelta(days=days):
            raise ConfigurationError(f"{told}, nor for the last {days} days", code="unowned")
