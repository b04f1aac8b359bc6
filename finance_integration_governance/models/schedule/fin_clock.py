from odoo import api, fields, models
from odoo.tools import SQL

from ...core.schedule import HORIZON, due, upcoming
from ...core.workdays import Calendar
from ..writer import as_writer
from .fin_slot import AT_ONCE, aware, stored

OVERLOOKED = 5  # minutes after which somebody should have looked; a tick comes every minute


class FinClock(models.Model):
    """Up to when a flow's moments were made, and when to look again: one row per flow, so that a tick is one query."""

    _name = "fin.clock"
    _description = "Clock of a Flow"
    _inherit = ["fin.evidence.mixin"]
    _rec_name = "flow_id"

    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="cascade")
    seen_until = fields.Datetime(readonly=True)
    look_at = fields.Datetime(readonly=True, index=True)

    _flow_uniq = models.Constraint("UNIQUE(flow_id)", "A flow has one clock.")

    @api.model
    def _wind(self, flows):
        """Look at these flows with the next tick: what they obey has changed."""
        known = self.search([("flow_id", "in", flows.ids)])
        as_writer(known).write({"look_at": False})
        as_writer(self).create([{"flow_id": flow.id} for flow in flows - known.flow_id])

    @api.model
    def _due(self, now):
        """The clocks of flows in use that may have become due; a flow without one gets it."""
        rows = self.env.execute_query(
            SQL(
                """SELECT f.id, c.id FROM fin_flow f LEFT JOIN fin_clock c ON c.flow_id = f.id
                WHERE f.state IN ('active', 'paused') AND (c.look_at IS NULL OR c.look_at <= %s)
                ORDER BY c.look_at NULLS FIRST, f.id""",
                now,
            )
        )
        missing = self.env["fin.flow"].browse(flow_id for flow_id, clock_id in rows if not clock_id)
        clocks = self.browse(clock_id for _flow_id, clock_id in rows if clock_id) | self._begun(missing)
        return clocks.filtered("flow_id.live_version_id")

    @api.model
    def _overlooked(self, flows, now):
        """flow -> its first moment that has passed minutes ago and that no tick has seen: no cron is left to tell."""
        before = fields.Datetime.subtract(now, minutes=OVERLOOKED)
        # sudo: whoever may see a flow may know that it was overlooked
        clocks = self.sudo().search([("flow_id", "in", flows.ids), ("look_at", "<", before)], order="look_at, id")
        return {clock.flow_id.with_env(flows.env): clock.look_at for clock in clocks}

    def _begun(self, flows):
        """Clocks for flows that were in use before there were any: they go on after their last slot."""
        last = self.env["fin.slot"]._read_group([("flow_id", "in", flows.ids)], ["flow_id"], ["due_at:max"])
        seen = dict(last)
        return as_writer(self).create([{"flow_id": flow.id, "seen_until": seen.get(flow)} for flow in flows])

    def _moments(self, document, now):
        """(moments that became due since this was last looked at, up to when that is)."""
        applied = self.flow_id.live_version_id.applied_at
        since = aware(max(self.seen_until or applied, applied))
        calendar = self.flow_id._calendar_of(document)
        moments = due(document["schedule"], since, aware(now), document["tz"], calendar)
        if len(moments) <= AT_ONCE:
            return moments, aware(now)
        return moments[:AT_ONCE], moments[AT_ONCE - 1]

    def _seen(self, document, until):
        following = upcoming(document["schedule"], until, document["tz"], self.flow_id._calendar_of(document))
        # Holidays may be taken back: nobody sleeps for ever.
        look_at = stored(following) if following else fields.Datetime.add(stored(until), days=HORIZON)
        as_writer(self).write({"seen_until": stored(until), "look_at": look_at})


class FinFlow(models.Model):
    _inherit = "fin.flow"

    next_due_at = fields.Datetime(compute="_compute_next_due")

    def _compute_next_due(self):
        """When the live version says that the flow is due next."""
        for flow in self:
            following = None
            if flow.live_version_id and flow.state == "active":
                document = flow._document()
                calendar, now = flow._calendar_of(document), aware(fields.Datetime.now())
                following = upcoming(document["schedule"], now, document["tz"], calendar)
            flow.next_due_at = following and stored(following)

    def _calendar_of(self, document):
        """The working days that the version names, else those of the company's policy."""
        return Calendar.read(document.get("calendar") or self.company_id._fin_policy().get("calendar"))

    def _obey(self):
        super()._obey()
        self.env["fin.clock"]._wind(self)

    def _after_resume(self):
        self.env["fin.clock"]._wind(self)
