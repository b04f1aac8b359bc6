from odoo import api, fields, models
from odoo.tools import SQL

from ..exception.fin_exception import OPEN
from ..writer import as_writer

CONTROLLER = "controller"
CHAIN = ("steward", "owner", "deputy", CONTROLLER)


class FinException(models.Model):
    """Two clocks in working hours: until somebody has taken it on, and until it is closed. A lapse goes one step up."""

    _inherit = "fin.exception"

    acknowledge_by = fields.Datetime(readonly=True, string="To be taken on by")
    acknowledged_at = fields.Datetime(readonly=True, string="Taken on at")
    escalate_at = fields.Datetime(readonly=True, string="Goes up at")
    escalation = fields.Integer(readonly=True, string="Steps up")

    _escalate_idx = models.Index("(escalate_at) WHERE state IN ('open', 'in_progress')")

    def _new(self, flow, *args, **kwargs):
        exception = super()._new(flow, *args, **kwargs)
        if flow:
            exception._wind()
        return exception

    def _wind(self):
        """The clocks as the flow's live version promises them."""
        flow, now = self.flow_id, self.create_date or fields.Datetime.now()
        acknowledge, resolve = flow._promised("acknowledge"), flow._promised("resolve")
        vals = {}
        if acknowledge:
            vals["acknowledge_by"] = flow._after_working(now, acknowledge)
        if resolve:
            vals["due_at"] = flow._after_working(now, resolve)
        if vals:
            as_writer(self).write({**vals, "escalate_at": min(vals.values())})

    def _after_take(self):
        as_writer(self).write(
            {"acknowledged_at": fields.Datetime.now(), "escalate_at": self.due_at if self.escalate_at else False}
        )

    @api.model
    def _watch_clocks(self, now):
        """Whose clock has run out goes one step up its chain, and waits as long again."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM fin_exception WHERE state IN %s AND escalate_at <= %s ORDER BY id",
                OPEN,
                now,
            )
        )
        for exception in self.browse(exception_id for (exception_id,) in rows):
            exception._escalate(now)

    def _escalate(self, now):
        person = self._next_above()
        minutes = self.flow_id._promised("acknowledge") or self.flow_id._promised("resolve")
        following = self.flow_id._after_working(now, minutes) if person and minutes else False
        as_writer(self).write({"escalation": self.escalation + 1, "escalate_at": following})
        late = self.env._("taken on") if self.state == "open" else self.env._("closed")
        if person:
            as_writer(self).write({"user_id": person.id})
            self._tell_above(person, late)
        self._audit("escalate", step=self.escalation, to=person.login or None, late=late)

    def _chain(self):
        """As the live version says, else steward, owner, deputy, controller: each person once, those who are here."""
        flow = self.flow_id
        told = flow._document().get("escalation") if flow.live_version_id else None
        people = [
            flow.company_id.fin_controller_id if role == CONTROLLER else flow._people(role)[:1]
            for role in told or CHAIN
        ]
        return list(dict.fromkeys(person for person in people if person and person.active))

    def _next_above(self):
        chain = self._chain()
        after = chain.index(self.user_id) + 1 if self.user_id in chain else 0
        return chain[after] if after < len(chain) else self.env["res.users"]

    def _tell_above(self, person, late):
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.due_at.date(),
            summary=self.env._("%(name)s was not %(late)s in time", name=self.name, late=late),
            user_id=person.id,
        )
        self.message_notify(
            partner_ids=person.partner_id.ids,
            subject=self.env._("%(name)s was not %(late)s in time", name=self.name, late=late),
            body=self.text,
            email_from=self.company_id.fin_mail_sender or None,
        )


class FinSlot(models.Model):
    _inherit = "fin.slot"

    @api.model
    def _tick(self, now=None):
        now = now or fields.Datetime.now()
        super()._tick(now)
        self.env["fin.exception"]._watch_clocks(now)


class ResCompany(models.Model):
    _inherit = "res.company"

    fin_controller_id = fields.Many2one("res.users", string="Controller")
