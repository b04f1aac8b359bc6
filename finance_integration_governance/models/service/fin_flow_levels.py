import datetime as dt
from zoneinfo import ZoneInfo

from odoo import fields, models

from ..schedule.fin_slot import aware, stored

_LEVELS = {
    "on_time": "on_time_minutes",
    "fresh": "fresh_minutes",
    "acknowledge": "acknowledge_minutes",
    "resolve": "resolve_minutes",
    "reconcile": "reconcile_minutes",
    "success": "success_percent",
    "success_days": "success_days",
}


def promised(document, name):
    """So many minutes as a flow's document says, or the policy set in it; 0 for no promise."""
    shared = (document.get("policy") or {}).get("service_level", {})
    return document.get("levels", {}).get(name) or (shared.get("minutes") if name == "on_time" else 0) or 0


class FinFlow(models.Model):
    """What a flow promises: done on time, no older than, looked at within, mended within. Zero promises nothing."""

    _inherit = "fin.flow"

    on_time_minutes = fields.Integer("Done within", tracking=True, help="Minutes after the moment at which it was due.")
    fresh_minutes = fields.Integer(
        "Data no older than", tracking=True, help="Minutes since something arrived, or, outbound, since it was sent."
    )
    is_fresh_by_clock = fields.Boolean(
        "Nights and days off count", tracking=True, help="Otherwise only working hours make data older."
    )
    acknowledge_minutes = fields.Integer(
        "Exceptions taken on within", tracking=True, help="Working minutes until somebody has to have taken it on."
    )
    resolve_minutes = fields.Integer(
        "Exceptions closed within", tracking=True, help="Working minutes until it has to be closed."
    )
    reconcile_minutes = fields.Integer(
        "Totals tie within", tracking=True, help="Minutes from the beginning of a run until its totals have to tie."
    )
    success_percent = fields.Integer("Runs that succeed", tracking=True, help="Percent of the runs of the last days.")
    success_days = fields.Integer("Counted over", tracking=True, help="Days; 0: 30.")

    _success_percent = models.Constraint("CHECK(success_percent BETWEEN 0 AND 100)", "Of a hundred runs.")
    _levels_not_negative = models.Constraint(
        "CHECK(LEAST(on_time_minutes, fresh_minutes, acknowledge_minutes, resolve_minutes, reconcile_minutes, "
        "success_days) >= 0)",
        "A promise is a number of minutes.",
    )

    def _compose(self):
        levels = {name: self[field] for name, field in _LEVELS.items() if self[field]}
        if self.is_fresh_by_clock and levels.get("fresh"):
            levels["fresh_by"] = "clock"
        return super()._compose() | ({"levels": levels} if levels else {})

    def _take_levels(self, told, _documents):
        """What a flow that comes in a bundle promises."""
        promised = {field: told.get(name, 0) for name, field in _LEVELS.items()}
        self.write({**promised, "is_fresh_by_clock": told.get("fresh_by") == "clock"})

    def _promised(self, name):
        """So many minutes, as the live version says; 0 for no promise."""
        return promised(self._document(), name) if self.live_version_id else 0

    def _fresh_by_clock(self):
        return self._document().get("levels", {}).get("fresh_by") == "clock"

    def _after_working(self, moment, minutes):
        """When so many working minutes have passed, by the calendar and in the zone of the live version."""
        document = self._document()
        zone = ZoneInfo(document["tz"])
        return stored(self._calendar_of(document).after(aware(moment), dt.timedelta(minutes=minutes), zone))

    def _in_its_zone(self, moment):
        """A moment as the flow's people write it."""
        name = self._document()["tz"] if self.live_version_id else "UTC"
        return f"{aware(moment).astimezone(ZoneInfo(name)):%Y-%m-%d %H:%M} ({name})"
