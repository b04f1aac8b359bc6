import psycopg2
from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...core.connector import Payload
from ...core.errors import ConfigurationError, DataError, IntegrationError
from ...core.faults import reach
from ...core.reading import stored
from ...core.totals import ControlTotals
from ..writer import as_writer
from .gates import Answer


class FinRun(models.Model):
    """How a run hands over: into Odoo with bindings, out of Odoo with attempts."""

    _inherit = "fin.run"

    # Into Odoo

    def _settle(self, connector, payload):
        self._must_be_released()
        connector.settle(payload)

    def _try_delivery(self, business, items):
        """Effect, bindings and outcomes in one savepoint; the error that one of the items caused, or None."""
        try:
            with self.env.cr.savepoint():
                bound = self._effect(business, items)
                self.env["fin.item"]._set_outcome(self, "delivered", [item_id for item_id, _record in bound])
        except (DataError, UserError, psycopg2.errors.CheckViolation, psycopg2.errors.NotNullViolation) as error:
            return error
        return None

    def _effect(self, business, items):
        """Make the effect, and remember it."""
        bound = business._deliver(self, items)
        self.env["fin.binding"]._bind(self, bound)
        return bound

    def _reject(self, item, error):
        """The one item that cannot be booked waits for a person; the rest went on."""
        self._reject_ids([item.id], self._data_error(error))

    def _hold_whole(self, item, error):
        """The one item that cannot be booked keeps all others of the run from being booked."""
        error = self._data_error(error)
        text = self._located(error, [item.id])
        exception = self.env["fin.exception"]._raise(self, error.code, text, gap=True, **error.facts)
        self.env["fin.item"]._attach(exception, [item.id])
        self._hold_items(Answer("hold", f"all or nothing: {error.text}", self._open_ids()))

    def _data_error(self, error):
        return error if isinstance(error, IntegrationError) else DataError(str(error), code="not_booked")

    def _reject_ids(self, ids, error):
        exception = self.env["fin.exception"]._raise(
            self, error.code, self._located(error, ids), blocking=False, count=len(ids), **error.facts
        )
        self.env["fin.item"]._set_outcome(self, "rejected", ids, reason=error.code, exception=exception)

    def _finish(self):
        """Done, where nothing is open and the totals tie; else a person has to look."""
        last = self.reconciliation_ids.sorted("id")[-1:]
        as_writer(self).write({"reconciliation_state": last.state})
        if last.state == "not_tied":
            self.env["fin.exception"]._raise(self, "not_tied", "what the target holds is not what was handed over")
            return self._transition("hold", reason="the totals do not tie")
        return self._transition("finish", result=last.state)

    # Out of Odoo

    def _canonical(self, items):
        """The canonical objects of stored items."""
        return self._objects((item.contract, item.content) for item in items)

    def _objects(self, told):
        """The canonical objects of (contract, content) pairs."""
        carried = {cls.contract: cls for cls in self._connector().carries}
        return [stored(carried[contract], content) for contract, content in told]

    def _outgoing(self):
        """The open items that are in no payload yet, as canonical objects, in order, a batch at a time."""
        for told in self.env["fin.item"]._contents(self, 5000, SQL("payload_id IS NULL")):
            yield from self._objects(told)

    def _keep_outgoing(self, payload):
        """Store a payload that the connector made and note which items travel in it: just those that it names."""
        kept = self.env["fin.payload"]._keep(self, payload)
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item SET payload_id = %s
                WHERE run_id = %s AND outcome = 'open' AND payload_id IS NULL AND key = ANY(%s)""",
                kept.id,
                self.id,
                list(payload.keys),
            )
        )
        if self.env.cr.rowcount != len(payload.keys) or self._stored_totals(kept).differences(payload.totals):
            raise ConfigurationError(f"{payload.name} is not made of what was collected", code="other_items")
        self.env["fin.item"].invalidate_model(["payload_id"])
        kept._was_read(payload.totals)

    def _reach(self, point):
        """A fault point of the pipeline that the run goes through."""
        reach(f"{self.env['fin.engine']._named(self)}.{point}")

    def _must_be_released(self):
        if not self.env["fin.database"]._is_released():
            raise ConfigurationError("this database is not released: nothing leaves it", code="not_released")

    def _receipt(self, attempt, receipt):
        """Keep the receipt, and in the same transaction what it means for the items."""
        receipt = self._judged(receipt)
        attempt._answered(receipt)
        if receipt.state == "accepted":
            self._refused_items(attempt.payload_id, receipt.rejects)
            self._delivered(attempt.payload_id)
        elif receipt.state == "refused":
            self._after_refused(attempt)
        elif receipt.state == "partly":
            self._must_look(receipt)

    def _after_refused(self, _attempt):
        """The other side took nothing of it; what that means is kept with the receipt."""

    def _must_be_taken(self, attempt):
        """The run fails after the receipt of a refusal is kept; what a person looks at waits."""
        if attempt.state == "refused" and self.state == "running":
            raise DataError(f"the other side refused {attempt.payload_id.name}", code="refused")

    def _refused_items(self, payload, rejects):
        for reason in sorted(set(rejects.values())):
            keys = [key for key, why in rejects.items() if why == reason]
            self._reject_ids(
                payload._open_ids(keys), DataError(f"the other side refused: {reason}", code="refused_item")
            )

    def _delivered(self, payload):
        ids = payload._open_ids()
        self.env["fin.binding"]._supersede(ids)
        self.env["fin.binding"]._bind(self, [(item_id, None) for item_id in ids])
        self.env["fin.item"]._set_outcome(self, "delivered", ids)

    def _read_back(self):
        """What the target says it holds of this run's sends; None where it cannot be asked."""
        connector = self._connector()
        if not connector.proves:
            return None
        references = self.attempt_ids.filtered(lambda a: a._is_settled()).mapped("idempotency_key")
        self._reach("reconcile.confirm.before")
        held = connector.confirm(references) if references else ControlTotals()
        self._reach("reconcile.confirm.after")
        return held


class FinPayload(models.Model):
    _inherit = "fin.payload"

    def _open_ids(self, keys=None):
        """Ids of the payload's open items; of those with the given keys only, where given."""
        which = SQL("AND key = ANY(%s)", list(keys)) if keys is not None else SQL()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM fin_item WHERE run_id = %s AND payload_id = %s AND outcome = 'open' %s ORDER BY id",
                self.run_id.id,
                self.id,
                which,
            )
        )
        return [item_id for (item_id,) in rows]

    def _must_be_whole(self):
        """Bytes with an item that was refused or sent by another run meanwhile do not leave."""
        parts = self.env["fin.item"]._totals_by_outcome(self.run_id, self)
        if set(parts) != {"open"}:
            raise ConfigurationError(
                f"{self.name} holds items that do not go any more: cancel the run and start another", code="outdated"
            )

    def _is_delivered(self):
        return any(attempt._is_settled() for attempt in self.attempt_ids)

    def _as_outgoing(self):
        """The stored bytes, as the connector made them, with the keys inside."""
        rows = self.env.execute_query(SQL("SELECT key FROM fin_item WHERE payload_id = %s ORDER BY id", self.id))
        keys = tuple(key for (key,) in rows)
        return Payload(self.name, self._open, self.content_type, keys=keys, totals=self._totals())
