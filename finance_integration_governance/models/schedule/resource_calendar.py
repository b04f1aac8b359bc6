from zoneinfo import ZoneInfo

from odoo import models

from ...core.walltime import UTC


def _time(hours):
    minutes = round(hours * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


class ResourceCalendar(models.Model):
    """Odoo's working calendar as a version keeps it: hours by weekday, and the days off that hold for everybody."""

    _name = "resource.calendar"
    _inherit = ["resource.calendar", "fin.working.part"]

    def _fin_document(self):
        """{"hours": weekday -> spans, "off": spans of days}, or None without working hours.

        Weeks that alternate count as one week with the hours of both: which of them a day belongs to is not asked.
        """
        # sudo: whoever proposes a flow need not see everybody's working hours; these are the company's
        calendar = self.sudo()
        rows = calendar.attendance_ids.filtered(lambda a: not a.display_type and a.day_period != "lunch")
        if not rows:
            return None
        hours = {}
        for row in rows.sorted(lambda a: (a.dayofweek, a.hour_from, a.hour_to)):
            span = [_time(row.hour_from), _time(row.hour_to)]
            spans = hours.setdefault(row.dayofweek, [])
            if span not in spans:
                spans.append(span)
        return {"name": calendar.name, "hours": hours, "off": calendar._fin_off()}

    def _fin_off(self):
        """Public holidays, as whole days in the calendar's zone."""
        zone = ZoneInfo(self.tz or "UTC")
        found = set()
        for leave in self.global_leave_ids:
            first, last = (day.replace(tzinfo=UTC).astimezone(zone).date() for day in (leave.date_from, leave.date_to))
            found.add((first.isoformat(), last.isoformat(), leave.name or ""))
        return [{"from": first, "to": last} | ({"name": name} if name else {}) for first, last, name in sorted(found)]

    def _working_copies(self):
        """What would keep this calendar in its next version: policies of its companies, and flows that name it."""
        companies = self.env["res.company"].sudo().search([("resource_calendar_id", "in", self.ids)])  # sudo: to note
        flows = self.env["fin.flow"].sudo().search([("calendar_id", "in", self.ids)])  # sudo: an edit of theirs
        policies = self.env["fin.policy"].sudo().search([("company_id", "in", companies.ids)])  # sudo: the same
        return [policies.with_env(self.env), flows.with_env(self.env)]


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "fin.working.part"]

    def _working_copies(self):
        return self.calendar_id._working_copies()


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "fin.working.part"]

    def _working_copies(self):
        """Holidays of everybody; one person's leave is nobody's working day here."""
        return self.filtered(lambda leave: not leave.resource_id).calendar_id._working_copies()


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        done = super().write(vals)
        if "resource_calendar_id" in vals:
            # sudo: who keeps a company's calendar need not see its policy; it is noted as their edit
            policies = self.env["fin.policy"].sudo().search([("company_id", "in", self.ids)])
            policies.with_env(self.env)._edited()
        return done
