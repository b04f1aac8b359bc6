import datetime as dt

from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.canonical import canonical, digest
from ...core.errors import ConfigurationError, DataError, TransientError, UnexpectedError, printable
from ...core.lifecycle import Lifecycle
from ..writer import as_writer

OPEN = ("open", "in_progress")
MAX_CAUSES = 100
NEVER_WAIVED = ("duplicate_conflict", "malformed_payload", "not_tied")
FAMILIES = [
    (TransientError, "transient"),
    (ConfigurationError, "configuration"),
    (DataError, "data"),
    (UnexpectedError, "unexpected"),
]


class FinException(models.Model):
    """One cause of trouble in one flow, with an owner and a due date, however many items it concerns."""

    _name = "fin.exception"
    _description = "Exception"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _mail_post_access = "read"
    _lifecycle = Lifecycle(
        {"open": "Open", "in_progress": "In Progress", "resolved": "Resolved", "waived": "Waived"},
        take="open > in_progress",
        resolve="open, in_progress > resolved",
        waive="open, in_progress > waived",
        reopen="resolved > open",
        lapse="waived > open",
    )

    name = fields.Char(required=True, readonly=True)
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True, tracking=True)
    flow_id = fields.Many2one("fin.flow", readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict", index=True)
    code = fields.Char(required=True, readonly=True)
    text = fields.Text(required=True, readonly=True)
    facts = fields.Text(readonly=True, groups="finance_integration_governance.group_viewer")
    family = fields.Selection(
        [
            ("transient", "Retried automatically"),
            ("configuration", "Needs an administrator"),
            ("data", "Needs finance"),
            ("unexpected", "Needs a developer"),
        ],
        required=True,
        readonly=True,
    )
    fingerprint = fields.Char(required=True, readonly=True, size=64)
    is_blocking = fields.Boolean(readonly=True)
    is_gap = fields.Boolean(readonly=True, help="Lifted as soon as the missing counterpart is there.")
    is_waivable = fields.Boolean(compute="_compute_is_waivable")
    user_id = fields.Many2one("res.users", string="Owner", required=True, readonly=True, tracking=True)
    due_at = fields.Datetime(required=True, readonly=True)
    reason = fields.Text(readonly=True, tracking=True)
    closed_at = fields.Datetime(readonly=True)
    run_ids = fields.Many2many("fin.run", readonly=True, string="Runs")
    item_ids = fields.One2many("fin.item", "exception_id", string="Items")
    item_count = fields.Integer(compute="_compute_item_count")
    payload_ids = fields.One2many("fin.payload", "exception_id", string="Payloads")

    _open_cause = models.UniqueIndex("(COALESCE(flow_id, 0), fingerprint) WHERE state IN ('open', 'in_progress')")

    @api.depends("is_gap", "is_blocking", "code")
    def _compute_is_waivable(self):
        """Half a file, a contradiction or a gap cannot be booked, whoever says yes."""
        for exception in self:
            exception.is_waivable = (
                exception.is_blocking and not exception.is_gap and exception.code not in NEVER_WAIVED
            )

    def _compute_item_count(self):
        groups = self.env["fin.item"]._read_group([("exception_id", "in", self.ids)], ["exception_id"], ["__count"])
        counts = {exception.id: count for exception, count in groups}
        for exception in self:
            exception.item_count = counts.get(exception.id, 0)

    @api.model
    def _raise(self, run, code, text, family="data", blocking=True, gap=False, count=None, **facts):
        """The open exception of this cause in the run's flow, made where there is none yet."""
        flow, fingerprint = run.flow_id, digest(canonical([code, facts]))
        known = self.search(
            [("flow_id", "=", flow.id), ("fingerprint", "=", fingerprint), ("state", "in", OPEN)], limit=1
        )
        exception = known or self._new(flow, code, text, family, blocking, fingerprint, facts, gap)
        if run not in exception.run_ids:
            # Once for a run: ten thousand items with one cause are one row of the log; the stage's row counts them.
            as_writer(exception).write({"run_ids": [fields.Command.link(run.id)]})
            exception._audit("raise", code=code, run=run.name, count=count)
        return exception

    def _new(self, flow, code, text, family, blocking, fingerprint, facts, gap=False, company=None, owner=None):
        owner = owner or (flow and flow._notify()) or self.env.ref("base.user_admin")
        numbers = self.env["ir.sequence"].sudo()  # sudo: sequences are the system's
        exception = as_writer(self).create(
            {
                "name": numbers.next_by_code("fin.exception"),
                "flow_id": flow.id,
                "company_id": (company or flow.company_id).id,
                "code": code,
                "text": printable(text, 2000),
                "facts": canonical({name: printable(value) for name, value in facts.items()}),
                "family": family,
                "is_blocking": blocking,
                "is_gap": gap,
                "fingerprint": fingerprint,
                "user_id": owner.id,
                "due_at": fields.Datetime.now() + dt.timedelta(hours=flow._exception_hours()),
            }
        )
        exception._tell_owner()
        return exception

    def _tell_owner(self):
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.due_at.date(),
            summary=f"{self.name}: {self.code.replace('_', ' ')}",
            user_id=self.user_id.id,
        )

    @api.model
    def _raise_error(self, run, error):
        """The exception for an error that stopped the run."""
        family = next((name for cls, name in FAMILIES if isinstance(error, cls)), "unexpected")
        return self._raise(run, error.code, error.text, family=family, **error.facts)

    @api.model
    def _too_many(self, run):
        """Whether this run raised more causes than a person can look at one by one."""
        return self.search_count([("run_ids", "in", run.ids), ("state", "in", OPEN)]) > MAX_CAUSES

    @api.model
    def _follow(self, child):
        """What stands in front of items that moved to a run of their own is that run's matter, too."""
        groups = self.env["fin.item"]._read_group([("run_id", "=", child.id)], ["exception_id"])
        found = self.union(*(exception for (exception,) in groups)) | child.parent_id.payload_ids.exception_id
        as_writer(found).write({"run_ids": [fields.Command.link(child.id)]})

    # Closing

    def action_take(self):
        """Take it on: the person who takes it owns it from now."""
        self.ensure_one()
        self._need_decider()
        as_writer(self).write({"user_id": self.env.uid})
        self._transition("take")

    def action_resolve(self):
        return self._ask("resolve")

    def action_reject(self):
        return self._ask("reject")

    def action_request_waiver(self):
        return self._ask("waive")

    def _ask(self, decision):
        self.ensure_one()
        self._need_decider()
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.exception.resolve",
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Decide on %s", self.name),
            "context": {"default_exception_id": self.id, "default_decision": decision},
        }

    def _close(self, verb, reason):
        as_writer(self).write({"reason": reason, "closed_at": fields.Datetime.now()})
        self._transition(verb, reason=reason)
        # sudo: the reminder of whoever owns the exception is done with it, whoever closes it
        self.sudo().activity_ids.action_feedback(feedback=reason)

    def _reject_items(self, reason):
        """The facts behind this cause are not booked: a decision of the person who closes it."""
        for run in self._held_runs():
            ids = self._concerned(run)
            self.env["fin.item"]._set_outcome(run, "rejected", ids, reason=reason, exception=self)

    def _held_runs(self):
        return (
            self.env["fin.run"]
            .search([("state", "=", "held"), ("item_ids.run_id", "!=", False)])
            .filtered(lambda run: run.flow_id == self.flow_id and self._concerned(run))
        )

    def _runs_of_refused_payloads(self):
        """Held runs that wait for nothing but the decision on a payload that could not be read."""
        runs = self.payload_ids.run_id
        return (runs | runs.child_ids).filtered(lambda run: run.state == "held")

    def _concerned(self, run):
        """Open items of the run that this exception stands in front of."""
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id FROM fin_item i
                LEFT JOIN fin_item d ON d.run_id = i.run_id AND d.key = i.parent_key AND d.scope = i.scope
                LEFT JOIN fin_payload p ON p.id = i.payload_id
                WHERE i.run_id = %s AND i.outcome = 'open'
                    AND %s IN (i.exception_id, d.exception_id, p.exception_id) GROUP BY i.id""",
                run.id,
                self.id,
            )
        )
        return [item_id for (item_id,) in rows]

    def _content_digest(self):
        """What a waiver says yes to: this cause and exactly the items that it concerns now."""
        # Each once: what moves to a held run is there twice, and says the same.
        digests = {*self.item_ids.mapped("digest"), *self.payload_ids.mapped("digest")}
        return digest(canonical([self.name, self.fingerprint, sorted(digests)]))

    def _is_truly_waived(self):
        """Whether the sealed log holds a second person's yes to exactly this; the state alone proves nothing."""
        sealed = self.env["fin.approval"]._is_sealed
        return self.state == "waived" and sealed("waiver", self._name, self.name, self._content_digest())

    def _request_waiver(self, reason):
        if not self.is_waivable:
            raise UserError(self.env._("This cannot be booked as it is: mend the cause, or reject the items."))
        as_writer(self).write({"reason": reason})
        self.env["fin.approval"]._request("waiver", self._name, self.name, self._content_digest(), self.flow_id)

    @check_identity
    def action_approve_waiver(self):
        """Say yes to booking these items as they are, as another person than the one who asked."""
        self.ensure_one()
        return self._approve_waiver()

    def _approve_waiver(self):
        """Both have spoken: what waited for this goes on by itself."""
        runs = self._held_runs()
        waiting = self.env["fin.approval"].search(
            [("subject_key", "=", self.name), ("purpose", "=", "waiver"), ("state", "=", "requested")], limit=1
        )
        waiting.filtered(lambda a: a.digest == self._content_digest())._decide("approve")
        self._close("waive", self.reason)
        for run in runs:
            run._release()
