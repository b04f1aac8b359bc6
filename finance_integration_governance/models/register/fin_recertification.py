import datetime as dt

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import groupby

from ...core.lifecycle import Lifecycle
from ...core.register import RECERTIFY_MONTHS
from ..screen import MODULE, table
from ..writer import as_writer

LEAD_DAYS = 30


class FinRecertification(models.Model):
    """A campaign in which owners confirm their flows of a company, what may leave, and who has access."""

    _name = "fin.recertification"
    _description = "Recertification"
    _inherit = ["fin.evidence.mixin"]
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    due_on = fields.Date(required=True, readonly=True)
    line_ids = fields.One2many("fin.recertification.line", "campaign_id", string="Flows")
    open_count = fields.Integer(compute="_compute_open_count", string="Open")

    @api.depends("line_ids.state")
    def _compute_open_count(self):
        for campaign in self:
            campaign.open_count = len(campaign.line_ids.filtered(lambda line: line.state == "open"))

    @api.model
    def _start(self, flows):
        """One campaign per company over these flows, without those that wait in another one already."""
        waiting = self.env["fin.recertification.line"].search([("state", "=", "open")]).flow_id
        started = self
        for company, theirs in groupby(flows - waiting, lambda flow: flow.company_id):
            started |= self._start_in(company, theirs)
        return started

    def _start_in(self, company, flows):
        due_on = fields.Date.today() + dt.timedelta(days=LEAD_DAYS)
        campaign = as_writer(self).create(
            {
                "name": f"{company.name} {due_on:%Y-%m}",
                "company_id": company.id,
                "due_on": due_on,
                "line_ids": [
                    fields.Command.create({"flow_id": flow.id, "digest": flow.live_version_id.digest}) for flow in flows
                ],
            }
        )
        for line in campaign.line_ids:
            line._audit("ask", digest=line.digest)
            line._remind()
        return campaign.with_env(self.env)


class FinRecertificationLine(models.Model):
    """What the owner of one flow says of it: still right, or not. Bound to the version that was looked at."""

    _name = "fin.recertification.line"
    _description = "Recertification of a Flow"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "campaign_id desc, id"
    _lifecycle = Lifecycle(
        {"open": "Open", "confirmed": "Confirmed", "refused": "Not right any more"},
        confirm="open > confirmed",
        refuse="open > refused",
    )

    campaign_id = fields.Many2one("fin.recertification", required=True, readonly=True, ondelete="restrict", index=True)
    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="flow_id.company_id", store=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False)
    digest = fields.Char(readonly=True, size=64)
    due_on = fields.Date(related="campaign_id.due_on", store=True)
    owner_id = fields.Many2one(related="flow_id.owner_id")
    scope_text = fields.Html(compute="_compute_texts", string="What may leave")
    access_text = fields.Html(compute="_compute_texts", string="Who has access")
    person_id = fields.Many2one("res.users", readonly=True, ondelete="restrict", string="Said by")
    decided_at = fields.Datetime(readonly=True)
    reason = fields.Text(readonly=True)

    @api.depends("flow_id", "campaign_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.campaign_id.name}: {line.flow_id.name}"

    def _compute_texts(self):
        for line in self:
            scope = line.flow_id._document().get("register", {}).get("scope", {})
            rows = [(name, ", ".join(told)) for name, told in scope.items()]
            line.scope_text = table(self.env, rows) if rows else False
            line.access_text = table(self.env, line._access())

    def _access(self):
        """(role, names) of everybody who can do something with flows of this company."""
        for name in ("operator", "administrator", "approver", "auditor", "viewer"):
            group = self.env.ref(f"{MODULE}.group_{name}")
            # sudo: who confirms access has to see who has it
            users = group.sudo().user_ids.filtered(lambda user: self.company_id in user.company_ids and not user.share)
            yield group.name, ", ".join(sorted(users.mapped("name"))) or "–"

    def _subject_key(self):
        return f"{self.flow_id.code}/{self.due_on}"

    def _remind(self):
        person = self.flow_id._notify()
        if person:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=self.due_on,
                summary=self.env._("Confirm flow, scope and access"),
                user_id=person.id,
            )

    def action_confirm(self):
        """Flow, scope and access are right: said by the owner or the deputy."""
        self.ensure_one()
        self._decide("confirm")

    def action_refuse(self):
        """Something is not right any more: the exception that follows stays open until it is."""
        self.ensure_one()
        self._decide("refuse")

    def _decide(self, verb):
        self.check_access("read")
        if self.env.user not in self.flow_id._people("owner") + self.flow_id._people("deputy"):
            raise AccessError(self.env._("The owner or the deputy of the flow says whether it is still right."))
        said = {"digest": self.flow_id.live_version_id.digest, "person_id": self.env.uid}
        as_writer(self).write({**said, "decided_at": fields.Datetime.now()})
        self._transition(verb, digest=self.digest)
        # sudo: the reminder is the suite's own
        self.sudo().activity_ids.action_feedback()
        self.flow_id._watch()


class FinFlow(models.Model):
    """When the flow was confirmed last, and when it has to be again."""

    _inherit = "fin.flow"

    recertification_ids = fields.One2many("fin.recertification.line", "flow_id", string="Confirmations")
    recertify_on = fields.Date(compute="_compute_recertify_on", string="To be confirmed by")

    @api.depends("recertification_ids.state", "version_ids.state")
    def _compute_recertify_on(self):
        for flow in self:
            since = flow._certified_at()
            months = flow._document().get("register", {}).get("recertify_months", RECERTIFY_MONTHS) if since else 0
            flow.recertify_on = fields.Date.add(since.date(), months=months) if since else False

    def _certified_at(self):
        """The last confirmation; before the first one, when the flow went live."""
        if not self.live_version_id:
            return None
        confirmed = self.recertification_ids.filtered(lambda line: line.state == "confirmed").mapped("decided_at")
        began = self.version_ids.filtered("applied_at").mapped("applied_at")
        return max(confirmed) if confirmed else min(began)

    @api.model
    def _cron_watch(self):
        """Campaigns begin a month before the day; what was not confirmed by then raises."""
        soon = fields.Date.today() + dt.timedelta(days=LEAD_DAYS)
        flows = self.search([("state", "in", ("active", "paused"))])
        self.env["fin.recertification"]._start(flows.filtered(lambda f: f.recertify_on and f.recertify_on <= soon))
        return super()._cron_watch()

    def _watch(self):
        done = super()._watch()
        for flow in self:
            flow._watch_recertification()
        return done

    def _watch_recertification(self):
        causes = {}
        if self.recertify_on and self.recertify_on < fields.Date.today():
            text = f"{self.name} was to be confirmed by its owner until {self.recertify_on}"
            causes[text] = {"until": self.recertify_on.isoformat()}
        self.env["fin.exception"]._watched(self, "recertification_overdue", causes)
        last = self.recertification_ids.sorted("id")[-1:]
        refused = {f"{self.name}: its owner says that it is not right any more": {}} if last.state == "refused" else {}
        self.env["fin.exception"]._watched(self, "recertification_refused", refused)

    def action_recertify(self):
        """Ask the owners of these flows now."""
        self._need("group_administrator")
        campaign = self.env["fin.recertification"]._start(self.filtered("live_version_id"))
        if not campaign:
            raise UserError(self.env._("Their owners are asked already, or they have no live version."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.recertification",
            "view_mode": "list,form",
            "domain": [("id", "in", campaign.ids)],
            "name": self.env._("Recertification"),
        }
