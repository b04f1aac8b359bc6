"""What cells tell beside debit and credit, held against the ledger: money of the documents, pieces, group currency."""

from collections import defaultdict
from decimal import Decimal

from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

_COLUMNS = {"transaction_balance": "amount_currency", "quantity": "quantity"}


class Measures:
    """Measures of one company's cells in one run. `periods`: stretches that were looked at, all of them where None."""

    def __init__(self, business, run, company, periods):
        self.business, self.run, self.company, self.periods, self.env = business, run, company, periods, business.env
        self.options, self.grain = business._options(run), business._grain(run)

    def must_tie(self):
        """ConfigurationError where the sum of a measure is not that of the journal items, by period and currency.

        Amounts in the group's currency are rounded cell by cell: each may be half a unit off.
        """
        sent = self.business._figures(self.options)
        for name in _COLUMNS.keys() & sent.keys():
            ours, theirs = self._told(name), self._there(name)
            self._must_be_same(name, ours, theirs, lambda _count: Decimal())
        if "group_balance" in sent:
            half = Decimal(1).scaleb(-self.business._currency(self.options["group"]["currency"]).decimal_places) / 2
            self._must_be_same("group_balance", self._told("group_balance"), self._valued(), lambda n: n * half)

    def _must_be_same(self, name, ours, theirs, allowed):
        for place in sorted(ours.keys() | theirs.keys()):
            told, count = ours.get(place, (Decimal(), 0))
            if abs(told - theirs.get(place, Decimal())) > allowed(count):
                text = f"the cells' {name} is not the ledger's: up to {place[0]} {place[1]}".rstrip()
                raise ConfigurationError(text, code="not_the_ledger", company=self.company.fin_code)

    def _told(self, name):
        """(last day, currency) -> (sum over the run's cells, how many)."""
        currency = SQL("COALESCE(told.currency, '')") if name == "transaction_balance" else SQL("''")
        rows = self.env.execute_query(
            SQL(
                """SELECT "on", %(currency)s, sum(told.figure)::text, count(*) FROM fin_item,
                    LATERAL (SELECT (content::json->>%(name)s)::numeric AS figure,
                        content::json->>'transaction_currency' AS currency) told
                WHERE run_id = %(run)s AND company_id = %(company)s GROUP BY 1, 2""",
                currency=currency,
                name=name,
                run=self.run.id,
                company=self.company.id,
            )
        )
        return {(last, currency): (Decimal(total or 0), count) for last, currency, total, count in rows}

    def _there(self, name):
        """(last day, currency) -> sum over the journal items."""
        lines = self.env["account.move.line"].with_company(self.company)
        query = lines._search(self.business._domain(self.run, self.company, self.periods))
        column = {one: SQL.identifier(lines._table, one) for one in ("date", "currency_id", _COLUMNS[name])}
        currency = column["currency_id"] if name == "transaction_balance" else SQL("NULL::int")
        rows = self.env.execute_query(
            SQL(
                """SELECT %(ends)s, COALESCE(c.name, ''), sum(g.figure)::text FROM (
                    SELECT %(first)s AS first, %(currency)s AS currency_id, sum(%(figure)s) AS figure
                    FROM %(tables)s WHERE %(where)s GROUP BY 1, 2) g
                LEFT JOIN res_currency c ON c.id = g.currency_id GROUP BY 1, 2""",
                ends=self.grain.ends(SQL("g.first")),
                first=self.grain.bucket(column["date"]),
                currency=currency,
                figure=column[_COLUMNS[name]],
                tables=query.from_clause,
                where=query.where_clause,
            )
        )
        return self._by_place(rows)

    def _valued(self):
        """(last day, "") -> what the journal items are worth in the group's currency, not rounded."""
        rows = self.env.execute_query(
            SQL(
                "SELECT %s, '', sum(g.balance * r.rate)::text FROM (%s) g %s GROUP BY 1",
                self.grain.ends(SQL("g.first")),
                self.business._grouped(self.run, self.company, None, self.periods),
                self.business._rates(self.run, self.company, self.options),
            )
        )
        return self._by_place(rows)

    def _by_place(self, rows):
        found = defaultdict(Decimal)
        for last, currency, total in rows:
            found[last, currency] += Decimal(total or 0)
        return found
