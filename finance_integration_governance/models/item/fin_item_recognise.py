from odoo import api, models
from odoo.tools import SQL

from .stretch import known_of

# What is judged anew whenever a held run is mapped again; anything else stays in front until it is waived.
JUDGED_ANEW = (
    "duplicate_conflict",
    "possible_duplicate",
    "bound_record_gone",
    "period_locked",
    "authority_conflict",
)


class FinItem(models.Model):
    """Which facts are new, which are known, and which contradict what is known: decided in SQL, set by set."""

    _inherit = "fin.item"

    @api.model
    def _recognise(self, run):
        """Settle the run's open items against each other and against what is bound already."""
        if run.is_remapped:
            self._lift(run)
        # What waits for a person must not make a later, better telling of the same fact look like a repetition.
        aside = [*self._blocked(run), *self._waived(run)] if self._is_anything_in_front(run) else []
        self._fall_back(run)
        self._settle(run, self._repeated(run, aside))
        self._settle(run, self._bound(run, aside))
        self.invalidate_model(["key", "outcome", "reason", "exception_id"])

    def _lift(self, run):
        """After a release, what depends on the books of that day is judged by the books of today."""
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item i SET exception_id = NULL FROM fin_exception e
                WHERE i.run_id = %s AND i.outcome = 'open' AND e.id = i.exception_id AND e.state <> 'waived'
                    AND e.code = ANY(%s)""",
                run.id,
                list(JUDGED_ANEW),
            )
        )

    def _waived(self, run):
        """Items that a second person wants booked although they look known: they get an identity of their own.

        Told once more they still look like what is booked first, so they are held again and never booked twice.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id, e.code FROM fin_item i JOIN fin_exception e ON e.id = i.exception_id
                WHERE i.run_id = %s AND i.outcome = 'open' AND e.state = 'waived'""",
                run.id,
            )
        )
        self._distinguish([item_id for item_id, code in rows if code == "possible_duplicate"])
        self.env["fin.binding"]._supersede([item_id for item_id, code in rows if code == "bound_record_gone"])
        return [item_id for item_id, _code in rows]

    # The hash stays that of the key as it was received: what arrived does not change by what it is taken for.

    def _distinguish(self, ids):
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item SET key = key || '#' || parent_key
                WHERE id = ANY(%s) AND strpos(key, '#' || parent_key) = 0""",
                ids,
            )
        )

    def _fall_back(self, run):
        """A reference that comes twice in one payload names nothing: those items go by their other identity.

        Counted in one pass and joined by id: of items that were stored a moment ago the planner knows nothing yet, and
        would go through all of them for each.
        """
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item AS i SET key = i.alt_key
                FROM (SELECT id, count(*) OVER (PARTITION BY payload_id, object, scope, key) AS times FROM fin_item
                      WHERE run_id = %s AND outcome = 'open' AND alt_key <> key) AS told
                WHERE i.id = told.id AND told.times > 1""",
                run.id,
            )
        )

    def _repeated(self, run, aside):
        """Open items whose key came earlier in the same run: (id, same content, certain), as `_bound` tells it."""
        return self.env.execute_query(
            SQL(
                """SELECT id, digest = first, parent_key IS NOT DISTINCT FROM parent OR key <> alt_key FROM (
                    SELECT id, digest, key, alt_key, parent_key, first_value(digest) OVER same AS first,
                        first_value(parent_key) OVER same AS parent, row_number() OVER same AS place
                    FROM fin_item WHERE run_id = %s AND outcome = 'open' AND NOT id = ANY(%s)
                    WINDOW same AS (PARTITION BY object, scope, key ORDER BY id)) AS ordered
                WHERE place > 1""",
                run.id,
                aside,
            )
        )

    def _bound(self, run, aside):
        """Open items that a live binding knows: (id, same content, certain).

        By key, or by the other identity where one side came without a reference. A known fact in another document is
        certain only by its reference: two equal payments of one day may be two payments.
        """
        return self.env.execute_query(
            SQL(
                """SELECT i.id, bool_or(b.digest = i.digest),
                    bool_or(b.parent_key IS NOT DISTINCT FROM i.parent_key OR (i.key <> i.alt_key AND b.key = i.key))
                FROM fin_item i CROSS JOIN LATERAL %s AS b
                WHERE i.run_id = %s AND i.outcome = 'open' AND NOT i.id = ANY(%s) GROUP BY i.id""",
                known_of("digest, parent_key, key", "(x.key = x.alt_key) <> (i.key = i.alt_key)"),
                run.id,
                aside,
            )
        )

    def _settle(self, run, known):
        """Same content: a duplicate, once the bound record was seen. Other content or doubt: a person decides."""
        gone = self._gone([item_id for item_id, same, certain in known if same and certain])
        same = [i for i, same, certain in known if same and certain and i not in gone]
        self._set_outcome(run, "duplicate", same, reason="known")
        self._mark(run, [i for i, same, _certain in known if not same], "duplicate_conflict")
        self._mark(run, [i for i, same, certain in known if same and not certain], "possible_duplicate")
        self._mark(run, sorted(gone), "bound_record_gone")

    def _gone(self, ids):
        """Those of the items whose bound record no longer exists or no longer says the same."""
        if not ids:
            return set()
        items = self.browse(ids)
        bindings = self.env["fin.binding"]._of_items(items)
        lost = bindings._lost()
        if not lost:
            return set()
        keys = {(b.object, b.scope, b.key) for b in lost}
        return {item.id for item in items if (item.object, item.scope, item.key) in keys}

    def _mark(self, run, ids, code):
        """Attach the items to the exception of this cause; the gate holds them."""
        if ids:
            exception = self.env["fin.exception"]._raise(run, code, self._words(code), count=len(ids))
            self._attach(exception, ids)

    def _words(self, code):
        return {
            "duplicate_conflict": "the same key came with other content than what is booked",
            "possible_duplicate": "looks like an entry of another statement, and without a reference nobody can tell",
            "bound_record_gone": "was booked before, but the record is gone or was changed",
        }[code]

    @api.model
    def _attach(self, exception, ids):
        """Put the exception in front of open items; what a reader noticed stands until it is waived."""
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item i SET exception_id = %s WHERE i.id = ANY(%s) AND i.outcome = 'open'
                    AND NOT EXISTS (SELECT 1 FROM fin_exception e WHERE e.id = i.exception_id
                        AND e.is_blocking AND NOT e.is_gap AND e.state <> 'waived' AND NOT e.code = ANY(%s))""",
                exception.id,
                list(ids),
                list(JUDGED_ANEW),
            )
        )
        self.invalidate_model(["exception_id"])

    @api.model
    def _move_held(self, run, child, ids):
        """What a gate holds: held in the parent, received in the child, with the same content."""
        self.env.cr.execute(
            SQL(
                """INSERT INTO fin_item (uid, run_id, payload_id, company_id, row, contract, object, scope, key,
                    alt_key, parent_key, key_hash, digest, content, amount, currency, "on", mapped_values,
                    outcome, exception_id)
                SELECT gen_random_uuid()::text, %s, payload_id, company_id, row, contract, object, scope, key,
                    alt_key, parent_key, key_hash, digest, content, amount, currency, "on", mapped_values,
                    'open', exception_id
                FROM fin_item WHERE run_id = %s AND outcome = 'open' AND id = ANY(%s) ORDER BY id""",
                child.id,
                run.id,
                list(ids),
            )
        )
        return self._set_outcome(run, "held", ids, reason=f"moved to {child.name}")

    @api.model
    def _blocked(self, run):
        """Open items behind an undecided blocking exception: their own, their document's or their payload's."""
        if not self._is_anything_in_front(run):
            return []
        rows = self.env.execute_query(
            SQL(
                """SELECT i.id FROM fin_item i
                LEFT JOIN fin_item d ON d.run_id = i.run_id AND d.object = i.object AND d.scope = i.scope
                    AND d.key = i.parent_key AND d.parent_key IS NULL
                LEFT JOIN fin_payload p ON p.id = i.payload_id
                JOIN fin_exception e ON e.id IN (i.exception_id, d.exception_id, p.exception_id)
                WHERE i.run_id = %s AND i.outcome = 'open' AND e.is_blocking AND NOT e.id = ANY(%s) GROUP BY i.id""",
                run.id,
                self._truly_waived(run).ids,
            )
        )
        return [item_id for (item_id,) in rows]

    def _is_anything_in_front(self, run):
        """Whether any exception stands in front of any of it; most runs have none, and looking closer is dear."""
        rows = self.env.execute_query(
            SQL(
                """SELECT 1 FROM fin_item i WHERE i.run_id = %s AND (i.exception_id IS NOT NULL
                    OR EXISTS (SELECT 1 FROM fin_payload p WHERE p.id = i.payload_id AND p.exception_id IS NOT NULL))
                LIMIT 1""",
                run.id,
            )
        )
        return bool(rows)

    def _truly_waived(self, run):
        waived = self.env["fin.exception"].search(
            [("run_ids", "in", (run | run.parent_id).ids), ("state", "=", "waived")]
        )
        return waived.filtered(lambda exception: exception._is_truly_waived())

    @api.model
    def _reject_payload(self, run, payload, exception):
        """What was read of a payload that turned out unreadable is rejected with it."""
        self.env.cr.execute(
            SQL(
                """UPDATE fin_item SET outcome = 'rejected', reason = 'malformed_payload', exception_id = %s
                WHERE run_id = %s AND payload_id = %s AND outcome = 'open'""",
                exception.id,
                run.id,
                payload.id,
            )
        )
        self.invalidate_model(["outcome", "reason", "exception_id"])
