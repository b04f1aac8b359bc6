"""Duplicates are looked for each night, too: only among what changed since, and what may be the same as that."""

import datetime as dt

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 500  # contacts that changed, at a time
LIKELY = 400  # contacts whose names begin alike, put beside one of them
MOST_OPEN = 200  # cases of a company that wait for a person: beyond them nobody looks for more
_NEVER = fields.Datetime.to_datetime("1970-01-01")
_STILL_OPEN = dt.timedelta(hours=1)  # a transaction that began before and is not over yet may bring an older change


class ResCompany(models.Model):
    _inherit = "res.company"

    fin_duplicates_until = fields.Datetime(readonly=True, copy=False, help="Contacts were compared up to this change.")


class FinDuplicate(models.Model):
    _inherit = "fin.duplicate"

    @api.model
    def _cron_scan(self):
        """Look at what changed in each company with flows, a batch each; what is left wakes the cron again."""
        companies = self.env["fin.flow"].search([("state", "!=", "draft")]).company_id
        left = [company for company in companies if self.with_company(company)._scan_changed(company)]
        if left:
            self.env.ref("finance_integration_governance.ir_cron_duplicates")._trigger()

    def _scan_changed(self, company):
        """Compare a batch of what changed; True where more of it is left."""
        wanted = [("company_id", "=", company.id), ("state", "in", ("open", "in_progress"))]
        if self.search_count(wanted, limit=MOST_OPEN) >= MOST_OPEN:
            return False
        changed = self._changed(company)
        if not changed:
            return False
        ids = [partner_id for partner_id, _at in changed]
        self._scan(company, self.env["res.partner"].browse({*ids, *self._alike(company, ids)}))
        until = min(changed[-1][1], fields.Datetime.now() - _STILL_OPEN)
        before = company.fin_duplicates_until or _NEVER
        # sudo: how far it has come is the suite's own
        company.sudo().fin_duplicates_until = max(until, before)
        return until > before and len(changed) >= BATCH

    def _changed(self, company):
        """(contact, when it or one of its accounts changed), the oldest change first; a moment is never cut in two."""
        return self.env.execute_query(
            SQL(
                """SELECT id, at FROM (
                    SELECT p.id, GREATEST(p.write_date, max(b.write_date)) AS at FROM res_partner p
                    LEFT JOIN res_partner_bank b ON b.partner_id = p.id WHERE p.id IN %s GROUP BY p.id) AS changed
                WHERE at > %s ORDER BY at, id FETCH FIRST %s ROWS WITH TIES""",
                self._ids_looked_at(company),
                company.fin_duplicates_until or _NEVER,
                BATCH,
            )
        )

    def _ids_looked_at(self, company):
        """The same contacts as `_looked_at`, as a subquery."""
        return self.env["res.partner"]._search(self._domain(company)).subselect()

    def _alike(self, company, ids):
        """Contacts that share a number, an account or an address with these, or whose names begin alike."""
        bare = SQL("upper(regexp_replace(COALESCE(vat, ''), '[^[:alnum:]]', '', 'g'))")
        begin = SQL("left(btrim(regexp_replace(lower(name), '[^[:alnum:]]+', ' ', 'g')), 3)")
        rows = self.env.execute_query(
            SQL(
                """WITH looked AS (
                    SELECT id, %(bare)s AS vat, lower(btrim(email)) AS email, COALESCE(country_id, 0) AS country,
                        %(begin)s AS begin FROM res_partner WHERE id IN %(looked)s),
                changed AS (SELECT * FROM looked WHERE id = ANY(%(ids)s)),
                named AS (
                    SELECT l.id, row_number() OVER (PARTITION BY l.country, l.begin ORDER BY l.id) AS place
                    FROM looked l WHERE (l.country, l.begin) IN (SELECT country, begin FROM changed))
                SELECT l.id FROM looked l JOIN changed c ON l.vat = c.vat AND length(c.vat) > 4
                UNION SELECT l.id FROM looked l JOIN changed c ON l.email = c.email AND c.email LIKE '%%@%%'
                UNION SELECT l.id FROM looked l JOIN res_partner_bank b ON b.partner_id = l.id
                    JOIN res_partner_bank o ON o.sanitized_acc_number = b.sanitized_acc_number
                    JOIN changed c ON c.id = o.partner_id
                UNION SELECT id FROM named WHERE place <= %(likely)s""",
                bare=bare,
                begin=begin,
                looked=self._ids_looked_at(company),
                ids=list(ids),
                likely=LIKELY,
            )
        )
        return [partner_id for (partner_id,) in rows]
