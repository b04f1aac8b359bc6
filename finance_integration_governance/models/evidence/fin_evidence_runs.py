from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ...core.stages import OUTCOMES
from .fin_evidence_lists import _aware, _yes

RUNS = (
    "run", "flow", "version", "version_digest", "company", "direction", "trigger", "requested_by", "state", "stage",
    "queued_at", "started_at", "finished_at", "slot", "parent", "tries", "received", *OUTCOMES, "open", "is_conserved",
    "reconciliation_state", "last_error", "channel",
)  # fmt: skip
TOTALS = ("run", "outcome", "currency", "count", "amount", "hash")
RECONCILIATIONS = ("run", "number", "at", "state", "measure", "source", "target")
ANSWERS = ("run", "at", "gate", "question", "answer", "reason", "count", "digest")
PAYLOADS = (
    "payload", "run", "name", "digest", "size", "content_type", "received_at", "reading", "totals", "exception",
    "content",
)  # fmt: skip
ITEMS = (
    "item", "run", "payload", "row", "contract", "scope", "key", "alt_key", "parent_key", "key_hash", "digest",
    "amount", "currency", "on", "outcome", "reason", "exception", "purge", "mapped_values", "content",
)  # fmt: skip
REJECTED = (
    "item", "run", "row", "key", "outcome", "reason", "amount", "currency", "exception", "code", "exception_state",
    "decision",
)  # fmt: skip
ATTEMPTS = (
    "attempt", "run", "payload", "number", "state", "reference", "announced_at", "answered_at", "rejects",
)  # fmt: skip
_ITEM = SQL(
    """i.uid, r.name, p.uid, i.row, i.contract, i.scope, i.key, i.alt_key, i.parent_key, i.key_hash::text, i.digest,
    i.amount::text, i.currency, i."on"::text, i.outcome, i.reason, e.name, g.name"""
)
_FROM = SQL(
    """fin_item i JOIN fin_run r ON r.id = i.run_id LEFT JOIN fin_payload p ON p.id = i.payload_id
    LEFT JOIN fin_exception e ON e.id = i.exception_id LEFT JOIN fin_purge g ON g.id = i.purge_id"""
)
_SUMMED = ("amount", "currency")


class FinEvidenceBuilder(models.AbstractModel):
    """What a pack says about runs, files, items and totals."""

    _inherit = "fin.evidence.builder"

    @api.model
    def _lists(self, scope):
        return [
            *super()._lists(scope),
            ("runs", RUNS, self._runs(scope), None),
            ("totals", TOTALS, self._totals(scope), _SUMMED),
            ("reconciliations", RECONCILIATIONS, self._reconciliations(scope), None),
            ("gates", ANSWERS, self._answers(scope), None),
            ("payloads", PAYLOADS, self._payloads(scope), None),
            ("items", ITEMS, self._items(scope), _SUMMED),
            ("rejected", REJECTED, self._rejected(scope), _SUMMED),
            ("attempts", ATTEMPTS, self._attempts(scope), None),
        ]

    def _in_portions(self, records, size=1000):
        """The records one by one, without keeping all of them in the cache."""
        for start in range(0, len(records), size):
            yield from records[start : start + size]
            self.env.invalidate_all()

    def _runs(self, scope):
        for run in self._in_portions(scope.runs):
            parts = {outcome: total.count for outcome, total in self.env["fin.item"]._totals_by_outcome(run).items()}
            yield {
                "run": run.name,
                "flow": run.flow_id.code,
                "version": run.version_id._subject_key() if run.version_id else None,
                "version_digest": run.version_digest,
                "company": run.company_id.fin_code,
                "direction": run.direction,
                "trigger": run.trigger,
                "requested_by": run.requested_by.login,
                "state": run.state,
                "stage": run.stage,
                "queued_at": _aware(run.create_date),
                "started_at": _aware(run.started_at),
                "finished_at": _aware(run.finished_at),
                "slot": _aware(run.slot_id.due_at),
                "parent": run.parent_id.name,
                "tries": run.tries,
                "received": run.received,
                **{outcome: run[outcome] for outcome in OUTCOMES},
                "open": parts.get("open", 0),
                "is_conserved": self._is_conserved(run, parts),
                "reconciliation_state": run.reconciliation_state,
                "last_error": run.last_error,
                "channel": "fallback" if run.is_fallback else None,
            }

    def _is_conserved(self, run, parts):
        """Whether received is the sum of the outcomes, counted from the rows; nothing is said of what is on its way."""
        if run.state not in ("done", "cancelled"):
            return None
        told = {outcome: run[outcome] for outcome in OUTCOMES if run[outcome]}
        return _yes(run.received == sum(parts.values()) and told == parts)

    def _totals(self, scope):
        query = SQL(
            """SELECT r.name, i.outcome, i.currency, count(*), sum(i.amount)::text,
                mod(sum(i.key_hash::numeric), 18446744073709551616)::text
            FROM %s WHERE i.run_id = ANY(%s) GROUP BY r.id, r.name, i.outcome, i.currency
            ORDER BY r.id, i.outcome, i.currency""",
            _FROM,
            scope.runs.ids,
        )
        for run, outcome, currency, count, amount, hash_total in self._streamed(query):
            yield {
                "run": run,
                "outcome": outcome,
                "currency": currency,
                "count": count,
                "amount": _decimal(amount),
                "hash": f"{int(hash_total) % (1 << 64):016x}",
            }

    def _reconciliations(self, scope):
        for run in self._in_portions(scope.runs):
            for number, found in enumerate(run.reconciliation_ids.sorted("id"), 1):
                about = {"run": run.name, "number": number, "at": _aware(found.at), "state": found.state}
                for line in found.line_ids.sorted("id"):
                    yield {**about, "measure": line.measure, "source": line.source, "target": line.target}

    def _answers(self, scope):
        for run in self._in_portions(scope.runs):
            for answer in run.answer_ids.sorted("id"):
                yield {
                    "run": run.name,
                    "at": _aware(answer.at),
                    **{name: answer[name] for name in ("gate", "question", "answer", "reason", "count", "digest")},
                }

    def _payloads(self, scope):
        for payload in scope.runs.payload_ids.sorted("id"):
            yield {
                "payload": payload.uid,
                "run": payload.run_id.name,
                "received_at": _aware(payload.received_at),
                "exception": payload.exception_id.name,
                "content": self._is_there(scope, payload),
                **{name: payload[name] for name in ("name", "digest", "size", "content_type", "reading", "totals")},
            }

    def _is_there(self, scope, payload):
        if not scope.record.has_payloads:
            return "not asked for"
        if payload.purge_id:
            return f"purged by {payload.purge_id.name}"
        return "included" if payload._path(payload.digest).exists() else "not kept any more"

    # Items, never as records: there may be millions of them

    def _items(self, scope):
        """Every item of the runs, in the order of the payload list, so that both can be read side by side."""
        return self._told_items(scope, SQL("i.payload_id, i.row, i.id"))

    def _items_by_uid(self, scope):
        return ITEMS, "item", self._told_items(scope, SQL('i.uid COLLATE "C"')), _SUMMED

    def _told_items(self, scope, order):
        # Without the files nothing can be re-performed, and contents stay where they are.
        is_full = bool(scope.record.has_payloads)
        query = SQL(
            """SELECT %(item)s, CASE WHEN %(full)s THEN i.mapped_values END, CASE WHEN %(full)s THEN i.content END
            FROM %(tables)s WHERE i.run_id = ANY(%(runs)s) ORDER BY %(order)s""",
            item=_ITEM,
            full=is_full,
            tables=_FROM,
            runs=scope.runs.ids,
            order=order,
        )
        for row in self._streamed(query):
            told = dict(zip(ITEMS, row, strict=True))
            yield {**told, "amount": _decimal(told["amount"])}

    def _rejected(self, scope):
        """Records that were not delivered because of something, and what was decided."""
        query = SQL(
            """SELECT i.uid, r.name, i.row, i.key, i.outcome, i.reason, i.amount::text, i.currency,
                e.name, e.code, e.state, e.reason
            FROM %s WHERE i.run_id = ANY(%s) AND (i.outcome IN ('rejected', 'held', 'open') OR e.id IS NOT NULL)
            ORDER BY i.run_id, i.id""",
            _FROM,
            scope.runs.ids,
        )
        for row in self._streamed(query):
            told = dict(zip(REJECTED, row, strict=True))
            yield {**told, "amount": _decimal(told["amount"])}

    def _attempts(self, scope):
        for attempt in scope.runs.attempt_ids.sorted("id"):
            yield {
                "attempt": attempt._subject_key(),
                "run": attempt.run_id.name,
                "payload": attempt.payload_id.uid,
                "announced_at": _aware(attempt.announced_at),
                "answered_at": _aware(attempt.answered_at),
                **{name: attempt[name] for name in ("number", "state", "reference", "rejects")},
            }


def _decimal(text):
    return Decimal(text) if text is not None else None
