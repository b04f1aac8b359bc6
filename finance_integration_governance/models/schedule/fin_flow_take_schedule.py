from odoo import models
from odoo.fields import Command

from ...core.bundle import BundleError
from .fin_flow_schedule import DAY_NAMES


class FinFlow(models.Model):
    """What makes a flow due, as a bundle tells it."""

    _inherit = "fin.flow"

    def _take_schedule(self, told, _documents):
        between = told.get("between", ("", ""))
        self.write(
            {
                "schedule_kind": told["kind"],
                "interval_minutes": told.get("minutes") or self.interval_minutes,
                "times": ", ".join(told["times"]) if told.get("times") else self.times,
                "between_from": between[0],
                "between_to": between[1],
                "off_days": told.get("off"),
                "cutoff": told.get("cutoff"),
                "misfire": told.get("misfire", "one"),
                "misfire_minutes": told.get("within") or self.misfire_minutes,
                "blackout_ids": [Command.clear(), *map(_blackout, told.get("blackouts", ()))],
                "after_ids": [Command.set(self._taken_flows(told.get("flows", ())).ids)],
                "event_kind_ids": [Command.set(self._taken_events(told.get("events", ())).ids)],
                **self._taken_days(told.get("days") or {"kind": "every", "on": []}),
            }
        )

    def _taken_days(self, days):
        kind, on = days["kind"], days["on"]
        if kind == "weekday":
            return {"day_kind": kind, **{name: number in on for number, name in enumerate(DAY_NAMES)}}
        field = {"monthday": "month_days", "workday": "work_days"}.get(kind)
        return {"day_kind": kind} | ({field: ", ".join(map(str, on))} if field else {})

    def _taken_flows(self, codes):
        return self.browse().union(*(self._found("fin.flow", "flow", code, code=code) for code in codes))

    def _taken_events(self, keys):
        kinds = self.env["fin.event.kind"]
        return kinds.union(*(self._found("fin.event.kind", "kind of event", key, key=key) for key in keys))

    def _take_tz(self, tz, _documents):
        self.tz = tz

    def _take_calendar(self, told, _documents):
        """A calendar of that name with those days; another one would move every working day in silence."""
        found = self.env["resource.calendar"].search([("name", "=", told["name"])])
        same = found.filtered(lambda calendar: calendar._fin_document() == told)[:1]
        if not same:
            raise BundleError(f"there is no working calendar {told['name']} with the same hours and holidays here")
        self.calendar_id = same


def _blackout(told):
    weekdays = told.get("weekdays") or [None]
    return Command.create(
        {"time_from": told["from"], "time_to": told["to"], "weekday": weekdays[0] is not None and str(weekdays[0])}
    )
