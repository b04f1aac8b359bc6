import datetime as dt

from odoo import api, fields, models

LEFT = "owner_left"


class FinFlow(models.Model):
    """What the register watches: people who left, and dates of outside systems that run out."""

    _inherit = "fin.flow"

    vacancy = fields.Char(compute="_compute_vacancy", help="Which of its people the live version has lost.")

    @api.depends("version_ids.state", "role_ids.user_id.active")
    def _compute_vacancy(self):
        for flow in self:
            vacant = flow.live_version_id._vacant() if flow.state in ("active", "paused") else []
            flow.vacancy = self.env._("no %s", " and no ".join(vacant)) if vacant else False

    @api.model
    def _cron_watch(self):
        """Raise what the register shows of every flow in use; what is over closes."""
        self.search([("state", "in", ("active", "paused"))])._watch()

    def _watch(self):
        super()._watch()
        for flow in self:
            flow._watch_people()
            flow._watch_system()

    def _watch_people(self):
        vacant = self.live_version_id._vacant() if self.live_version_id else []
        causes = {f"{self.name} has no {role} any more: name another one": {"role": role} for role in vacant}
        return self.env["fin.exception"]._watched(self, LEFT, causes)

    def _watch_system(self):
        causes = dict(self.connection_id.system_id._endings())
        return self.env["fin.exception"]._watched(self, "system_ends", causes)

    def _vacant_since(self):
        """When somebody first knew: the open exception says so, and is raised where there is none yet."""
        ended = self._role_ended_at()
        known = self._watch_people().mapped("create_date")
        return min([*known, *ended], default=fields.Datetime.now())

    def _role_ended_at(self):
        """The moments at which the document itself ended owner or deputy, where it did."""
        today = fields.Date.context_today(self)
        return [
            dt.datetime.combine(dt.date.fromisoformat(person["to"]) + dt.timedelta(days=1), dt.time())
            for person in self._document().get("people", [])
            if person["role"] in self.live_version_id._vacant() and "" < person.get("to", "") < today.isoformat()
        ]
