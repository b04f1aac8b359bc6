import datetime as dt
import hashlib
import io
import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..triggers import refuse_changes

GENESIS = "0" * 64
BATCH = 20_000
# An event's number is taken before its transaction commits, so a late one comes in below those that are sealed. Farther
# down than this only the nightly check looks, which seals with EVERYTHING.
REACH = 50_000
EVERYTHING = 2**62


def chained(head, event_digest):
    """The head after one more event: SHA-256 over the two digests, as they are written."""
    return hashlib.sha256(f"{head}{event_digest}".encode()).hexdigest()


class FinAuditSeal(models.Model):
    """The chain over the audit events: each head covers all events before it. One writer, one chain per database."""

    _name = "fin.audit.seal"
    _description = "Audit Seal"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "position desc"
    _rec_name = "position"

    event_id = fields.Integer(required=True, readonly=True)
    position = fields.Integer(required=True, readonly=True)
    head = fields.Char(required=True, readonly=True, size=64)

    _event_uniq = models.UniqueIndex("(event_id)")
    _position_uniq = models.UniqueIndex("(position)")

    def init(self):
        refuse_changes(self.env.cr, self._table)

    @api.model
    def _seal(self, batch=BATCH, reach=REACH):
        """Seal what is not sealed yet, in a transaction of its own; returns how many events."""
        with self.env.registry.cursor() as cr:
            # As the first statement, the lock also decides what this transaction sees: everything before it.
            cr.execute(SQL("LOCK TABLE fin_audit_seal IN SHARE ROW EXCLUSIVE MODE"))
            return self.with_env(self.env(cr=cr))._seal_waiting(batch, reach)

    def _seal_waiting(self, batch=BATCH, reach=REACH):
        position, head = self._head()
        lines = []
        for event_id, event_digest in self._waiting(batch, reach):
            position, head = position + 1, chained(head, event_digest)
            lines.append(f"{event_id}\t{position}\t{head}\n")
        if lines:
            stream = io.StringIO("".join(lines))
            self.env.cr.copy_expert("COPY fin_audit_seal (event_id, position, head) FROM STDIN", stream)
        return len(lines)

    def _head(self):
        """(position, head) of the chain; position 0 where nothing is sealed yet."""
        rows = self.env.execute_query(SQL("SELECT position, head FROM fin_audit_seal ORDER BY position DESC LIMIT 1"))
        return rows[0] if rows else (0, GENESIS)

    def _waiting(self, batch, reach):
        """Events without a seal, oldest first, among those numbered at most `reach` below the newest sealed one.

        OFFSET 0 keeps the planner at one index look-up each, also where it does not know yet how many rows there are.
        """
        return self.env.execute_query(
            SQL(
                """SELECT e.id, e.digest FROM fin_audit_event e
                WHERE e.id > (SELECT COALESCE(max(event_id), 0) - %s FROM fin_audit_seal)
                    AND NOT EXISTS (SELECT 1 FROM fin_audit_seal s WHERE s.event_id = e.id OFFSET 0)
                ORDER BY e.id LIMIT %s""",
                reach,
                batch,
            )
        )

    @api.model
    def _holds(self, code, subject_model, subject_key, fact, since=None):
        """Whether the sealed log knows such an event with this fact, unchanged, and not before `since` (aware)."""
        return any(
            fact in told["facts"].values() and (since is None or dt.datetime.fromisoformat(told["at"]) >= since)
            for told in self._sealed(code, subject_model, subject_key)
        )

    def _sealed(self, code, subject_model, subject_key):
        """What sealed events of this code and subject say, by their sealed text: columns beside it prove nothing."""
        rows = self.env.execute_query(
            SQL(
                """SELECT e.content, s.head, COALESCE(p.head, %s) FROM fin_audit_event e
                JOIN fin_audit_seal s ON s.event_id = e.id LEFT JOIN fin_audit_seal p ON p.position = s.position - 1
                WHERE e.code = %s AND e.subject_model = %s AND e.subject_key = %s""",
                GENESIS,
                code,
                subject_model,
                subject_key,
            )
        )
        for content, head, before in rows:
            told = json.loads(content)
            is_this = (told["code"], told["subject"]) == (code, [subject_model, subject_key])
            if is_this and chained(before, hashlib.sha256(content.encode()).hexdigest()) == head:
                yield told
