"""Items by the thousand: the SQL of `fin.item`, in named methods beside the model that it serves."""

import json
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ...core.errors import DataError
from ...core.totals import ControlTotals
from .intake import Intake
from .stretch import between

CHUNK = 5000
AHEAD = 50_000
_DECODE = json.JSONDecoder().raw_decode  # canonical text has no white space around it
_COLUMNS = (
    "run_id, payload_id, company_id, object, uid, row, contract, scope, key, alt_key, parent_key, key_hash, digest, "
    'content, amount, currency, "on", outcome, reason'
)
_ALL = SQL("TRUE")
# The member that two persons agreed to leave out, where there is one.
_LEFT_OUT = SQL(
    """CASE WHEN exception_id IS NOT NULL THEN (
        SELECT e.facts::json->>'member' FROM fin_exception e WHERE e.id = exception_id
            AND e.code = 'contract_violation' AND e.state = 'waived') END"""
)


class Staged(NamedTuple):
    """An item as objects and connectors see it: plain values, content read back from its canonical text."""

    id: int
    contract: str
    key: str
    alt_key: str
    parent_key: str
    content: dict
    mapped: dict
    amount: object
    currency: str
    on: object
    digest: str
    scope: str


class _Lines:
    """Lines as the stream that COPY reads, made while the server works on those before.

    An error of the reader would end as an error of COPY; so it is kept, and raised once COPY is over.
    """

    def __init__(self, lines):
        self.lines, self.error = lines, None

    def read(self, size):
        try:
            return "".join(islice(self.lines, max(1, size // 512)))
        except DataError as error:
            self.error = error
            return ""


def _content(text, mapped, left_out):
    """The members, with codes that a crosswalk has mapped in the place of those that came, and without what was
    left out.
    """
    content, _end = _DECODE(text)
    content.pop(left_out, None)
    if mapped:
        told = json.loads(mapped).get("crosswalk", {})
        content |= {member: one["value"] for member, one in told.items() if "value" in one}
    return content


class FinItem(models.Model):
    _inherit = "fin.item"

    # Into the table

    @api.model
    def _receive(self, run, payload, told_objects, scope_of):
        """Store what a reader tells, in chunks; yields after each chunk but the last, so that the engine keeps it.

        `told_objects` gives canonical objects and findings. Ends with the payload marked as read and its totals told.
        """
        intake = self._intake(run, payload, scope_of, told_objects)
        is_begun = self._is_begun(run, payload)
        while intake.has_more:
            error = self._copy(intake.chunk(CHUNK), is_begun)
            run._report(payload, *intake.noticed())
            if error:
                raise error
            if intake.has_more:
                yield
        payload._was_read(intake.totals)

    def _intake(self, run, payload, scope_of, told_objects):
        return Intake(run, payload, scope_of, told_objects)

    def _is_begun(self, run, payload):
        """Whether a worker before this one has left rows of the payload behind."""
        rows = self.env.execute_query(
            SQL("SELECT 1 FROM fin_item WHERE run_id = %s AND payload_id = %s LIMIT 1", run.id, payload.id)
        )
        return bool(rows)

    def _copy(self, lines, is_begun):
        """COPY straight into place; over rows that may be there already, by a staging table and ON CONFLICT.

        Returns the reader's error, if it had one.
        """
        stream, cr = _Lines(lines), self.env.cr
        if not is_begun:
            cr.copy_expert(f"COPY fin_item ({_COLUMNS}) FROM STDIN", stream, size=1 << 16)
            return stream.error
        cr.execute("CREATE TEMP TABLE IF NOT EXISTS fin_item_stage (LIKE fin_item) ON COMMIT DROP")
        cr.execute("ALTER TABLE fin_item_stage ALTER COLUMN id DROP NOT NULL")
        cr.execute("TRUNCATE fin_item_stage")
        cr.copy_expert(f"COPY fin_item_stage ({_COLUMNS}) FROM STDIN", stream, size=1 << 16)
        cr.execute(
            SQL(
                """INSERT INTO fin_item (%(columns)s) SELECT %(columns)s FROM fin_item_stage ORDER BY row
                ON CONFLICT DO NOTHING""",
                columns=SQL(_COLUMNS),
            )
        )
        return stream.error

    # Out of the table

    @api.model
    def _batches(self, run, size, which=_ALL):
        """Open items of the run in order, `size` at a time, each batch read anew: a restart skips what is done."""
        for ids in self._stretches(run, size, which):
            if batch := self._batch(run, ids, which):
                yield batch

    @api.model
    def _contents(self, run, size, which=_ALL):
        """(contract, content) of the same items, `size` at a time: all that an object is made of."""
        for ids in self._stretches(run, size, which):
            rows = self._read_open(run, ids, which, SQL("contract, content, mapped_values"))
            yield [(contract, _content(*told)) for contract, *told in rows]

    def _stretches(self, run, size, which):
        """Ids of the run's open items in order, `size` at a time."""
        last = 0
        while ids := self._ids_after(run, last, which):
            for begin in range(0, len(ids), size):
                yield ids[begin : begin + size]
            if len(ids) < AHEAD:
                return
            last = ids[-1]

    def _ids_after(self, run, last, which):
        """The next open items. Many at once, since the planner sorts all that are left, for each batch of new rows."""
        [[ids]] = self.env.execute_query(
            SQL(
                """SELECT array_agg(id) FROM (
                    SELECT id FROM fin_item WHERE run_id = %s AND outcome = 'open' AND id > %s AND %s
                    ORDER BY id LIMIT %s) AS ahead""",
                run.id,
                last,
                which,
                AHEAD,
            )
        )
        return ids

    def _batch(self, run, ids, which):
        columns = SQL(
            """id, contract, key, alt_key, parent_key, content, mapped_values, amount::text, currency, "on", digest,
            scope"""
        )
        return [self._staged(row) for row in self._read_open(run, ids, which, columns)]

    def _read_open(self, run, ids, which, columns):
        """Rows of these items as far as they are open still, each with the member that is left out at its end."""
        return self.env.execute_query(
            SQL(
                "SELECT %s, %s FROM fin_item WHERE run_id = %s AND outcome = 'open' AND %s AND %s ORDER BY id",
                columns,
                _LEFT_OUT,
                run.id,
                between(ids),
                which,
            )
        )

    def _staged(self, row):
        *values, left_out = row
        values[5] = _content(row[5], row[6], left_out)
        values[6] = json.loads(row[6]) if row[6] else {}
        values[7] = Decimal(row[7]) if row[7] is not None else None
        return Staged(*values)

    # Outcomes and sums

    @api.model
    def _set_outcome(self, run, outcome, ids=None, reason=None, exception=None):
        """Give open items of the run their outcome; all of them where no ids are given. Returns how many."""
        if ids is not None and not ids:
            return 0
        which = SQL("AND %s AND id = ANY(%s)", between(ids), list(ids)) if ids is not None else SQL()
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item SET outcome = %s, reason = %s, exception_id = COALESCE(%s, exception_id)
                WHERE run_id = %s AND outcome = 'open' %s""",
                outcome,
                reason,
                exception.id if exception else None,
                run.id,
                which,
            )
        )
        self.invalidate_model(["outcome", "reason", "exception_id"])
        return self.env.cr.rowcount

    @api.model
    def _totals_by_outcome(self, run, payload=None):
        """outcome -> ControlTotals of the run's rows, recomputed from the rows."""
        which = SQL("AND payload_id = %s", payload.id) if payload else SQL()
        rows = self.env.execute_query(
            SQL(
                """SELECT outcome, currency, count(*), sum(amount)::text,
                    mod(sum(key_hash::numeric), 18446744073709551616)::text
                FROM fin_item WHERE run_id = %s %s GROUP BY outcome, currency""",
                run.id,
                which,
            )
        )
        totals = {}
        for outcome, currency, count, amount, hash_total in rows:
            # As text, because Odoo's cursors turn `numeric` into floats.
            amounts = {currency: Decimal(amount)} if currency and amount is not None else {}
            part = ControlTotals(count, amounts, int(hash_total) % (1 << 64))
            totals[outcome] = totals.get(outcome, ControlTotals()) + part
        return totals

    @api.model
    def _store_mapped(self, run, mapped):
        """Keep mapped values, (id, canonical text) pairs, and lift the mapping gaps that they close, nothing else."""
        if not mapped:
            return
        ids, texts = map(list, zip(*mapped, strict=True))
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item AS i SET mapped_values = v.told,
                    exception_id = (SELECT e.id FROM fin_exception e WHERE e.id = i.exception_id AND NOT e.is_gap)
                FROM unnest(%s::integer[], %s::text[]) AS v(id, told)
                WHERE i.id = v.id AND i.run_id = %s AND %s AND i.outcome = 'open'""",
                ids,
                texts,
                run.id,
                between(ids, "i.id"),
            )
        )
        self.invalidate_model(["mapped_values", "exception_id"])
