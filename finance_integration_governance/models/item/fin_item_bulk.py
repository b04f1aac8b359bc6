"""Items by the thousand: the SQL of `fin.item`, in named methods beside the model that it serves."""

import json
import re
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ...core.canonical import plain, told
from ...core.contract import Finding, breaches, may_wait
from ...core.contracts import refuse_unknown
from ...core.errors import DataError
from ...core.field_map import RawRow
from ...core.totals import ControlTotals, signed
from ...core.uid import uuids7

CHUNK = 5000
_COLUMNS = (
    "run_id, payload_id, company_id, object, uid, row, contract, scope, key, alt_key, parent_key, key_hash, digest, "
    'content, amount, currency, "on", outcome, reason'
)
# NUL has no place in a PostgreSQL text: an item that carries one is rejected, and shows the symbol for it.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "␀"})
_NEEDS_ESCAPE = re.compile(r"[\\\t\n\r\0]").search


_ALL = SQL("TRUE")


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


def _cell(value):
    """A text as COPY reads it."""
    if value is None:
        return "\\N"
    return value.translate(_ESCAPES) if _NEEDS_ESCAPE(value) else value


def _beforehand(lines):
    """The same lines, made now; the reader's error comes after them."""
    made, error = [], None
    try:
        made.extend(lines)
    except DataError as told_error:
        error = told_error
    return _again(made, error)


def _again(made, error):
    yield from made
    if error:
        raise error


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


class FinItem(models.Model):
    _inherit = "fin.item"

    # Into the table

    @api.model
    def _receive(self, run, payload, told_objects, scope_of):
        """Store what a reader tells, in chunks; yields after each chunk, so that the engine keeps it.

        `told_objects` gives canonical objects and findings. Ends with the payload marked as read and its totals kept.
        """
        intake = Intake(run, payload, scope_of, told_objects)
        is_begun = self._is_begun(run, payload)
        while intake.has_more:
            error = self._copy(intake.chunk(CHUNK), is_begun)
            run._report(payload, *intake.noticed())
            if error:
                raise error
            yield
        payload._was_read(intake.totals)
        yield

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
        last = 0
        while batch := self._batch(run, size, last, which):
            last = batch[-1].id
            yield batch

    def _batch(self, run, size, after, which):
        rows = self.env.execute_query(
            SQL(
                """SELECT id, contract, key, alt_key, parent_key, content, mapped_values, amount::text, currency, "on",
                    digest, scope, CASE WHEN exception_id IS NOT NULL THEN (
                        SELECT e.facts::json->>'member' FROM fin_exception e WHERE e.id = exception_id
                            AND e.code = 'contract_violation' AND e.state = 'waived') END
                FROM fin_item WHERE run_id = %s AND outcome = 'open' AND id > %s AND %s ORDER BY id LIMIT %s""",
                run.id,
                after,
                which,
                size,
            )
        )
        return [self._staged(row) for row in rows]

    def _staged(self, row):
        """The item; a value that two persons agreed to leave out is not part of it any more."""
        *values, left_out = row
        values[5] = json.loads(row[5])
        values[5].pop(left_out, None)
        values[6] = json.loads(row[6]) if row[6] else {}
        # Codes that a crosswalk has mapped stand in the place of those that came.
        values[5] |= {
            member: told["value"] for member, told in values[6].get("crosswalk", {}).items() if "value" in told
        }
        values[7] = Decimal(row[7]) if row[7] is not None else None
        return Staged(*values)

    # Outcomes and sums

    @api.model
    def _set_outcome(self, run, outcome, ids=None, reason=None, exception=None):
        """Give open items of the run their outcome; all of them where no ids are given. Returns how many."""
        which = SQL("AND id = ANY(%s)", list(ids)) if ids is not None else SQL()
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
        self.env.cr.execute_values(
            """UPDATE fin_item AS i SET mapped_values = v.told,
                exception_id = (SELECT e.id FROM fin_exception e WHERE e.id = i.exception_id AND NOT e.is_gap)
            FROM (VALUES %s) AS v(id, told) WHERE i.id = v.id AND i.outcome = 'open'""",
            mapped,
        )
        self.invalidate_model(["mapped_values", "exception_id"])


class Intake:
    """What a reader tells, turned into lines for COPY, with the totals of the payload so far."""

    def __init__(self, run, payload, scope_of, told_objects):
        self.told, self.scope_of = iter(told_objects), scope_of
        self.findings, self.broken = [], {}
        self.totals, self.row, self.has_more = ControlTotals(), 0, True
        self.fixed = f"{run.id}\t{payload.id}\t{run.company_id.id}\t{run._document()['object']}"
        self.uids = uuids7()
        self.accepted = run._accepted_contracts()
        self.looks_up = "field_map" in run._document().content

    def chunk(self, limit):
        """The next lines; made beforehand where making them asks the database, which COPY keeps busy."""
        return _beforehand(self.lines(limit)) if self.looks_up else self.lines(limit)

    def lines(self, limit):
        """Up to `limit` lines; findings on the way are put aside."""
        last = self.row + limit
        for one in self.told:
            if isinstance(one, Finding):
                self.findings.append(one)
                continue
            if one.contract not in self.accepted:
                refuse_unknown([one.contract], self.accepted)
            self.row += 1
            wrong = one.trouble or breaches(one)
            if wrong:
                self._break(one, wrong)
            yield self._line(one, wrong)
            if self.row == last:
                return
        self.has_more = False

    def noticed(self):
        """Findings and breaches since the last time this was asked."""
        noticed = self.findings, self.broken
        self.findings, self.broken = [], {}
        return noticed

    def _break(self, one, wrong):
        """One cause per breach, with the rows that have it."""
        waits = may_wait(one, wrong)
        for breach in wrong:
            self.broken.setdefault((breach, waits), []).append(self.row)

    def _line(self, one, wrong):
        """The item as one line for COPY. Canonical text holds no raw control characters, only backslashes."""
        key, amount, currency, on = one.key, one.amount, one.currency, one.on
        # A row that no object could be made of has none of what an object finds its scope by.
        scope = one.scope if one.__class__ is RawRow else self.scope_of(one)
        text, digest = told(one)
        exact = amount if amount is not None and amount.is_finite() else None
        hashed = self.totals.add(key, exact, currency)
        written = "\\N" if exact is None else plain(exact)
        outcome = "rejected\tcontract_violation" if wrong and not may_wait(one, wrong) else "open\t\\N"
        return (
            f"{self.fixed}\t{next(self.uids)}\t{self.row}\t{one.contract}\t{_cell(scope)}\t{_cell(key)}\t"
            f"{_cell(one.alt_key)}\t{_cell(one.parent_key)}\t{signed(hashed)}\t{digest}\t"
            + text.replace("\\", "\\\\")
            + f"\t{written}\t{_cell(currency)}\t{_cell(on and on.isoformat())}\t{outcome}\n"
        )
