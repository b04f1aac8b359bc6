"""The trial balance as an extract of actuals: month by month, with what each account opens and closes with."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.close import period_of, periods, span
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from ..core.trial_balance import BALANCE_RULE, OPENING_RULE, OpeningBalance, TrialBalance
from .balance import OpeningBook, RunningBook
from .cell_sql import Spelling, account_names

_SPELLING = Spelling(
    TrialBalance.contract,
    BALANCE_RULE,
    ("company", "account", "period"),
    ("account", "account_name", "company", "currency", "period"),
    ("opening", "debit", "credit", "balance"),
)
_OPENING = Spelling(
    OpeningBalance.contract,
    OPENING_RULE,
    ("company", "account", "year"),
    ("account", "account_name", "company", "currency", "opened_on", "year"),
    ("balance",),
)
_RESULT = ("income", "expense")


class Month(NamedTuple):
    """`begins`: the first day of its fiscal year, `year` the year in which that ends."""

    name: str
    first: dt.date
    last: dt.date
    begins: dt.date
    year: int
    is_told: bool


class FinObjectTrialBalance(models.AbstractModel):
    """Opening, debit, credit and closing of each account and month, tied to the ledger in the same snapshot.

    Profit and loss opens with its fiscal year; the result of the years before stands on the account of undistributed
    profits. What stood there before `period_from` is in the first opening. Options as of actuals.
    """

    _name = "fin.object.trial_balance"
    _inherit = "fin.object.actual"
    _description = "Trial Balance by Month"
    _crosswalk_kinds = ()
    _contract_class = TrialBalance
    _without_cause = "no entry of its own, what it opens with has changed"

    def _spelling(self, run):
        return _SPELLING

    def _book(self, run, company):
        book = RunningBook(self, run, company)
        # sudo: evidence; the ledger is read with the rights of the object's environment
        book.rows = self.env["fin.actual.period"].sudo()
        return book

    def _domain(self, run, company, periods=None):
        """What stands on an account was posted whenever: the version bounds what is told, not what counts."""
        domain = [("company_id", "=", company.id), ("parent_state", "=", "posted"), ("account_id", "!=", False)]
        bounds = self._grain(run).domain(self._closed_until(run, company))
        domain += [(name, sign, day) for name, sign, day in bounds if sign == "<="]
        spans = (Domain("date", ">=", first) & Domain("date", "<", after) for first, after in periods or ())
        return domain + (list(Domain.OR(spans)) if periods is not None else [])

    def _months(self, run, company):
        """Every month from the first entry to the last."""
        lines = self.env["account.move.line"].with_company(company)
        [[first, last]] = lines._read_group(self._domain(run, company), [], ["date:min", "date:max"])
        is_told, found = self._is_told(run, company), []
        for month in periods(period_of(first), period_of(last)) if first else ():
            begins, ends = span(month)
            year = company.compute_fiscalyear_dates(begins)
            if year["date_from"].day != 1:
                raise ConfigurationError("balances by month need a fiscal year that ends with a month")
            found.append(Month(month, begins, ends, year["date_from"], year["date_to"].year, is_told(month)))
        return found

    def _is_told(self, run, company):
        """A function: whether the version tells a month, and its checkpoint allows it."""
        grain = self._grain(run)
        if not self._only_signed(run):
            return grain.is_told
        begins, signed = self.env["fin.actual.period"]._bounds_of_signed(run, company)
        return lambda month: grain.is_told(month) and (month in signed or span(month)[1] < begins)

    def _ledger(self, run, company, is_whole=True, periods=None):
        """SELECT of the company's trial balance, as `fin.object.actual` describes it."""
        told = [
            month
            for month in self._months(run, company)
            if month.is_told and (periods is None or any(first <= month.first < after for first, after in periods))
        ]
        return SQL(
            """SELECT %(company)s AS company, account, min(account_name) AS account_name, m.name AS period,
                m.last AS ends, %(currency)s AS currency,
                trim_scale(COALESCE(sum(balance) FILTER (WHERE moved.first < m.first), 0)) AS opening,
                trim_scale(COALESCE(sum(debit) FILTER (WHERE moved.first = m.first), 0)) AS debit,
                trim_scale(COALESCE(sum(credit) FILTER (WHERE moved.first = m.first), 0)) AS credit,
                trim_scale(sum(balance)) AS balance, NULL AS mapped
            FROM unnest(%(names)s::text[], %(firsts)s::date[], %(lasts)s::date[], %(begins)s::date[])
                AS m(name, first, last, begins)
            JOIN (%(moved)s) moved ON moved.first <= m.first
            CROSS JOIN LATERAL (SELECT
                CASE WHEN moved.is_result AND moved.first < m.begins THEN %(place)s ELSE moved.code END AS account,
                CASE WHEN moved.is_result AND moved.first < m.begins THEN %(placed)s ELSE moved.name END AS account_name
            ) AS there
            GROUP BY account, m.name, m.first, m.last
            HAVING sum(balance) <> 0 OR bool_or(moved.first = m.first AND (debit <> 0 OR credit <> 0))""",
            company=company.fin_code,
            currency=company.currency_id.name,
            names=[month.name for month in told],
            firsts=[month.first for month in told],
            lasts=[month.last for month in told],
            begins=[month.begins for month in told],
            moved=self._moved(run, company),
            **self._undistributed(company),
        )

    def _moved(self, run, company):
        """SELECT of what was posted by account and month, as the service user may read it."""
        lines = self.env["account.move.line"].with_company(company)
        accounts = self.env["account.account"].with_company(company)
        accounts.check_access("read")
        query = lines._search(self._domain(run, company))
        account = query.join("account_move_line", "account_id", "account_account", "id", "account_id")
        code, name = account_names(accounts, account, query)
        return SQL(
            """SELECT %(code)s AS code, %(name)s AS name, %(group)s = ANY(%(result)s) AS is_result,
                date_trunc('month', account_move_line.date)::date AS first, sum(account_move_line.debit) AS debit,
                sum(account_move_line.credit) AS credit, sum(account_move_line.balance) AS balance
            FROM %(tables)s WHERE %(where)s GROUP BY 1, 2, 3, 4""",
            code=code,
            name=name,
            group=accounts._field_to_sql(account, "internal_group", query),
            result=list(_RESULT),
            tables=query.from_clause,
            where=query.where_clause,
        )

    def _undistributed(self, company):
        """Where the result of the years before stands, as the ledger's own reports have it."""
        asked = [("account_type", "=", "equity_unaffected"), ("company_ids", "parent_of", company.id)]
        account = self.env["account.account"].with_company(company).search(asked, limit=1)
        return {"place": account.code or "undistributed", "placed": account.name or "Undistributed profits"}

    def _stands(self, run, company, last, day):
        """Account -> what the ORM says stands there at the end of a day, in the fiscal year of `last`."""
        begins = company.compute_fiscalyear_dates(last)["date_from"]
        posted = [*self._domain(run, company), ("date", "<=", day)]
        before = [*posted, ("date", "<", begins), ("account_id.internal_group", "in", _RESULT)]
        found, place = defaultdict(Decimal), self._undistributed(company)["place"]
        for code, balance in self._sums(company, posted):
            found[code] += balance
        for code, balance in self._sums(company, before):
            found[code] -= balance
            found[place] += balance
        return dict(found)

    def _sums(self, company, domain):
        lines = self.env["account.move.line"].with_company(company)
        for account, balance in lines._read_group(domain, ["account_id"], ["balance:sum"]):
            yield account.with_company(company).code or "", Decimal(str(balance))


class FinObjectOpening(models.AbstractModel):
    """What each account opens each fiscal year with, tied to the balances of the day before."""

    _name = "fin.object.opening"
    _inherit = "fin.object.trial_balance"
    _description = "Opening Balances by Fiscal Year"
    _contract_class = OpeningBalance

    def _spelling(self, run):
        return _OPENING

    def _book(self, run, company):
        book = OpeningBook(self, run, company)
        # sudo: evidence; the ledger is read with the rights of the object's environment
        book.rows = self.env["fin.actual.period"].sudo()
        return book

    def _months(self, run, company):
        """The first month of each fiscal year is told, and no other."""
        months = super()._months(run, company)
        return [month._replace(is_told=month.is_told and month.first == month.begins) for month in months]

    def _ledger(self, run, company, is_whole=True, periods=None):
        years = {month.name: month.year for month in self._months(run, company) if month.is_told}
        return SQL(
            """SELECT t.company, t.account, t.account_name, format('FY%%s', y.year) AS year,
                to_char(t.ends, 'YYYY-MM-"01"') AS opened_on, t.ends, t.currency, t.opening AS balance, NULL AS mapped
            FROM (%s) t JOIN unnest(%s::text[], %s::int[]) AS y(month, year) ON y.month = t.period
            WHERE t.opening <> 0""",
            super()._ledger(run, company, is_whole, periods),
            list(years),
            list(years.values()),
        )
