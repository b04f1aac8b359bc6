from datetime import UTC
from weakref import WeakKeyDictionary

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.connector import Window
from ...core.errors import ConfigurationError
from ...core.lifecycle import Lifecycle
from ...core.stages import OUTCOMES, STAGES
from ..flow.fin_flow import LANES
from ..screen import opened
from ..triggers import refuse_rewriting
from ..writer import as_writer

# Cursor -> (run, calls of a connector) to be logged. Not in its own cache: each commit and each rollback empties that.
_CALLS = WeakKeyDictionary()


class FinRun(models.Model):
    """One passage of a flow through the six stages, on one pinned version.

    `state` says how it is doing, `stage` how far it has come. Nothing but the engine moves it.
    """

    _name = "fin.run"
    _description = "Run"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _mail_post_access = "read"
    _lifecycle = Lifecycle(
        {
            "queued": "Queued",
            "running": "Running",
            "held": "Held",
            "done": "Done",
            "failed": "Failed",
            "cancelled": "Cancelled",
        },
        start="queued > running",
        finish="running > done",
        hold="running > held",
        release="held > queued",
        postpone="running, queued > queued",
        fail="running, queued > failed",
        requeue="failed > queued",
        cancel="queued, held, failed, running > cancelled",
    )

    name = fields.Char(required=True, readonly=True)
    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    direction = fields.Selection([("inbound", "Into Odoo"), ("outbound", "Out of Odoo")], required=True, readonly=True)
    version_id = fields.Many2one("fin.version", readonly=True, ondelete="restrict")
    version_digest = fields.Char(readonly=True, size=64)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True)
    stage = fields.Selection([(s, s.title()) for s in STAGES], required=True, readonly=True, default=STAGES[0])
    lane = fields.Selection(LANES, required=True, readonly=True)
    trigger = fields.Selection(
        [("schedule", "Schedule"), ("hand", "By hand"), ("event", "Event"), ("release", "Held items")],
        required=True,
        readonly=True,
    )
    slot_id = fields.Many2one("fin.slot", readonly=True, ondelete="restrict")
    parent_id = fields.Many2one("fin.run", readonly=True, ondelete="restrict", string="Held by")
    child_ids = fields.One2many("fin.run", "parent_id", string="Held parts")
    requested_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    concurrency_key = fields.Char(required=True, readonly=True)
    not_before = fields.Datetime(readonly=True)
    step_no = fields.Integer(readonly=True, default=0, string="Steps")
    last_step_at = fields.Datetime(readonly=True)
    tries = fields.Integer(readonly=True, default=0)
    cancel_requested = fields.Boolean(readonly=True)
    is_remapped = fields.Boolean(readonly=True, help="It was held and is mapped again.")
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    last_error = fields.Text(readonly=True)
    summary = fields.Text(compute="_compute_summary")

    payload_ids = fields.One2many("fin.payload", "run_id", string="Payloads")
    item_ids = fields.One2many("fin.item", "run_id", string="Items")
    attempt_ids = fields.One2many("fin.attempt", "run_id", string="Attempts")
    answer_ids = fields.One2many("fin.gate.answer", "run_id", string="Gate answers")
    exception_ids = fields.Many2many("fin.exception", compute="_compute_exception_ids", string="Exceptions")
    reconciliation_ids = fields.One2many("fin.reconciliation", "run_id", string="Reconciliations")
    reconciliation_state = fields.Char(readonly=True, help="What the last reconciliation found; a done run must tie.")
    received = fields.Integer(readonly=True)
    delivered = fields.Integer(readonly=True)
    unchanged = fields.Integer(readonly=True)
    duplicate = fields.Integer(readonly=True)
    superseded = fields.Integer(readonly=True)
    skipped = fields.Integer(readonly=True)
    rejected = fields.Integer(readonly=True)
    held = fields.Integer(readonly=True)

    _one_unfinished = models.UniqueIndex("(flow_id, concurrency_key) WHERE state IN ('running', 'held')")
    _waiting_idx = models.Index("(lane, id) WHERE state IN ('queued', 'running')")
    _done_ties = models.Constraint(
        "CHECK(state <> 'done' OR COALESCE(reconciliation_state, '') IN "
        "('tied', 'within_tolerance', 'accepted', 'not_provable'))",
        "A run that does not tie is not done.",
    )

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["flow_id", "company_id", "name", "parent_id"])

    @api.depends("state", *OUTCOMES)
    def _compute_summary(self):
        for run in self:
            parts = [f"{run[outcome]} {outcome}" for outcome in OUTCOMES if run[outcome]]
            run.summary = ", ".join(parts) or self.env._("nothing arrived")

    def _compute_exception_ids(self):
        for run in self:
            run.exception_ids = self.env["fin.exception"].search([("run_ids", "in", run.ids)])

    @api.model
    def _queue(self, flow, trigger, slot=None, **vals):
        """A new run of the flow's live version."""
        document = self._to_obey(flow, vals)
        if not document:
            raise UserError(self.env._("%s has no approved version yet.", flow.name))
        run = self._in_silence(trigger).create(
            {
                "name": self.env["ir.sequence"].sudo().next_by_code("fin.run"),  # sudo: sequences are the system's
                "flow_id": flow.id,
                "direction": document["flow"]["direction"],
                "company_id": self._owner(document).id,
                "lane": document["lane"],
                "trigger": trigger,
                "slot_id": slot and slot.id,
                "requested_by": False if trigger in ("schedule", "event") else self.env.uid,
                "connection": document.connection["code"],
                "concurrency_key": document.get("concurrency_key", "flow"),
                **vals,
            }
        )
        run = run.with_env(self.env)
        run._audit("queue", trigger=trigger, flow=flow.code)
        return run

    def _in_silence(self, trigger):
        """A writer; where no person asked, nobody is made a follower and told that there is a run."""
        nobody = {"mail_create_nolog": True, "mail_create_nosubscribe": True}
        return as_writer(self).with_context(**(nobody if trigger in ("schedule", "event") else {}))

    def _track_get_fields(self):
        """None: the audit log tells what becomes of a run. Related fields would bring the tracking of the flow's."""
        return set()

    def _to_obey(self, flow, _vals):
        """The document that a new run of the flow obeys, or None where there is none."""
        return flow._document() if flow.live_version_id else None

    def _parameters(self):
        """What this run was asked for beside its version; what goes on for it is asked for the same."""
        return {}

    def _owner(self, document):
        """The company that owns the flow, as the version says."""
        # sudo: codes are unique over all companies, whoever sees which
        company = self.env["res.company"].sudo()._fin_by_codes([document["company"]])
        if not company:
            raise UserError(self.env._("The company %s of the approved version is gone.", document["company"]))
        return company

    # What the pinned version says

    def _document(self):
        return self.version_id._read_document()

    def _connector(self):
        """A connector object built from the pinned version, never from live records; its calls go into the log."""
        connector = self.env["fin.connection"]._build(self._channel(), self.company_id)
        _CALLS.setdefault(self.env.cr, []).append((self.id, connector.calls))
        return connector

    def _channel(self):
        """Which connection of the version this run reads or writes by."""
        return self._document().connection

    def _log_calls(self):
        """Write the outside calls that were made since the last commit, also those that failed."""
        for run_id, calls in _CALLS.get(self.env.cr, []):
            if run_id == self.id:
                for call in calls:
                    self._audit("call", **call.facts())
                calls.clear()

    def _object(self):
        """The object model in the hands of the flow's service user."""
        return self._as_service()[self._document()["object"]]

    def _as_service(self):
        """The one door to business records: the service user, the document's companies, the flow's time zone."""
        document = self._document()
        user = self.env["res.users"]._fin_by_login(document["service"])
        companies = self.env["res.company"]._fin_by_codes(document["companies"])
        if not user or not companies:
            raise ConfigurationError(f"the service user {document['service']} or its company is gone")
        context = {"allowed_company_ids": self._ordered(companies), "lang": "en_US", "tz": document["tz"]}
        return self.env(user=user.id, context=context, su=False)

    def _ordered(self, companies):
        return (self.company_id | companies).ids

    def _to_map(self):
        """Which open items are mapped: those that were not yet; after a release all of them, on what is live then."""
        return SQL("TRUE") if self.is_remapped else SQL("mapped_values IS NULL")

    def _window(self):
        since = self.create_date.replace(tzinfo=UTC)
        return Window(self.env["fin.payload"]._last_cursor(self.flow_id), self.slot_id.due_at or None, since)

    def _open(self):
        return opened(self)
