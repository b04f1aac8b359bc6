import dataclasses
import time

import psycopg2
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...core.errors import TransientError

REPEATS = 50  # conflicts with other workers in a row
PATIENCE = 3  # seconds for which a worker waits for its place; longer, and another run has its turn
LONGEST = 300  # seconds for one exchange, whatever a version says


class FinRate(models.Model):
    """How many calls are left: one bucket for all workers, filled again as time passes.

    A connection has its own; connections whose calls the system counts together have one between them.
    """

    _name = "fin.rate"
    _description = "Rate of a Connection"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "code"
    _rec_name = "code"

    code = fields.Char("Connection", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    tokens = fields.Float(readonly=True)
    at = fields.Datetime(readonly=True)
    calls = fields.Integer(readonly=True)
    seconds = fields.Integer("In so many seconds", readonly=True)
    left = fields.Integer("Left now", compute="_compute_left")

    _code_uniq = models.UniqueIndex("(code)")

    def _compute_left(self):
        now = fields.Datetime.now()
        for rate in self:
            past = max(0, (now - rate.at).total_seconds()) if rate.at else 0
            rate.left = int(min(rate.calls, max(0, rate.tokens + past * rate.calls / max(1, rate.seconds))))

    @api.model
    def _take(self, code, company_id, calls, seconds):
        """Take one call out of the bucket: 0, or for how many seconds nobody gets one.

        In a short transaction of its own; where another worker was there in the same moment, in the next.
        """
        for _again in range(REPEATS):
            try:
                return self._take_now(code, company_id, calls, seconds)
            except psycopg2.errors.SerializationFailure:
                time.sleep(0.001)
        return 0.05

    def _take_now(self, code, company_id, calls, seconds):
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """INSERT INTO fin_rate AS r (code, company_id, tokens, at, calls, seconds)
                    VALUES (%(code)s, %(company)s, %(calls)s, clock_timestamp() AT TIME ZONE 'utc', %(calls)s,
                        %(seconds)s)
                    ON CONFLICT (code) DO UPDATE SET calls = EXCLUDED.calls, seconds = EXCLUDED.seconds,
                        at = EXCLUDED.at, tokens = LEAST(EXCLUDED.calls, r.tokens
                            + EXTRACT(EPOCH FROM EXCLUDED.at - r.at) * EXCLUDED.calls / EXCLUDED.seconds)
                    RETURNING tokens""",
                    code=code,
                    company=company_id,
                    calls=calls,
                    seconds=seconds,
                ),
                log_exceptions=False,
            )
            [tokens] = cr.fetchone()
            if tokens < 1:
                return max(0.05, (1 - float(tokens)) * seconds / calls)
            cr.execute("UPDATE fin_rate SET tokens = tokens - 1 WHERE code = %s", [code])
        return 0

    @api.model
    def _await(self, code, company_id, calls, seconds):
        """Wait a little for a place; TransientError, and nothing has left, where that takes longer."""
        deadline = time.monotonic() + PATIENCE
        while wait := self._take(code, company_id, calls, seconds):
            if time.monotonic() + wait > deadline:
                text = f"{code} takes {calls} calls in {seconds} seconds, and they are used up"
                raise TransientError(text, code="rate_limited", retry_after=wait, sent=False)
            time.sleep(wait)


class FinConnection(models.Model):
    """How many calls a system takes, and for how long one may last; the version says it."""

    _inherit = "fin.connection"

    rate_calls = fields.Integer("Calls at most", tracking=True, help="0: as many as the system is known to take.")
    rate_seconds = fields.Integer("Within", default=60, tracking=True, help="Seconds.")
    timeout_seconds = fields.Integer("One call lasts at most", tracking=True, help="Seconds; 0: 30.")
    rate_left = fields.Integer("Left now", compute="_compute_rate_left")

    @api.constrains("rate_calls", "rate_seconds", "timeout_seconds")
    def _check_rate(self):
        for connection in self:
            if (
                connection.rate_calls < 0
                or connection.rate_seconds < 1
                or not 0 <= connection.timeout_seconds <= LONGEST
            ):
                text = self.env._("Calls, seconds and time limits are positive; a call lasts at most %s s.", LONGEST)
                raise ValidationError(text)

    def _compute_rate_left(self):
        known = self.env["fin.connector"]._classes()
        mine = self.filtered(lambda connection: connection.connector_id.code in known)
        limits = {connection: self._limit(connection._as_counted()) for connection in mine}
        codes = [code for code, _rate in limits.values()]
        # sudo: a bucket may be shared with another company's connection; how much is left in it is no content
        left = {rate.code: rate.left for rate in self.env["fin.rate"].sudo().search([("code", "in", codes)])}
        for connection in self:
            code, rate = limits.get(connection, (None, None))
            connection.rate_left = left.get(code, rate["calls"] if rate else 0)

    def _as_counted(self):
        """The part of the document that says how calls are counted."""
        told = {"rate": {"calls": self.rate_calls, "seconds": self.rate_seconds}} if self.rate_calls else {}
        return {"connector": self.connector_id.code, "code": self.code, "settings": self._values(), **told}

    def _document(self):
        told = {"timeout": self.timeout_seconds} if self.timeout_seconds else {}
        rate = self._as_counted().get("rate")
        return super()._document() | told | ({"rate": rate} if rate else {})

    def _before_call(self, document, company):
        before, (code, rate) = super()._before_call(document, company), self._limit(document)
        if not rate:
            return before

        def take(call):
            self.env["fin.rate"]._await(code, company.id, rate["calls"], rate["seconds"])
            return before(call) if before else None

        return take

    def _limit(self, document):
        """(name of the bucket, {calls, seconds} or None): what the version says, else what the system takes."""
        cls = self.env["fin.connector"]._class(document["connector"])
        settings = {cls.renamed.get(name, name): value for name, value in document.get("settings", {}).items()}
        known = {"calls": cls.rate[0], "seconds": cls.rate[1]} if cls.rate else None
        return cls.counted_with(settings) or document["code"], document.get("rate") or known

    def _network(self, document, company, gateways):
        network = super()._network(document, company, gateways)
        seconds = document.get("timeout")
        return dataclasses.replace(network, seconds=seconds) if seconds else network
