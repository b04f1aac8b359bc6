import datetime as dt

from odoo import api, fields, models
from odoo.tools import SQL

from ...core.lifecycle import Lifecycle
from ...core.schedule import chosen, latest
from ...core.walltime import UTC
from ..writer import as_writer

AT_ONCE = 5000  # moments of one flow that one tick makes; the next one goes on where it stopped


def aware(moment):
    """A moment as the database keeps it, as an instant."""
    return moment.replace(tzinfo=UTC)


def stored(instant):
    """An instant as the database keeps it."""
    return instant.astimezone(UTC).replace(tzinfo=None)


class FinSlot(models.Model):
    """One due moment of a flow's schedule, and what became of it."""

    _name = "fin.slot"
    _description = "Slot"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "due_at desc"
    _rec_name = "due_at"
    _lifecycle = Lifecycle(
        {"due": "Due", "started": "Started", "met": "Met", "late": "Late", "missed": "Missed", "skipped": "Skipped"},
        start="due > started",
        meet="started > met",
        be_late="started > late",
        miss="due, started > missed",
        skip="due > skipped",
    )

    flow_id = fields.Many2one("fin.flow", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="flow_id.company_id", store=True)
    due_at = fields.Datetime(required=True, readonly=True, index=True)
    latest_at = fields.Datetime(readonly=True, string="Begins until", help="What has not begun by then is missed.")
    cause = fields.Char(readonly=True, help="What made it due, where it was not the clock.")
    reason = fields.Char(readonly=True, help="Why nothing ran for it.")
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, index=True)
    run_ids = fields.One2many("fin.run", "slot_id", readonly=True)

    _due_uniq = models.UniqueIndex("(flow_id, due_at)")

    def _subject_key(self):
        return f"{self.flow_id.code}@{self.due_at.isoformat()}Z"

    @api.model
    def _tick(self, now=None):
        """Make what has become due and queue its runs, as the live version of each flow says."""
        now = now or fields.Datetime.now()
        self.env["fin.version"]._expire(now)
        self.env["fin.version"]._apply_due(now)
        for clock in self.env["fin.clock"]._due(now):
            self._make(clock, now)
        self.env["fin.event"]._take(now)

    def _make(self, clock, now):
        """The flow's moments since somebody last looked, each with what becomes of it."""
        flow, document = clock.flow_id, clock.flow_id._document()
        moments, until = clock._moments(document, now)
        slots = self._made(flow, document, moments)
        if flow.state == "paused":
            slots._pass_over("skip", self.env._("The flow was paused."))
        else:
            slots._choose(document, now)
        clock._seen(document, until)

    def _made(self, flow, document, moments, cause=None):
        return as_writer(self).create([self._values(flow, document, moment) | {"cause": cause} for moment in moments])

    def _values(self, flow, document, moment):
        """What a slot of the flow begins with; what promises something adds its part."""
        end = latest(document["schedule"], moment, document["tz"])
        return {"flow_id": flow.id, "due_at": stored(moment), "latest_at": end and stored(end)}

    def _choose(self, document, now):
        """Start what the misfire rule says; the rest is told by a later run, or missed."""
        by_moment = {aware(slot.due_at): slot for slot in self}
        parts = chosen(document["schedule"], sorted(by_moment), aware(now), document["tz"])
        start, told, missed = (self.browse().union(*map(by_moment.get, part)) for part in parts)
        told._pass_over("skip", self.env._("Several were due: one run brings all."))
        if missed:
            missed._pass_over("miss", self.env._("Nobody was there to start it in time."))
            missed._raise_missed()
        for slot in start:
            slot._start(document)

    def _pass_over(self, verb, reason):
        if self:
            as_writer(self).write({"reason": reason})
            self._transition(verb, reason=reason)

    def _raise_missed(self):
        flow, first = self.flow_id, self.sorted("due_at")[:1].due_at
        text = self.env._(
            "%(flow)s was not started when it was due: %(count)s times since %(first)s. Start it by hand if what it "
            "brings is needed now.",
            flow=flow.name,
            count=len(self),
            first=f"{first:%Y-%m-%d %H:%M} UTC",
        )
        self.env["fin.exception"]._raise_for_flow(flow, "slot_missed", text)

    def _start(self, document):
        """Queue a run, unless one waits already: that one brings what this would have brought."""
        if document["schedule"].get("misfire", "one") == "one" and self._waits():
            return self._pass_over("skip", self.env._("A run of this flow waits already: it brings this, too."))
        self._transition("start")
        trigger = "event" if self.cause else "schedule"
        run = self.env["fin.run"]._queue(self.flow_id, trigger, slot=self)
        # Any lane may look at the clock; the run waits in its own.
        return self.env["fin.engine"]._wake(run.lane)

    def _waits(self):
        waiting = [("flow_id", "=", self.flow_id.id), ("state", "=", "queued"), ("started_at", "=", False)]
        return bool(self.env["fin.run"].search_count([*waiting, ("is_draft", "=", False)], limit=1))

    @api.model
    def _event(self, flow, document, cause, now):
        """A slot for something that happened; one that comes in the same second comes a moment after the one before."""
        self.flush_model(["flow_id", "due_at"])
        newest = SQL("SELECT max(due_at) FROM fin_slot WHERE flow_id = %s AND due_at >= %s", flow.id, now)
        [[last]] = self.env.execute_query(newest)
        moment = last + dt.timedelta(milliseconds=1) if last else now
        slot = self._made(flow, document, [aware(moment)], cause=cause)
        if flow.state == "paused":
            slot._pass_over("skip", self.env._("The flow was paused."))
        else:
            slot._start(document)
        return slot
