"""Where the money is, account by account and day by day, as far as statements of the bank prove it."""

import datetime as dt
import json

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.workdays import Calendar

DAYS = 400
STATES = [
    ("received", "Statement is here"),
    ("break", "Statement does not go on"),
    ("covered", "Nothing moved"),
    ("gap", "Statement is missing"),
    ("waiting", "Not here yet"),
    ("none", "No statement ever"),
]

# Which fields the query reads.
TOLD_BY = {
    "account.journal": ["type", "active", "company_id", "currency_id", "bank_account_id", "fin_flow_id"],
    "account.bank.statement": ["journal_id", "date", "balance_start", "balance_end_real"],
    "fin.binding": ["live", "res_model", "res_id", "run_id", "item_id"],
    "fin.run": ["state"],
    "fin.slot": ["flow_id", "due_at", "state"],
    "res.company": ["currency_id", "parent_path"],
    "res.currency": ["decimal_places"],
    "res.currency.rate": ["currency_id", "company_id", "name", "rate"],
    "res.partner.bank": ["bank_id"],
}


class FinCashDay(models.Model):
    """One bank account on one day: its proven balance, how old that is, and whether the day's statement is here.

    A balance is the closing balance of the last statement up to that day. It is proven where an approved flow brought
    the statement in a run that tied, and the bank told the balance; else it is only what Odoo says. A day without a
    statement is covered where the next statement opens with what the one before has closed with.
    """

    _name = "fin.cash.day"
    _inherit = ["fin.amounts"]
    _description = "Cash Position"
    _auto = False
    _rec_name = "journal_id"
    _order = "day desc, company_id, journal_id"
    _depends = TOLD_BY
    _amounts = frozenset({"balance", "balance_company"})

    day = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    bank_id = fields.Many2one("res.bank", readonly=True)
    journal_id = fields.Many2one("account.journal", string="Bank account", readonly=True)
    flow_id = fields.Many2one("fin.flow", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    balance = fields.Monetary(readonly=True)
    balance_company = fields.Monetary(
        "In company currency", currency_field="company_currency_id", readonly=True, help="Empty without a rate."
    )
    rate = fields.Float(readonly=True, digits=(16, 6), aggregator=None, help="Its currency for one of the company's.")
    rate_on = fields.Date("Rate of", readonly=True)
    statement_id = fields.Many2one("account.bank.statement", string="Last statement", readonly=True)
    proven_on = fields.Date("Balance of", readonly=True)
    age = fields.Integer("Age (days)", readonly=True, aggregator="max")
    is_proven = fields.Boolean("Proven", readonly=True, help="By a statement that an approved flow brought and tied.")
    state = fields.Selection(STATES, string="Statement of the day", readonly=True)
    expected = fields.Integer("Statements expected", readonly=True, help="Working days of the flow that are over.")
    received = fields.Integer("Statements here", readonly=True)
    missing = fields.Integer("Statements missing", readonly=True, help="Expected, not here, and not proven empty.")

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return self._query(today - dt.timedelta(days=DAYS), today)

    @api.model
    def _query(self, since, today):
        """The rows of these days; `fin.cash.forecast` asks for today's alone.

        The planner cannot guess how many days there are, so what joins to them afterwards must not be mixed in.
        """
        return SQL(
            """WITH account AS MATERIALIZED (%(accounts)s)
            SELECT account.journal_id * 32768 + (account.day - DATE '2000-01-01') AS id, account.day,
                account.company_id, account.bank_id, account.journal_id, account.flow_id, account.currency_id,
                account.company_currency_id, account.balance,
                ROUND(account.balance * COALESCE(base.rate, 1) / rate.rate, account.decimals) AS balance_company,
                rate.rate / COALESCE(base.rate, 1) AS rate, rate.rate_on, account.statement_id, account.proven_on,
                CASE WHEN account.state <> 'covered' THEN account.day - account.proven_on ELSE 0 END AS age,
                account.is_proven, account.state, account.expected,
                (account.state IN ('received', 'break'))::int AS received,
                CASE WHEN account.state IN ('gap', 'waiting', 'none') THEN account.expected ELSE 0 END AS missing
            FROM account CROSS JOIN LATERAL (%(rate)s) rate CROSS JOIN LATERAL (%(base)s) base""",
            accounts=self._accounts(since, today),
            rate=self._rate_of(SQL("account.currency_id"), SQL("account.company_currency_id")),
            base=self._rate_of(SQL("account.company_currency_id"), SQL("NULL::int")),
        )

    @api.model
    def _rate_of(self, currency, same):
        """One row: the last rate of the currency up to the day, as the company sees it; 1 for `same`, NULL for none."""
        return SQL(
            """SELECT max(found.rate) AS rate, max(found.name) AS rate_on FROM (
                SELECT 1::numeric AS rate, account.day AS name WHERE %(currency)s = %(same)s UNION ALL
                (SELECT r.rate, r.name FROM res_currency_rate r WHERE %(currency)s IS DISTINCT FROM %(same)s
                    AND r.currency_id = %(currency)s AND r.name <= account.day
                    AND (r.company_id IS NULL OR r.company_id = account.root_id)
                ORDER BY r.company_id, r.name DESC LIMIT 1)) found""",
            currency=currency,
            same=same,
        )

    def _accounts(self, since, today):
        """Each bank account on each day from its first statement on; on one without any, today alone."""
        places, keepers = self._working_days(since, today)
        return SQL(
            """SELECT day.at::date AS day, j.company_id, j.id AS journal_id, j.fin_flow_id AS flow_id, b.bank_id,
                COALESCE(j.currency_id, c.currency_id) AS currency_id, c.currency_id AS company_currency_id,
                u.decimal_places AS decimals, split_part(c.parent_path, '/', 1)::int AS root_id,
                s.closing AS balance, s.statement_id, s.date AS proven_on, COALESCE(s.is_proven, FALSE) AS is_proven,
                CASE WHEN s.date IS NULL THEN 'none'
                    WHEN day.at = s.date THEN CASE WHEN s.before <> s.opening THEN 'break' ELSE 'received' END
                    WHEN s.next_on IS NULL THEN 'waiting'
                    WHEN s.next_opening = s.closing THEN 'covered' ELSE 'gap' END AS state,
                (j.fin_flow_id IS NOT NULL AND w.day IS NOT NULL
                    AND day.at < COALESCE(f.due_on, %(today)s))::int AS expected
            FROM account_journal j JOIN res_company c ON c.id = j.company_id
            JOIN res_currency u ON u.id = c.currency_id LEFT JOIN res_partner_bank b ON b.id = j.bank_account_id
            LEFT JOIN (%(stretches)s) s ON s.journal_id = j.id AND COALESCE(s.next_on, %(today)s + 1) > %(since)s
            LEFT JOIN (SELECT flow_id, max(due_at)::date AS due_on FROM fin_slot
                WHERE state IN ('started', 'met', 'late', 'missed') GROUP BY flow_id) f ON f.flow_id = j.fin_flow_id
            LEFT JOIN (%(keepers)s) of_flow ON of_flow.flow_id = j.fin_flow_id
            LEFT JOIN (%(keepers)s) of_company ON of_company.company_id = j.company_id
            CROSS JOIN LATERAL generate_series(GREATEST(COALESCE(s.date, %(today)s), %(since)s),
                COALESCE(s.next_on - 1, %(today)s), '1 day') AS day(at)
            LEFT JOIN (%(places)s) w ON w.day = day.at::date
                AND w.place = COALESCE(of_flow.place, of_company.place, 0)
            WHERE j.type = 'bank' AND j.active""",
            today=today,
            since=since,
            stretches=self._stretches(today),
            places=places,
            keepers=keepers,
        )

    def _stretches(self, today):
        """The statements of each day of each account as one, with the days before and after that have some."""
        return SQL(
            """SELECT d.*, lag(closing) OVER w AS before, lead(date) OVER w AS next_on,
                lead(opening) OVER w AS next_opening
            FROM (%s) d WINDOW w AS (PARTITION BY journal_id ORDER BY date)""",
            self._statements(today),
        )

    def _statements(self, today):
        """The statements of one day go on from each other in whatever order they came: what no other closed with is
        where the day opens, and what no other opened with is where it closes.
        """
        return SQL(
            """SELECT journal_id, date, max(id) AS statement_id, bool_and(is_proven) AS is_proven,
                CASE WHEN count(*) = 1 THEN min(start) ELSE COALESCE((SELECT min(x) FROM
                    (SELECT unnest(array_agg(start)) EXCEPT ALL SELECT unnest(array_agg(stop))) AS o(x)),
                    (array_agg(start ORDER BY id))[1]) END AS opening,
                CASE WHEN count(*) = 1 THEN min(stop) ELSE COALESCE((SELECT max(x) FROM
                    (SELECT unnest(array_agg(stop)) EXCEPT ALL SELECT unnest(array_agg(start))) AS o(x)),
                    (array_agg(stop ORDER BY id DESC))[1]) END AS closing
            FROM (SELECT s.id, s.journal_id, s.date, s.balance_start AS start, s.balance_end_real AS stop,
                    r.id IS NOT NULL AS is_proven
                FROM account_bank_statement s
                LEFT JOIN fin_binding b ON b.live AND b.res_model = 'account.bank.statement' AND b.res_id = s.id
                LEFT JOIN fin_item i ON i.id = b.item_id AND strpos(i.content, '"closing":{') > 0
                LEFT JOIN fin_run r ON r.id = b.run_id AND i.id IS NOT NULL AND r.state = 'done'
                WHERE s.journal_id IS NOT NULL AND s.date <= %s) one
            GROUP BY journal_id, date""",
            today,
        )

    def _working_days(self, since, today):
        """(working days by calendar, whose calendar it is) as two tables; calendar 0 is Monday to Friday."""
        calendars, keepers = [Calendar.read(None)], []
        for company_id, flow_id, told in self._calendars():
            calendar = Calendar.read(told)
            if calendar not in calendars:
                calendars.append(calendar)
            keepers.append((company_id, flow_id, calendars.index(calendar)))
        days = [since + dt.timedelta(days=many) for many in range((today - since).days + 1)]
        working = [(place, day) for place, one in enumerate(calendars) for day in days if one.is_working(day)]
        return (
            SQL(
                "SELECT * FROM unnest(%s::int[], %s::date[]) AS x(place, day)",
                [place for place, _day in working],
                [day for _place, day in working],
            ),
            SQL(
                "SELECT * FROM unnest(%s::int[], %s::int[], %s::int[]) AS x(company_id, flow_id, place)",
                *([one[part] for one in keepers] for part in range(3)),
            ),
        )

    def _calendars(self):
        """(company, None, calendar) of the companies at hand, and (None, flow, calendar) of flows with their own."""
        for company in self.env.companies:
            yield company.id, None, company._fin_policy().get("calendar")
        # sudo: working days are no secret of whoever may see the account
        self.env["fin.version"].sudo().flush_model(["state", "document_id", "flow_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT v.flow_id, d.text::json->'calendar' #>> '{}' FROM fin_version v
                JOIN fin_document d ON d.id = v.document_id JOIN account_journal j ON j.fin_flow_id = v.flow_id
                WHERE v.state = 'live' AND strpos(d.text, '"calendar":{') > 0"""
            )
        )
        for flow_id, told in rows:
            yield None, flow_id, json.loads(told) if told else None
