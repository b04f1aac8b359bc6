import hashlib
import time

from odoo import api, fields, models
from odoo.tools import SQL

from ...core.webhook import Refused, verified
from ..writer import as_writer

CALLS, SECONDS = 60, 60  # that a connection takes
TELL_AGAIN = 60  # seconds for which refused calls are counted only


class FinWebhook(models.Model):
    """The signed calls of one connection, counted. A call wakes the connection's flows and brings nothing else in."""

    _name = "fin.webhook"
    _description = "Signed Calls of a Connection"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "code"
    _rec_name = "code"

    code = fields.Char("Connection", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    accepted = fields.Integer(readonly=True)
    repeated = fields.Integer(readonly=True, help="Calls that had come before: they do nothing.")
    refused = fields.Integer(readonly=True)
    accepted_at = fields.Datetime("Last accepted", readonly=True)
    refused_at = fields.Datetime("Last refused", readonly=True)
    refused_for = fields.Selection(
        [
            ("no_id", "It bears no identifier"),
            ("out_of_time", "Its moment is too far from ours"),
            ("wrong_signature", "No signature fits"),
        ],
        "Why",
        readonly=True,
    )
    told_at = fields.Datetime(readonly=True)

    _code_uniq = models.UniqueIndex("(code)")

    @api.model
    def _receive(self, token, headers, body):
        """The HTTP status of a call: 202 wakes, 200 was there before, 401 is not believed, 404 leads nowhere.

        Seconds to wait stand beside 429.
        """
        connection = self.env["fin.connection"]._of_token(token)
        flows = connection._woken()
        if not flows:
            return 404, None
        wait = self.env["fin.rate"]._take(f"webhook:{connection.code}", connection.company_id.id, CALLS, SECONDS)
        if wait:
            return 429, wait
        try:
            name = verified(headers, body, connection._webhook_secrets(flows), time.time())
        except Refused as refused:
            self._count(connection, "refused", refused.reason)
            return 401, None
        if not self.env["fin.webhook.message"]._is_new(connection, name, body):
            self._count(connection, "repeated")
            return 200, None
        self._count(connection, "accepted")
        self.env["fin.event"]._wake_flows(flows, f"webhook:{connection.code}")
        return 202, None

    def _count(self, connection, what, why=None):
        """In a transaction of its own: a counter must not make a call wait for another one."""
        now = fields.Datetime.now()
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """INSERT INTO fin_webhook AS w (code, company_id, accepted, repeated, refused)
                    VALUES (%(code)s, %(company)s, 0, 0, 0) ON CONFLICT (code) DO NOTHING;
                    UPDATE fin_webhook SET %(what)s = %(what)s + 1 WHERE code = %(code)s""",
                    code=connection.code,
                    company=connection.company_id.id,
                    what=SQL.identifier(what),
                )
            )
            if what == "accepted":
                cr.execute(SQL("UPDATE fin_webhook SET accepted_at = %s WHERE code = %s", now, connection.code))
            if what == "refused":
                self._tell_refused(cr, connection, now, why)

    def _tell_refused(self, cr, connection, now, why):
        """Who floods us with calls that nobody believes does not flood the log: one event a minute, with the count."""
        cr.execute(SQL("SELECT refused, told_at FROM fin_webhook WHERE code = %s", connection.code))
        count, told_at = cr.fetchone()
        is_told = not told_at or told_at < fields.Datetime.subtract(now, seconds=TELL_AGAIN)
        cr.execute(
            SQL(
                "UPDATE fin_webhook SET refused_at = %s, refused_for = %s, told_at = %s WHERE code = %s",
                now,
                why,
                now if is_told else told_at,
                connection.code,
            )
        )
        if is_told:
            env = self.env(cr=cr)
            facts = {"reason": why, "refused": count}
            env["fin.audit.event"]._append(
                "fin.webhook.refuse", self._name, connection.code, connection.company_id, facts
            )


class FinWebhookMessage(models.Model):
    """A signed call that was believed: that it came, and a digest of what it said. What it said is not kept."""

    _name = "fin.webhook.message"
    _description = "Signed Call"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id desc"

    code = fields.Char("Connection", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    name = fields.Char("Message", required=True, readonly=True)
    at = fields.Datetime(required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, size=64)

    _once = models.UniqueIndex("(code, name)")

    @api.model
    def _is_new(self, connection, name, body):
        """Keep the message's id, for ever; False where it came before. Where two come at once, one of them is told."""
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO fin_webhook_message (code, company_id, name, at, digest) VALUES (%s, %s, %s, %s, %s)
                ON CONFLICT (code, name) DO NOTHING RETURNING id""",
                connection.code,
                connection.company_id.id,
                name,
                fields.Datetime.now(),
                hashlib.sha256(body).hexdigest(),
            )
        )
        if rows:
            facts = {"connection": connection.code, "digest": hashlib.sha256(body).hexdigest()}
            self.env["fin.audit.event"]._append("fin.webhook.accept", self._name, name, connection.company_id, facts)
        return bool(rows)


class FinEvent(models.Model):
    _inherit = "fin.event"

    @api.model
    def _wake_flows(self, flows, key):
        """Something happened for exactly these flows; whatever else makes them due stays as it is."""
        now = fields.Datetime.now()
        as_writer(self).create([{"flow_id": flow.id, "key": key, "at": now} for flow in flows])
        for lane in sorted({flow._document()["lane"] for flow in flows}):
            self.env["fin.engine"]._wake(lane)
