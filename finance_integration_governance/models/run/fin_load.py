from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ...core.connector import KeyedDestination
from ...core.errors import TransientError, printable
from ...core.lifecycle import Lifecycle
from ...core.totals import ControlTotals
from ..triggers import refuse_rewriting
from ..writer import as_writer

OPEN = ("uploading", "starting", "loading")
FRESH_HOURS = 24  # systems throw unused uploads away after a while; later than this everything is uploaded again
SLOWEST = 30  # seconds between two questions how the load is doing


class FinLoad(models.Model):
    """What a run has a system load after everything was uploaded: announced before it starts, followed to its end.

    One load at a time for one place of the other side: a second upload would change the file under the first one.
    """

    _name = "fin.load"
    _description = "Load"
    _inherit = ["fin.evidence.mixin", "fin.lifecycle.mixin"]
    _order = "id"
    _rec_name = "place"
    _lifecycle = Lifecycle(
        {
            "uploading": "Uploading",
            "starting": "Starting",
            "loading": "Loading",
            "loaded": "Loaded",
            "partly": "Partly Loaded",
            "failed": "Failed",
        },
        announce="uploading > starting",
        recall="starting > uploading",
        begin="starting > loading",
        finish="loading > loaded",
        part="loading > partly",
        fail="uploading, starting, loading > failed",
    )

    run_id = fields.Many2one("fin.run", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    place = fields.Char(required=True, readonly=True, help="What only one run may load at a time.")
    state = fields.Selection(_lifecycle.selection, required=True, readonly=True, copy=False, index=True)
    reference = fields.Char(readonly=True, help="What the other side calls the load.")
    uploaded_at = fields.Datetime(readonly=True, default=fields.Datetime.now, string="Upload begun at")
    announced_at = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(readonly=True)
    polls = fields.Integer(readonly=True)
    ignored = fields.Integer(readonly=True, help="Rows that the other side says it has left out.")
    rejected = fields.Integer(readonly=True, help="Rows that it has named.")
    dump_id = fields.Many2one("fin.document", readonly=True, ondelete="restrict", string="Rejected Rows")
    text = fields.Text(readonly=True, groups="finance_integration_governance.group_viewer")

    _place_uniq = models.UniqueIndex("(place) WHERE state IN ('uploading', 'starting', 'loading')")

    def init(self):
        refuse_rewriting(self.env.cr, self._table, ["run_id", "place"])

    def _subject_key(self):
        return f"{self.run_id.name}/{self.id}"

    @api.model
    def _of(self, run, connector):
        """The run's own load, begun where there is none; TransientError while another run loads the same place."""
        place = connector.place()
        there = self.search([("place", "=", place), ("state", "in", OPEN)], limit=1)
        if there.run_id and there.run_id != run and there.run_id.state not in ("failed", "cancelled", "done"):
            text = f"{there.run_id.name} is loading the same place"
            raise TransientError(text, code="conflict", retry_after=60, sent=False)
        if there.run_id and there.run_id != run:
            there._end("fail", f"{there.run_id.name} has ended without it")
        return there if there.run_id == run else as_writer(self).create({"run_id": run.id, "place": place})

    def _known(self):
        """What the other side called the loads before this one."""
        earlier = self.search([("place", "=", self.place), ("id", "<", self.id), ("reference", "!=", False)])
        return set(earlier.mapped("reference"))

    def _is_fresh(self):
        return self.uploaded_at > fields.Datetime.subtract(fields.Datetime.now(), hours=FRESH_HOURS)

    def _renewed(self):
        as_writer(self).write({"uploaded_at": fields.Datetime.now()})

    def _announce(self):
        as_writer(self).write({"announced_at": fields.Datetime.now()})
        self._transition("announce")

    def _begun(self, reference):
        as_writer(self).write({"reference": reference})
        self._transition("begin", reference=reference)

    def _end(self, verb, text):
        as_writer(self).write({"ended_at": fields.Datetime.now(), "text": text})
        self._transition(verb)

    def _ended(self, told):
        """Keep what the other side said, with the rows that it rejected: it forgets them."""
        dump = self.env["fin.document"]._keep("reject_dump", told.dump) if told.dump else None
        rejected = {"ignored": told.ignored, "rejected": len(told.rejects), "dump_id": dump and dump.id}
        as_writer(self).write(rejected)
        self._end({"accepted": "finish", "partly": "part", "refused": "fail"}[told.state], told.text)


class FinRun(models.Model):
    _inherit = "fin.run"

    load_ids = fields.One2many("fin.load", "run_id", string="Loads")

    def _wait_for_load(self, load):
        """Ask again in a while; waiting for the other side is no try of the run's."""
        seconds = min(SLOWEST, 2 ** min(load.polls, 5))
        as_writer(load).write({"polls": load.polls + 1})
        as_writer(self).write({"not_before": fields.Datetime.add(fields.Datetime.now(), seconds=seconds)})
        self._transition("postpone", reason="the other side is loading")
        self.env["fin.engine"]._wake(self.lane)

    def _loaded(self, told):
        """What the load means for payloads and items: all of it, or nothing as long as a person has to look."""
        attempts = self.attempt_ids.filtered(lambda attempt: attempt.state == "pending")
        if told.state != "accepted":
            for attempt in attempts:
                attempt._transition("refuse", reason="not loaded, or not whole")
            return
        for attempt in attempts:
            mine = {key: why for key, why in told.rejects.items() if key in set(attempt.payload_id._as_outgoing().keys)}
            self._refused_items(attempt.payload_id, mine)
            self._delivered(attempt.payload_id)
            attempt._transition("confirm", rejected=len(mine))

    def _must_look(self, told):
        """A load that went through in part waits for a person: nobody knows which figures are which."""
        text = f"the other side has loaded this in part: {told.text}{self._rows_in_words(told.rejects)}"
        facts = {"ignored": told.ignored, "named": len(told.rejects)}
        exception = self.env["fin.exception"]._raise(self, "partly_loaded", text, **facts)
        if exception.text != printable(text, 2000):
            exception.message_post(body=text)
        self._transition("hold", reason=printable(text))

    def _after_cancel(self):
        super()._after_cancel()
        for load in self.load_ids.filtered(lambda load: load.state in OPEN):
            load._end("fail", "the run was cancelled")

    def _read_back(self):
        """A system that holds figures by key is asked for those of this run themselves."""
        connector = self._connector()
        if not isinstance(connector, KeyedDestination) or not connector.proves:
            return super()._read_back()
        figures = self._figures(SQL("run_id = %s AND outcome = 'delivered'", self.id))
        return connector.read_back(figures) if figures else ControlTotals()

    def _figures(self, which):
        """key -> amount of items, exactly; None of those that have none."""
        rows = self.env.execute_query(SQL("SELECT key, amount::text FROM fin_item WHERE %s", which))
        return {key: amount and Decimal(amount) for key, amount in rows}
