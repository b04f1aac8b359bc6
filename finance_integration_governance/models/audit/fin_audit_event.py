import datetime as dt

import psycopg2
from odoo import api, fields, models
from odoo.tools import SQL

from ...core.canonical import canonical, digest, nfc
from ...core.redaction import redact, suite_logger
from ..triggers import refuse_changes

_logger = suite_logger(__name__)

NAMED = 5  # records that a refused attempt names


def _masked(value):
    """What another system or a person wrote may hold a secret; evidence is for ever."""
    return redact(value) if isinstance(value, str) else value


def _key(record):
    """How evidence names a record: by its key, where it has one."""
    if hasattr(record, "_subject_key"):
        return record._subject_key()
    return record.uid if "uid" in record._fields else record.display_name


class FinAuditEvent(models.Model):
    """One thing that happened, in canonical text with its digest; inserted, never changed.

    No foreign keys: what an event names may be renamed or go, the event stays. Facts hold keys, digests and masked
    values, never personal data, so erasing a person does not touch evidence.
    """

    _name = "fin.audit.event"
    _description = "Audit Event"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "code"

    at = fields.Datetime(required=True, readonly=True, index=True)
    code = fields.Char(required=True, readonly=True, index=True)
    actor = fields.Char(required=True, readonly=True)
    company = fields.Char(readonly=True)
    company_ref = fields.Integer(readonly=True, export_string_translation=False)
    subject_model = fields.Char(required=True, readonly=True)
    subject_key = fields.Char(required=True, readonly=True)
    facts = fields.Text(readonly=True)
    content = fields.Text(required=True, readonly=True, help="The canonical text over which the digest is taken.")
    digest = fields.Char(required=True, readonly=True, size=64)

    _subject_idx = models.Index("(subject_model, subject_key)")

    def init(self):
        refuse_changes(self.env.cr, self._table)

    @api.model
    def _append(self, code, subject_model, subject_key, company=None, facts=None):
        """Insert one event in the caller's transaction; returns its id."""
        return self._insert(code, self._actor(), self._place(company), [subject_model, subject_key], facts)

    @api.model
    def _append_apart(self, code, subject_model, subject_key, company=None, facts=None):
        """The same in a transaction of its own: what was refused, or has left, stands whatever becomes of the rest."""
        # Who it was and where is read here: another transaction may not see them yet.
        actor, place = self._actor(), self._place(company)
        with self.env.registry.cursor() as cr:
            # Whoever holds the table itself (an update, an uninstallation) would wait here for its own end.
            cr.execute("SET LOCAL lock_timeout = '500ms'")
            try:
                return self.with_env(self.env(cr=cr))._insert(code, actor, place, [subject_model, subject_key], facts)
            except psycopg2.errors.LockNotAvailable:
                cr.rollback()
                return _logger.warning("%s of %s is not in the log: its table is being changed", code, subject_model)

    @api.model
    def _append_refused(self, records, attempt):
        """Somebody tried to alter what the suite alone writes."""
        # sudo: the log names what it was about, whoever may see it
        known = records.sudo().exists()[:NAMED]
        subject = ", ".join(sorted(map(_key, known))) or "-"
        self._append_apart("fin.audit.refused", records._name, subject, None, {"attempt": attempt})

    def _insert(self, code, actor, place, subject, facts):
        at, (company, company_ref) = dt.datetime.now(dt.UTC), place
        event = {
            "at": at,
            "code": code,
            "actor": nfc(actor),
            "company": nfc(company) if company else None,
            "subject": [nfc(part) for part in subject],
            "facts": {name: _masked(value) for name, value in (facts or {}).items() if value is not None},
        }
        text = canonical(event)
        [[event_id]] = self.env.execute_query(
            SQL(
                """INSERT INTO fin_audit_event
                    (at, code, actor, company, company_ref, subject_model, subject_key, facts, content, digest)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id""",
                at.replace(tzinfo=None),
                code,
                event["actor"],
                event["company"],
                company_ref,
                *event["subject"],
                canonical(event["facts"]),
                text,
                digest(text),
            )
        )
        return event_id

    def _actor(self):
        """Login and id of who is acting, as text; behind `sudo` it is still the person."""
        return f"{self.env['res.users']._fin_login_of(self.env.uid)}#{self.env.uid}"

    def _place(self, company):
        return (company._fin_code_of(company.id), company.id) if company else (None, None)
