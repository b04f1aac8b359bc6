import datetime as dt
import random

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import TransientError


class FinBankQuota(models.Model):
    """How often an account was pulled on one day of its bank, and how often it may be."""

    _name = "fin.bank.quota"
    _description = "Pulls of an Account"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "on desc, code, account"
    _rec_name = "account"

    code = fields.Char("Connection", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    account = fields.Char(required=True, readonly=True, groups="finance_integration_governance.group_viewer")
    on = fields.Date("Day", required=True, readonly=True)
    used = fields.Integer(readonly=True)
    allowed = fields.Integer(readonly=True)
    left = fields.Integer(compute="_compute_left")
    is_told = fields.Boolean("Told by the Bank", readonly=True, help="The bank has said that it is used up.")
    at = fields.Datetime("Last Pull", readonly=True)

    _day_uniq = models.UniqueIndex('(code, account, "on")')

    @api.depends("used", "allowed")
    def _compute_left(self):
        for quota in self:
            quota.left = max(0, quota.allowed - quota.used)

    @api.model
    def _take(self, code, company, account, allowed, zone):
        """Count a pull before it is made, in a transaction of its own: what was counted stays counted.

        TransientError, and nothing has left, where the day's pulls are used up; it says when the next day begins.
        """
        now = self._now(zone)
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """INSERT INTO fin_bank_quota AS q (code, company_id, account, "on", used, allowed, at)
                    VALUES (%(code)s, %(company)s, %(account)s, %(on)s, 1, %(allowed)s, %(at)s)
                    ON CONFLICT (code, account, "on") DO UPDATE
                        SET used = q.used + 1, allowed = EXCLUDED.allowed, at = EXCLUDED.at
                        WHERE q.used < EXCLUDED.allowed AND q.is_told IS NOT TRUE
                    RETURNING used""",
                    code=code,
                    company=company.id,
                    account=account,
                    on=now.date(),
                    allowed=allowed,
                    at=fields.Datetime.now(),
                )
            )
            is_free = bool(cr.fetchone())
        if not is_free:
            text = f"the {allowed} pulls of account …{account[-4:]} that a day has are used up"
            raise TransientError(text, code="quota_used", retry_after=self._seconds_left(now), sent=False)

    def _now(self, zone):
        return dt.datetime.now(zone)

    @api.model
    def _seconds_left(self, now):
        """Until the bank's next day has begun, not all at the same moment."""
        tomorrow = dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), now.tzinfo)
        # Jitter is no secret: any generator will do.
        return (tomorrow - now).total_seconds() + random.uniform(60, 600)

    @api.model
    def _exhaust(self, code):
        """The bank has counted more than we have: of the account that was asked for last, nothing is left today."""
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """UPDATE fin_bank_quota SET is_told = TRUE WHERE id = (
                        SELECT id FROM fin_bank_quota WHERE code = %s ORDER BY at DESC, id DESC LIMIT 1)""",
                    code,
                )
            )

    @api.autovacuum
    def _gc_days(self):
        """What was counted more than a year ago is of use to nobody."""
        before = fields.Date.subtract(fields.Date.today(), days=400)
        self.env.cr.execute(SQL('DELETE FROM fin_bank_quota WHERE "on" < %s', before))
