from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...core.schedule import numbers_of, times_of
from .fin_flow_blackout import WEEKDAYS

CLOCK = ("interval", "times")
DAY_NAMES = tuple(name[:3].lower() for _number, name in WEEKDAYS)


class FinFlow(models.Model):
    """What makes a flow due, as people edit it; the version keeps it under `schedule`, without what is not said."""

    _inherit = "fin.flow"

    schedule_kind = fields.Selection(
        [
            ("manual", "By hand"),
            ("interval", "Every so many minutes"),
            ("times", "At times of day"),
            ("after", "After another flow"),
            ("event", "When something happens in Odoo"),
        ],
        required=True,
        default="manual",
        tracking=True,
    )
    interval_minutes = fields.Integer(default=60, tracking=True)
    between_from = fields.Char("From", tracking=True, help="Wall time of the first moment of a day, such as 08:00")
    between_to = fields.Char("To", tracking=True, help="Wall time of the last moment of a day, such as 20:00")
    times = fields.Char(default="06:00", tracking=True, help="Wall times such as 06:00, 18:30")
    day_kind = fields.Selection(
        [
            ("every", "Every day"),
            ("weekday", "On days of the week"),
            ("monthday", "On days of the month"),
            ("workday", "On working days of the month"),
        ],
        string="On",
        required=True,
        default="every",
        tracking=True,
    )
    mon = fields.Boolean("Monday", default=True, tracking=True)
    tue = fields.Boolean("Tuesday", default=True, tracking=True)
    wed = fields.Boolean("Wednesday", default=True, tracking=True)
    thu = fields.Boolean("Thursday", default=True, tracking=True)
    fri = fields.Boolean("Friday", default=True, tracking=True)
    sat = fields.Boolean("Saturday", tracking=True)
    sun = fields.Boolean("Sunday", tracking=True)
    month_days = fields.Char("Days", default="1", tracking=True, help="1 to 31; -1 is the last day of the month.")
    work_days = fields.Char(
        "Working Days", default="2", tracking=True, help="2 is the second working day of the month, -1 the last."
    )
    off_days = fields.Selection(
        [("skip", "Leave it out"), ("next", "Take the next working day"), ("previous", "Take the one before")],
        string="On a Day Off",
        tracking=True,
        help="Empty: it runs on holidays and weekends as on other days.",
    )
    cutoff = fields.Char("Cut-off", tracking=True, help="What has not begun by this wall time on its day is missed.")
    misfire = fields.Selection(
        [
            ("one", "One run brings all"),
            ("all", "Each gets its own run"),
            ("within", "Those that are young enough get their run"),
            ("skip", "They are missed"),
        ],
        string="After an Outage",
        required=True,
        default="one",
        tracking=True,
        help="What becomes of moments at which nobody was there to start the flow.",
    )
    misfire_minutes = fields.Integer("Young Enough", default=120, tracking=True)
    blackout_ids = fields.One2many("fin.flow.blackout", "flow_id", string="Blackouts")
    after_ids = fields.Many2many(
        "fin.flow", "fin_flow_after_rel", "flow_id", "after_id", string="After Which", domain="[('id', '!=', id)]"
    )
    event_kind_ids = fields.Many2many("fin.event.kind", string="Events")
    tz = fields.Selection(
        "_selection_tz",
        string="Time Zone",
        required=True,
        default=lambda self: self.env.company.resource_calendar_id.tz or self.env.user.tz or "UTC",
        tracking=True,
    )

    _interval_positive = models.Constraint("CHECK(interval_minutes > 0)", "The interval is at least one minute.")
    _misfire_positive = models.Constraint("CHECK(misfire_minutes > 0)", "Young enough is at least one minute.")

    @api.model
    def _selection_tz(self):
        return self.env["res.partner"]._fields["tz"].get_description(self.env, ["selection"])["selection"]

    @api.constrains("schedule_kind", "times", "between_from", "between_to", "cutoff")
    def _check_times(self):
        for flow in self:
            told = [flow.times or ""] if flow.schedule_kind == "times" else []
            for text in (*told, *filter(None, (flow.between_from, flow.between_to, flow.cutoff))):
                try:
                    times_of(text)
                except ValueError as error:
                    raise ValidationError(self.env._("%s is not a time of day such as 06:00.", error)) from None
            if (flow.between_from or "00:00") > (flow.between_to or "23:59"):
                raise ValidationError(self.env._("The first moment of a day lies after the last one."))

    @api.constrains("schedule_kind", "day_kind", "month_days", "work_days", *DAY_NAMES)
    def _check_days(self):
        for flow in self.filtered(lambda f: f.schedule_kind in CLOCK):
            try:
                days = flow._days()
            except ValueError as error:
                raise ValidationError(self.env._("%s is not a day such as 1, 15 or -1.", error)) from None
            if days and not days["on"]:
                raise ValidationError(self.env._("Choose at least one day of the week."))

    @api.constrains("schedule_kind", "after_ids", "event_kind_ids")
    def _check_causes(self):
        for flow in self:
            if flow.schedule_kind == "after" and not flow.after_ids:
                raise ValidationError(self.env._("Choose the flow after which this one runs."))
            if flow.schedule_kind == "event" and not flow.event_kind_ids:
                raise ValidationError(self.env._("Choose what has to happen."))
            flow._check_circle()

    def _check_circle(self):
        """Flows that start each other would never end."""
        seen, ahead = self.browse(), self.after_ids
        while ahead:
            if self in ahead:
                raise ValidationError(self.env._("%s would start itself again by way of other flows.", self.name))
            seen |= ahead
            ahead = ahead.filtered(lambda f: f.schedule_kind == "after").after_ids - seen

    def _compose(self):
        return super()._compose() | {"schedule": self._schedule(), "tz": self.tz}

    def _schedule(self):
        kind = self.schedule_kind
        told = {"kind": kind}
        if kind == "interval":
            told |= {"minutes": self.interval_minutes}
            if self.between_from or self.between_to:
                told["between"] = [self.between_from or "00:00", self.between_to or "23:59"]
        elif kind == "times":
            told["times"] = times_of(self.times)
        elif kind == "after":
            told["flows"] = sorted(self.after_ids.mapped("code"))
        elif kind == "event":
            told["events"] = sorted(self.event_kind_ids.mapped("key"))
        return told | (self._narrowed() if kind in CLOCK else {})

    def _narrowed(self):
        """What holds for every schedule by the clock."""
        within = {"misfire": self.misfire, "within": self.misfire_minutes if self.misfire == "within" else None}
        parts = {
            "days": self._days(),
            "off": self.off_days if self.day_kind != "workday" else None,
            "cutoff": self.cutoff,
            "blackouts": self.blackout_ids._document(),
            **(within if self.misfire != "one" else {}),
        }
        return {name: value for name, value in parts.items() if value}

    def _days(self):
        """The days as the version keeps them, None for every day. ValueError names what is not a day."""
        if self.day_kind == "weekday":
            return {"kind": "weekday", "on": [number for number, name in enumerate(DAY_NAMES) if self[name]]}
        if self.day_kind == "monthday":
            return {"kind": "monthday", "on": numbers_of(self.month_days or "", -31, 31)}
        if self.day_kind == "workday":
            return {"kind": "workday", "on": numbers_of(self.work_days or "", -23, 23)}
        return None
