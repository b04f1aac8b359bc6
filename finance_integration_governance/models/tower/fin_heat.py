"""Flow by day: how each flow did on each of the last days, at a glance."""

import datetime as dt

from odoo import api, fields, models

from ..schedule.fin_slot import stored

DAYS = 28
_WORST = ("none", "good", "attention", "bad")
_RUNS = {"done": "good", "queued": "attention", "running": "attention", "held": "attention", "failed": "bad"}
_SLOTS = {"late": "attention", "missed": "bad"}


class FinTower(models.AbstractModel):
    _inherit = "fin.tower"

    @api.model
    @api.readonly
    def heat(self):
        """Days with their bounds in UTC, and for each flow its days: [runs, slots late or missed, state]."""
        days = self._days()
        place = {day["on"]: number for number, day in enumerate(days)}
        rows = {}
        for flow, on, state, count in self._counted("fin.run", "create_date", days, [("is_draft", "=", False)]):
            self._add(rows, flow, place.get(on), 0, count, _RUNS.get(state, "none"))
        late = [("state", "in", list(_SLOTS))]
        for flow, on, state, count in self._counted("fin.slot", "due_at", days, late):
            self._add(rows, flow, place.get(on), 1, count, _SLOTS[state])
        flows = [
            {"id": flow.id, "name": flow.name, "days": cells} for flow, cells in rows.items() if flow.state != "retired"
        ]
        flows.sort(key=lambda one: (-sum(cell[2] == "bad" for cell in one["days"]), one["name"]))
        return {"days": days, "flows": flows}

    def _days(self):
        """The last days where this person is, today last; a day may have 23 or 25 hours."""
        here = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        today, zone = here.date(), here.tzinfo
        days = [today - dt.timedelta(days=back) for back in reversed(range(DAYS))]
        bounds = [self._midnight(day, zone) for day in (*days, today + dt.timedelta(days=1))]
        return [
            {"on": str(day), "from": str(begin), "to": str(end)}
            for day, begin, end in zip(days, bounds, bounds[1:], strict=False)
        ]

    def _midnight(self, day, zone):
        naive = dt.datetime.combine(day, dt.time())
        # Zones of pytz know their offset of a day only when asked.
        return stored(zone.localize(naive) if hasattr(zone, "localize") else naive.replace(tzinfo=zone))

    def _counted(self, model, moment, days, domain):
        """(flow, day, state, count) of the records of these days."""
        told = [*domain, (moment, ">=", days[0]["from"]), (moment, "<", days[-1]["to"])]
        groups = self.env[model]._read_group(told, ["flow_id", f"{moment}:day", "state"], ["__count"])
        return [(flow, str(day)[:10], state, count) for flow, day, state, count in groups]

    def _add(self, rows, flow, place, which, count, state):
        if place is None:
            return
        cells = rows.setdefault(flow, [[0, 0, "none"] for _day in range(DAYS)])
        cell = cells[place]
        cell[which] += count
        cell[2] = max(cell[2], state, key=_WORST.index)
