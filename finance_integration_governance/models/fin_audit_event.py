import datetime as dt

from odoo import api, fields, models
from odoo.tools import SQL

from ..core.canonical import canonical, digest, nfc
from ..core.redaction import redact
from .triggers import refuse_changes


def _masked(value):
    """What another system or a person wrote may hold a secret; evidence is for ever."""
    return redact(value) if isinstance(value, str) else value


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
        told = {name: _masked(value) for name, value in (facts or {}).items() if value is not None}
        event = {
            "at": dt.datetime.now(dt.UTC),
            "code": code,
            "actor": nfc(self._actor()),
            "company": nfc(company.fin_code) if company else None,
            "subject": [subject_model, nfc(subject_key)],
            "facts": told,
        }
        return self._insert(event, company)

    def _insert(self, event, company):
        text = canonical(event)
        [[event_id]] = self.env.execute_query(
            SQL(
                """INSERT INTO fin_audit_event
                    (at, code, actor, company, company_ref, subject_model, subject_key, facts, content, digest)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id""",
                event["at"].replace(tzinfo=None),
                event["code"],
                event["actor"],
                event["company"],
                company.id if company else None,
                *event["subject"],
                canonical(event["facts"]),
                text,
                digest(text),
            )
        )
        return event_id

    def _actor(self):
        """Login and id of who is acting, as text; behind `sudo` it is still the person."""
        return f"{self.env.user.login}#{self.env.uid}"
