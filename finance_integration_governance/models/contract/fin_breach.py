import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...core.connector import Payload
from ...core.field_map import RawRow
from ...core.shape import shape
from ..writer import as_writer

BREACH = "contract_violation"
DECISIONS = [
    ("evolve", "Take the change on"),
    ("freeze", "Stop the flow"),
    ("discard_row", "Leave the row out"),
    ("discard_value", "Go on without the value"),
]


class FinException(models.Model):
    """The owner's decision on rows that break the contract.

    Rows that lack a required member are rejected as they come; where one optional member is broken, the row waits, and
    may go on without the value once a second person agrees.
    """

    _inherit = "fin.exception"

    is_breach = fields.Boolean(compute="_compute_is_breach")
    can_discard_value = fields.Boolean(compute="_compute_is_breach")
    decision = fields.Selection(DECISIONS, readonly=True, tracking=True, copy=False)
    can_read_again = fields.Boolean(compute="_compute_can_read_again")

    @api.depends("code", "is_blocking", "state")
    def _compute_is_breach(self):
        for exception in self:
            exception.is_breach = exception.code == BREACH
            exception.can_discard_value = exception.is_breach and exception.is_blocking

    def _compute_can_read_again(self):
        """The change was taken on, and the flow has another live version than the one that met the breach."""
        for exception in self:
            # sudo: whoever sees the exception sees whether its flow has moved on
            here = exception.sudo()
            live = here.flow_id.live_version_id
            exception.can_read_again = (
                here.decision == "evolve"
                and here.state in ("open", "in_progress")
                and bool(live)
                and live not in here.run_ids.version_id
            )

    def _facts(self):
        # sudo: facts of a breach are member, rule and column, never a value
        return json.loads(self.sudo().facts or "{}")

    def action_decide_breach(self):
        self.ensure_one()
        self._need_decider()
        return {
            "type": "ir.actions.act_window",
            "res_model": "fin.breach.decide",
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Decide on %s", self.name),
            "context": {"default_exception_id": self.id},
        }

    def _decide_breach(self, decision, reason):
        """What a person decides; only what lets rows go on asks a second one."""
        if not self.is_breach or self.state not in ("open", "in_progress"):
            raise UserError(self.env._("There is no open breach to decide on."))
        as_writer(self).write({"decision": decision})
        self._audit("decide", decision=decision, reason=reason, member=self._facts().get("member"))
        getattr(self, f"_decide_{decision}")(reason)

    def _decide_evolve(self, reason):
        """The rows wait, or stay rejected, until a version that knows the change is live: then they are read again."""
        as_writer(self).write({"reason": reason})
        if self.state == "open":
            self.action_take()

    def _decide_freeze(self, reason):
        if self.flow_id.state == "active":
            self.flow_id.with_env(self.env)._transition("pause", reason=reason)
        self._decide_evolve(reason)

    def _decide_discard_row(self, reason):
        runs = self._held_runs()
        self._reject_items(reason)
        self._close("resolve", reason)
        for run in runs:
            run._release()

    def _decide_discard_value(self, reason):
        if not self.can_discard_value:
            raise UserError(self.env._("The contract requires this value: a row without it cannot go on."))
        self._request_waiver(reason)

    def action_read_again(self):
        """Read the payloads once more, on the version that is live now; what is booked already is known by its key."""
        self.ensure_one()
        self._need_decider()
        if not self.can_read_again:
            raise UserError(self.env._("Take the change on first, and have a version approved that knows it."))
        run = self.env["fin.run"]._read_again(self.flow_id, self._breached_items().payload_id)
        held = self._held_runs()
        for one in held:
            reason = f"read again by {run.name}"
            self.env["fin.item"]._set_outcome(one, "superseded", self._concerned(one), reason=reason, exception=self)
        self._close("resolve", self.env._("Read again by %s", run.name))
        for one in held:
            one._release()
        return run._open()

    def _breached_items(self):
        return self.env["fin.item"].search([("exception_id", "=", self.id)])


class FinRun(models.Model):
    _inherit = "fin.run"

    @api.model
    def _read_again(self, flow, payloads):
        """A run that begins with stored payloads instead of asking the source for new ones."""
        run = self._queue(flow, "hand")
        for payload in payloads:
            # Without its cursor: what is asked for next does not change by reading again.
            self.env["fin.payload"]._keep(run, Payload(payload.name, payload._open, payload.content_type))
        run._reached("validate")
        run._audit("read_again", payloads=payloads.mapped("digest"))
        self.env["fin.engine"]._wake(run.lane)
        return run


class FinItem(models.Model):
    """Where the item breaks its contract: the field, and the shape of what stood there."""

    _inherit = "fin.item"

    breach_field = fields.Char(compute="_compute_breach", string="Field in Question")
    breach_value = fields.Char(compute="_compute_breach", string="Its Value, masked")

    @api.depends("exception_id")
    def _compute_breach(self):
        for item in self:
            facts = item.exception_id._facts() if item.exception_id.code == BREACH else {}
            item.breach_field = facts.get("member")
            item.breach_value = item._breached_value(facts) if facts else False

    def _breached_value(self, facts):
        content = json.loads(self.content)
        if self.contract == RawRow.contract:
            columns = facts.get("source", "").split(" + ")
            return " + ".join(shape(content["row"].get(column)) for column in columns)
        # What a field map could not make is not in the content: the payload has it, and the story tells it.
        return shape(content[facts["member"]]) if facts.get("member") in content else False
