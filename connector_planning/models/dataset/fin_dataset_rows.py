"""The rows of datasets in SQL: the ledger as the service user may read it."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.close import span

from ..cell_sql import account_names, partner_name, shortened

_CONTROLS = ("asset_receivable", "liability_payable")
_RESULT = "^(income|expense)"


class FinObjectDataset(models.AbstractModel):
    _inherit = "fin.object.dataset"

    def _lines(self, company, until, since=None, types=()):
        """(query, code, name, type) of posted journal items up to a day, on accounts of these types where named."""
        lines = self.env["account.move.line"].with_company(company)
        accounts = self.env["account.account"].with_company(company)
        accounts.check_access("read")
        domain = [("company_id", "=", company.id), ("parent_state", "=", "posted"), ("account_id", "!=", False)]
        domain += [("date", "<=", until)] + ([("date", ">=", since)] if since else [])
        query = lines._search(domain)
        account = query.join("account_move_line", "account_id", "account_account", "id", "account_id")
        if types:
            query.add_where(SQL("%s = ANY(%s)", SQL.identifier(account, "account_type"), list(types)))
        return query, *account_names(accounts, account, query), SQL.identifier(account, "account_type")

    def _balances(self, company, kind, period, edition):
        """SELECT of `ledger.balance` rows: by account, or by partner on accounts receivable and payable."""
        (first, last), is_sub = span(period), kind == "subledger"
        query, code, name, account_type = self._lines(company, last, types=_CONTROLS if is_sub else ())
        code, name = (code, name) if is_sub else self._carried_over(company, first, code, name, account_type)
        partner = SQL("NULL::text")
        if is_sub:
            partner = _partner(query)
        return SQL(
            """SELECT %(fixed)s, account, min(account_name) AS account_name, partner, %(currency)s AS currency,
                trim_scale(COALESCE(sum(balance) FILTER (WHERE date < %(first)s), 0)) AS opening,
                trim_scale(COALESCE(sum(debit) FILTER (WHERE date >= %(first)s), 0)) AS debit,
                trim_scale(COALESCE(sum(credit) FILTER (WHERE date >= %(first)s), 0)) AS credit,
                trim_scale(sum(balance)) AS closing
            FROM (SELECT %(code)s AS account, %(name)s AS account_name, %(partner)s AS partner,
                    account_move_line.date, account_move_line.debit, account_move_line.credit,
                    account_move_line.balance
                FROM %(tables)s WHERE %(where)s) items
            GROUP BY account, partner
            HAVING sum(balance) <> 0 OR sum(abs(debit) + abs(credit)) FILTER (WHERE date >= %(first)s) <> 0""",
            fixed=_fixed(company, kind, period, edition),
            currency=company.currency_id.name,
            first=first,
            code=code,
            name=name,
            partner=partner,
            tables=query.from_clause,
            where=query.where_clause,
        )

    def _assets(self, company, kind, period, edition):
        """SELECT of `ledger.asset` rows, by account and partner."""
        first, last = span(period)
        query, code, name, _type = self._lines(company, last, types=("asset_fixed",))
        partner = _partner(query)
        # The expense stands in the same entry, so whoever may read the one may read the other.
        is_depreciation = SQL(
            """EXISTS (SELECT 1 FROM account_move_line e JOIN account_account x ON x.id = e.account_id
            WHERE e.move_id = %s AND x.account_type = 'expense_depreciation')""",
            SQL.identifier("account_move_line", "move_id"),
        )
        return SQL(
            """SELECT %(fixed)s, account, min(account_name) AS account_name, partner, %(currency)s AS currency,
                trim_scale(COALESCE(sum(balance) FILTER (WHERE date < %(first)s), 0)) AS opening,
                trim_scale(COALESCE(sum(balance) FILTER (WHERE moved = 'added'), 0)) AS additions,
                trim_scale(-COALESCE(sum(balance) FILTER (WHERE moved = 'taken'), 0)) AS disposals,
                trim_scale(-COALESCE(sum(balance) FILTER (WHERE moved = 'depreciated'), 0)) AS depreciation,
                trim_scale(sum(balance)) AS closing
            FROM (SELECT %(code)s AS account, %(name)s AS account_name, %(partner)s AS partner,
                    account_move_line.date, account_move_line.balance,
                    CASE WHEN account_move_line.date < %(first)s THEN NULL WHEN %(is_depreciation)s THEN 'depreciated'
                        WHEN account_move_line.balance > 0 THEN 'added' ELSE 'taken' END AS moved
                FROM %(tables)s WHERE %(where)s) items
            GROUP BY account, partner HAVING sum(balance) <> 0 OR count(moved) > 0""",
            fixed=_fixed(company, kind, period, edition),
            currency=company.currency_id.name,
            first=first,
            is_depreciation=is_depreciation,
            code=code,
            name=name,
            partner=partner,
            tables=query.from_clause,
            where=query.where_clause,
        )

    def _carried_over(self, company, first, code, name, account_type):
        """Profit and loss of the fiscal years before stands with the undistributed profits."""
        begins = company.compute_fiscalyear_dates(first)["date_from"]
        unaffected = (
            self.env["account.account"]
            .with_company(company)
            .search([("account_type", "=", "equity_unaffected"), ("company_ids", "parent_of", company.id)], limit=1)
        )
        is_before = SQL("account_move_line.date < %s AND %s ~ %s", begins, account_type, _RESULT)
        place = (unaffected.code or "undistributed", unaffected.name or "Undistributed profits")
        return tuple(
            SQL("CASE WHEN %s THEN %s ELSE %s END", is_before, told, own)
            for told, own in zip(place, (code, name), strict=True)
        )

    def _entries(self, company, kind, period, edition):
        """SELECT of `ledger.entry` rows."""
        first, last = span(period)
        query, code, name, _type = self._lines(company, last, since=first)
        line = "account_move_line"
        partner = _partner(query)
        query.add_join("JOIN", "j", "account_journal", SQL("j.id = account_move_line.journal_id"))
        query.add_join("JOIN", "c", "res_currency", SQL("c.id = account_move_line.currency_id"))
        return SQL(
            """SELECT %(fixed)s, %(journal)s AS journal, %(entry)s AS entry,
                row_number() OVER (PARTITION BY %(move)s ORDER BY account_move_line.id)::text AS line,
                to_char(account_move_line.date, 'YYYY-MM-DD') AS dated_on, %(code)s AS account,
                %(name)s AS account_name, %(partner)s AS partner,
                NULLIF(left(translate(normalize(account_move_line.name, NFC), %(marks)s, '   '), 140), '') AS label,
                %(currency)s AS currency, trim_scale(account_move_line.debit) AS debit,
                trim_scale(account_move_line.credit) AS credit, trim_scale(account_move_line.balance) AS balance,
                c.name AS transaction_currency, trim_scale(account_move_line.amount_currency) AS transaction_balance
            FROM %(tables)s WHERE %(where)s""",
            fixed=_fixed(company, kind, period, edition),
            journal=shortened(SQL("j.code")),
            entry=shortened(SQL("account_move_line.move_name")),
            move=SQL.identifier(line, "move_id"),
            code=code,
            name=name,
            partner=partner,
            marks="\n\r\t",
            currency=company.currency_id.name,
            tables=query.from_clause,
            where=query.where_clause,
        )


def _partner(query):
    """Joins the partner; how it is called."""
    query.add_join("LEFT JOIN", "p", "res_partner", SQL("p.id = account_move_line.partner_id"))
    return partner_name("p")


def _fixed(company, kind, period, edition):
    told = {"dataset": kind, "company": company.fin_code, "period": period, "edition": edition}
    return SQL(", ").join(SQL("%s::text AS %s", value, SQL.identifier(name)) for name, value in told.items())
