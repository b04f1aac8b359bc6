import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...core.lifecycle import Lifecycle

LANES = [("realtime", "Real-time"), ("batch", "Batch"), ("bulk", "Bulk")]
HOURLY_QUOTA = 20


class FinFlow(models.Model):
    """One governed movement of data between Odoo and one system: who owns it, why it exists, what it may do.

    This is the working copy. It takes effect as a version that a second person approved.
    """

    _name = "fin.flow"
    _description = "Flow"
    _inherit = ["fin.working.copy", "fin.lifecycle.mixin", "fin.options.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "name"
    _check_company_auto = True
    _lifecycle = Lifecycle(
        {"draft": "Draft", "active": "Active", "paused": "Paused", "retired": "Retired"},
        activate="draft > active",
        pause="active > paused",
        resume="paused > active",
        retire="draft, active, paused > retired",
    )

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(required=True, copy=False, tracking=True, help="Never changed after the first approval.")
    state = fields.Selection(
        _lifecycle.selection, required=True, readonly=True, copy=False, index=True, default="draft"
    )
    purpose = fields.Text(tracking=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, tracking=True)
    company_ids = fields.Many2many("res.company", string="Companies it may touch")
    connection_id = fields.Many2one(
        "fin.connection", required=True, ondelete="restrict", tracking=True, check_company=True
    )
    direction = fields.Selection(related="connection_id.direction")
    object = fields.Selection(selection="_selection_object", required=True, tracking=True)
    journal_ids = fields.One2many("account.journal", "fin_flow_id", string="Journals")
    role_ids = fields.One2many("fin.flow.role", "flow_id", string="People")
    owner_id = fields.Many2one("res.users", compute="_compute_people")
    deputy_id = fields.Many2one("res.users", compute="_compute_people")
    steward_id = fields.Many2one("res.users", compute="_compute_people")

    lane = fields.Selection(LANES, required=True, default="batch", tracking=True)
    all_or_nothing = fields.Boolean(tracking=True, help="One rejected item holds the whole run.")
    not_provable = fields.Boolean(tracking=True, help="The target cannot be asked what it holds.")
    tolerance_ids = fields.One2many("fin.flow.tolerance", "flow_id", string="Tolerances")

    version_ids = fields.One2many("fin.version", "flow_id")
    live_version_id = fields.Many2one("fin.version", compute="_compute_live_version_id")
    is_changed = fields.Boolean(compute="_compute_is_changed", help="The working copy differs from the live version.")
    run_ids = fields.One2many("fin.run", "flow_id", string="Runs")
    last_run_id = fields.Many2one("fin.run", compute="_compute_last_run")
    last_state = fields.Selection(
        lambda self: self.env["fin.run"]._lifecycle.selection, compute="_compute_last_run", string="How it went"
    )
    exception_count = fields.Integer(compute="_compute_exception_count", string="Open Exceptions")

    _code_uniq = models.Constraint("UNIQUE(code)", "There is already a flow with this code.")
    _interval_positive = models.Constraint("CHECK(interval_minutes > 0)", "The interval is at least one minute.")

    @api.model
    def _selection_object(self):
        """Every kind of business object that an installed addon can land or collect."""
        models_ = (self.env[name] for name in self.env.registry if name.startswith("fin.object."))
        return sorted((model._name, model._description) for model in models_)

    @api.depends("role_ids.role", "role_ids.user_id.active", "role_ids.date_from", "role_ids.date_to")
    def _compute_people(self):
        for flow in self:
            for role, field in (("owner", "owner_id"), ("deputy", "deputy_id"), ("steward", "steward_id")):
                flow[field] = flow._people(role)[:1]

    def _people(self, role):
        """Who holds the role today and is still here."""
        today = fields.Date.context_today(self)
        rows = self.role_ids.filtered(
            lambda row: row.role == role and (row.date_from or today) <= today <= (row.date_to or today)
        )
        return rows.user_id.filtered(lambda user: user.active and not user.share)

    @api.depends("version_ids.state")
    def _compute_live_version_id(self):
        return super()._compute_live_version_id()

    @api.depends("live_version_id")
    def _compute_is_changed(self):
        return super()._compute_is_changed()

    def _compute_last_run(self):
        for flow in self:
            flow.last_run_id = self.env["fin.run"].search(
                [("flow_id", "=", flow.id), ("is_draft", "=", False)], order="id desc", limit=1
            )
            flow.last_state = flow.last_run_id.state

    def _compute_exception_count(self):
        groups = self.env["fin.exception"]._read_group(
            [("flow_id", "in", self.ids), ("state", "in", ("open", "in_progress"))], ["flow_id"], ["__count"]
        )
        counts = {flow.id: count for flow, count in groups}
        for flow in self:
            flow.exception_count = counts.get(flow.id, 0)

    @api.constrains("code")
    def _check_code(self):
        for flow in self:
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,63}", flow.code or ""):
                raise ValidationError(self.env._("A flow's code is made of small letters, digits and dashes."))

    def write(self, vals):
        if "code" in vals and any(flow.version_ids.filtered("approval_ids") for flow in self):
            raise UserError(self.env._("The code is the flow's name in the evidence: it cannot change any more."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.run_ids or self.version_ids:
            raise UserError(self.env._("A flow with versions or runs is retired, not deleted."))

    def _subject_key(self):
        return self.code

    # The document: the working copy as a version keeps it

    def _compose(self):
        """Everything a run depends on, by key; addons add their part by extending this method."""
        self.ensure_one()
        return {
            "flow": {
                "code": self.code,
                "name": self.name,
                "direction": self.direction,
                "purpose": self.purpose or None,
            },
            "company": self.company_id.fin_code,
            "companies": sorted(self._companies().mapped("fin_code")),
            "people": self.role_ids._document(),
            "connection": self.connection_id._document(),
            "object": self.object,
            "options": self.options or {},
            "journals": self.journal_ids._fin_document(),
            "lane": self.lane,
            "limits": (self.options or {}).get("limits", {}),
            "gates": [],
            "tolerances": self.tolerance_ids._document(),
            "all_or_nothing": self.all_or_nothing,
            "not_provable": self.not_provable,
            "service": self.company_id._fin_service_login(),
        }

    def _companies(self):
        """Every company that the flow touches, also those that whoever looks has not ticked or may not enter."""
        # sudo: a rule of companies leaves out what is not ticked, and a version would lose it
        flow = self.sudo()
        # Asked of the database, because what the rule has left out once is left out of the cache, too.
        told = flow._read_group([("id", "=", self._origin.id)], ["company_ids"])
        return flow.company_id.union(*(company for (company,) in told))

    def _before_propose(self):
        self.company_id._fin_admit(self._companies())

    def _need_proposer(self):
        self._need("group_operator")

    def _obey(self):
        if self.state == "draft":
            self._transition("activate")

    # Buttons

    def action_run(self):
        self.ensure_one()
        return self._request_run("hand")._open()

    def action_pause(self):
        self.ensure_one()
        self._need("group_operator")
        self._transition("pause")

    def action_resume(self):
        self.ensure_one()
        self._need("group_operator")
        self._transition("resume")

    def action_retire(self):
        self.ensure_one()
        self._need("group_administrator")
        self._transition("retire")

    def _request_run(self, trigger, **vals):
        """Queue a run for the person who asks, within the hourly quota."""
        self._need("group_operator")
        self._check_quota()
        run = self.env["fin.run"]._queue(self, trigger, **vals)
        self.env["fin.engine"]._wake(run.lane)
        return run

    def _check_quota(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=1)
        asked = self.env["fin.run"].search_count(
            [("flow_id", "=", self.id), ("requested_by", "=", self.env.uid), ("create_date", ">=", since)]
        )
        if asked >= HOURLY_QUOTA:
            raise UserError(self.env._("You have started this flow %s times within the hour: wait a little.", asked))

    # What the engine asks

    def _notify(self):
        """Whom an exception of this flow belongs to: steward, else owner, else deputy, else the company's default."""
        company = self.company_id
        people = self._people("steward") + self._people("owner") + self._people("deputy")
        defaults = company.fin_steward_id + company.fin_owner_id
        return (people + defaults.filtered("active"))[:1]

    def _watch(self):
        """What the daily watch looks at in a flow; each capability adds its part."""

    def _guard_activate(self):
        if not self.live_version_id:
            raise UserError(self.env._("%s has no approved version yet.", self.name))
