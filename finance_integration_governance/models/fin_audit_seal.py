import datetime as dt
import hashlib
import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..core.canonical import canonical
from .triggers import refuse_changes

GENESIS = "0" * 64


def chained(head, event_digest):
    """The head after one more event: SHA-256 over the two digests, as they are written."""
    return hashlib.sha256(f"{head}{event_digest}".encode()).hexdigest()


def _agrees(told, code, actor, company, model, key, facts, at):
    """Whether the columns that people search and read say what the sealed text says."""
    return (
        [told["code"], told["actor"], told.get("company"), told["subject"]] == [code, actor, company, [model, key]]
        and canonical(told["facts"]) == facts
        and dt.datetime.fromisoformat(told["at"]) == at.replace(tzinfo=dt.UTC)
    )


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
    def _seal(self):
        """Seal what is not sealed yet, in a transaction of its own; returns how many events."""
        with self.env.registry.cursor() as cr:
            # As the first statement, the lock also decides what this transaction sees: everything before it.
            cr.execute(SQL("LOCK TABLE fin_audit_seal IN SHARE ROW EXCLUSIVE MODE"))
            return self.with_env(self.env(cr=cr))._seal_waiting()

    def _seal_waiting(self, batch=20_000):
        position, head = self._head()
        waiting = self._waiting(batch)
        rows = []
        for event_id, event_digest in waiting:
            position, head = position + 1, chained(head, event_digest)
            rows.append((event_id, position, head))
        self.env.cr.execute_values("INSERT INTO fin_audit_seal (event_id, position, head) VALUES %s", rows)
        return len(rows)

    def _head(self):
        """(position, head) of the chain; position 0 where nothing is sealed yet."""
        rows = self.env.execute_query(SQL("SELECT position, head FROM fin_audit_seal ORDER BY position DESC LIMIT 1"))
        return rows[0] if rows else (0, GENESIS)

    def _waiting(self, batch):
        return self.env.execute_query(
            SQL(
                """SELECT e.id, e.digest FROM fin_audit_event e
                WHERE NOT EXISTS (SELECT 1 FROM fin_audit_seal s WHERE s.event_id = e.id)
                ORDER BY e.id LIMIT %s""",
                batch,
            )
        )

    @api.model
    def _verify(self):
        """Walk the chain; returns the first thing wrong as (position, code), or None where all is as it was sealed."""
        head = GENESIS
        for count, row in enumerate(self._chain(), 1):
            position, sealed, event_digest, content, *columns = row
            if position != count:
                return position, "gap"
            if event_digest is None:
                return position, "event_missing"
            if hashlib.sha256(content.encode()).hexdigest() != event_digest:
                return position, "event_changed"
            if not _agrees(json.loads(content), *columns):
                return position, "event_changed"
            head = chained(head, event_digest)
            if head != sealed:
                return position, "chain_broken"
        return None

    def _chain(self):
        return self.env.execute_query(
            SQL(
                """SELECT s.position, s.head, e.digest, e.content,
                    e.code, e.actor, e.company, e.subject_model, e.subject_key, e.facts, e.at
                FROM fin_audit_seal s LEFT JOIN fin_audit_event e ON e.id = s.event_id ORDER BY s.position"""
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
