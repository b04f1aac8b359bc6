"""Balances and journal items of signed periods, each period whole: one edition for each signature."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.close import span
from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from ...core.dataset import BALANCE_RULE, DATASETS, ENTRY_RULE, LedgerBalance, LedgerEntry
from ..cell_sql import Spelling, hash_of, shortened, uuid7

_BALANCE = Spelling(
    LedgerBalance.contract,
    BALANCE_RULE,
    ("dataset", "company", "period", "edition", "account", "partner"),
    ("account", "account_name", "company", "currency", "dataset", "edition", "partner", "period"),
    ("opening", "debit", "credit", "closing"),
    ("partner",),
)
_ENTRY_TEXTS = "account account_name company currency dataset dated_on edition entry journal label line partner period"
_ENTRY = Spelling(
    LedgerEntry.contract,
    ENTRY_RULE,
    ("dataset", "company", "period", "edition", "journal", "entry", "line"),
    (*_ENTRY_TEXTS.split(), "transaction_currency"),
    ("debit", "credit", "balance", "transaction_balance"),
    ("partner", "label"),
)
_CONTROLS = ("asset_receivable", "liability_payable")
_RESULT = "^(income|expense)"


class FinObjectDataset(models.AbstractModel):
    """Trial balance, subledger and general ledger of each period whose checkpoint is signed, once for each signature.

    Options: `checkpoint` (its code), `datasets` (those that are published; all where none is named), `period_from`.
    Profit and loss opens with its fiscal year; the result of the years before stands on the account of undistributed
    profits.
    """

    _name = "fin.object.dataset"
    _inherit = "fin.object"
    _description = "Published Datasets"
    _entity, _kind = "actual", "actual"
    _groups = ("account.group_account_readonly",)
    _access = {
        "account.move.line": ("read",),
        "account.move": ("read",),
        "account.account": ("read",),
        "account.journal": ("read",),
        "res.partner": ("read",),
    }

    def _locked(self, company, day):
        """Closed periods are read, not changed."""
        return False

    def _collect(self, run):
        """The datasets of all companies from one snapshot, so there is one thing to keep."""
        options = run._document().get("options", {})
        if not options.get("checkpoint"):
            raise ConfigurationError(
                "datasets are published behind a checkpoint, and none is named", code="no_checkpoint"
            )
        fresh = []
        for company in self.env.companies:
            for period in sorted(self.env["fin.actual.period"]._signed_months(run, company)):
                if period >= (options.get("period_from") or ""):
                    fresh += self._collect_period(run, company, period, options)
        # Behind the rows of all companies, so whatever names a file is written after it.
        self._collect_manifests(run, fresh)
        yield

    def _collect_period(self, run, company, period, options):
        """The rows of what is due, as items; yields (company, kind, period, edition) of what has any."""
        for kind in options.get("datasets") or DATASETS:
            if kind not in DATASETS:
                raise ConfigurationError(f"{kind} is none of {', '.join(DATASETS)}")
            edition = self._edition(run, company, kind, period, options["checkpoint"])
            if edition:
                rows = self._entries if kind == "general_ledger" else self._balances
                spelling = _ENTRY if kind == "general_ledger" else _BALANCE
                if self._insert(run, company, period, spelling, rows(company, kind, period, edition)):
                    self._must_balance(run, company, kind, edition)
                    yield company, kind, period, edition

    def _edition(self, run, company, kind, period, code):
        """The name of the edition that is due; None where this signature has one already."""
        # sudo: everybody obeys the close calendar, whoever may read it
        checkpoint = self.env["fin.checkpoint"].sudo()._of_period(company, period, code)
        signed = checkpoint.signed_digest[:12]
        editions = self.env["fin.dataset"]._published(run.flow_id, company, kind, period).mapped("edition")
        if editions and editions[0].endswith(signed):
            return None
        return f"{len(editions) + 1:03}-{signed}"

    # The ledger in SQL, as the service user may read it

    def _lines(self, company, until, since=None, controls=False):
        """(query, code, name, type) of posted journal items up to a day."""
        lines = self.env["account.move.line"].with_company(company)
        accounts = self.env["account.account"].with_company(company)
        accounts.check_access("read")
        domain = [("company_id", "=", company.id), ("parent_state", "=", "posted"), ("account_id", "!=", False)]
        domain += [("date", "<=", until)] + ([("date", ">=", since)] if since else [])
        query = lines._search(domain)
        account = query.join("account_move_line", "account_id", "account_account", "id", "account_id")
        if controls:
            query.add_where(SQL("%s = ANY(%s)", SQL.identifier(account, "account_type"), list(_CONTROLS)))
        code = SQL("COALESCE(normalize(%s, NFC), '')", accounts._field_to_sql(account, "code", query))
        name = SQL("left(normalize(%s, NFC), 140)", accounts._field_to_sql(account, "name", query))
        return query, code, name, SQL.identifier(account, "account_type")

    def _balances(self, company, kind, period, edition):
        """SELECT of `ledger.balance` rows: by account, or by partner on accounts receivable and payable."""
        (first, last), is_sub = span(period), kind == "subledger"
        query, code, name, account_type = self._lines(company, last, controls=is_sub)
        code, name = (code, name) if is_sub else self._carried_over(company, first, code, name, account_type)
        partner = SQL("NULL::text")
        if is_sub:
            query.add_join("LEFT JOIN", "p", "res_partner", SQL("p.id = account_move_line.partner_id"))
            partner = shortened(SQL("COALESCE(NULLIF(p.ref, ''), NULLIF(p.vat, ''), p.name)"))
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
        query.add_join("LEFT JOIN", "p", "res_partner", SQL("p.id = account_move_line.partner_id"))
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
            partner=shortened(SQL("COALESCE(NULLIF(p.ref, ''), NULLIF(p.vat, ''), p.name)")),
            marks="\n\r\t",
            currency=company.currency_id.name,
            tables=query.from_clause,
            where=query.where_clause,
        )

    def _insert(self, run, company, period, spelling, rows):
        """Store them as open items; returns how many there are."""
        amount = SQL.identifier("balance" if spelling is _ENTRY else "closing")
        [[before]] = self.env.execute_query(SQL("SELECT count(*) FROM fin_item WHERE run_id = %s", run.id))
        # sudo: evidence; the ledger inside is read with the service user's rights
        self.env.cr.execute(
            SQL(
                """WITH spelled AS MATERIALIZED (
                    SELECT %(key)s AS key, %(content)s AS content, %(amount)s AS amount, currency FROM (%(rows)s) told)
                INSERT INTO fin_item (uid, run_id, company_id, row, contract, object, scope, key, alt_key, key_hash,
                    digest, content, amount, currency, "on", outcome)
                SELECT %(uid)s, %(run)s, %(company)s, %(before)s + row_number() OVER in_order, %(contract)s, %(object)s,
                    %(scope)s, key, key, %(hash)s,
                    encode(sha256(convert_to(content, 'UTF8')), 'hex'), content, amount, currency, %(ends)s, 'open'
                FROM spelled WINDOW in_order AS (ORDER BY key COLLATE "C") ORDER BY key COLLATE "C" """,
                key=spelling.key,
                content=spelling.content,
                amount=amount,
                rows=rows,
                uid=uuid7(),
                hash=hash_of(SQL("key")),
                run=run.id,
                company=company.id,
                before=before,
                contract=spelling.contract,
                object=self._name,
                scope=run._document().connection["code"],
                ends=span(period)[1],
            )
        )
        return self.env.cr.rowcount

    def _must_balance(self, run, company, kind, edition):
        """A whole ledger adds up to nothing; else it is not the ledger that is published."""
        if kind == "subledger":
            return
        [[total]] = self.env.execute_query(
            SQL(
                """SELECT COALESCE(sum(amount), 0) <> 0 FROM fin_item WHERE run_id = %s AND company_id = %s
                AND content::json->>'dataset' = %s AND content::json->>'edition' = %s""",
                run.id,
                company.id,
                kind,
                edition,
            )
        )
        if total:
            raise ConfigurationError(f"the {kind} does not balance", code="not_the_ledger", company=company.fin_code)


def _fixed(company, kind, period, edition):
    told = {"dataset": kind, "company": company.fin_code, "period": period, "edition": edition}
    return SQL(", ").join(SQL("%s::text AS %s", value, SQL.identifier(name)) for name, value in told.items())
