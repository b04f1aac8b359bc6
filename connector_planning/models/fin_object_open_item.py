from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.core.errors import ConfigurationError

from ..core.open_item import KEY_RULE, OpenItem
from .cell_sql import Spelling, account_names, partner_name, shortened

_TEXTS = "account account_name company currency dated_on document due_on kind partner transaction_currency"
_SPELLING = Spelling(
    OpenItem.contract,
    KEY_RULE,
    ("company", "account", "partner", "document", "due_on", "transaction_currency"),
    tuple(_TEXTS.split()),
    ("balance", "transaction_balance"),
    ("partner", "due_on"),
)


class _Subledger:
    """What stands in the place of the book: open items belong to no period, and tie to the control accounts."""

    def __init__(self, business, run, company):
        self.business, self.run, self.company = business, run, company

    def to_look_at(self):
        return None

    def keep(self, _periods):
        """The open items add up to what the ORM says is open on these accounts, in the same snapshot."""
        env, company = self.business.env, self.company
        lines = env["account.move.line"].with_company(company)
        [[there]] = lines._read_group(self.business._domain(self.run, company), [], ["amount_residual:sum"])
        query = "SELECT COALESCE(sum(amount), 0)::text FROM fin_item WHERE run_id = %s AND company_id = %s"
        [[ours]] = env.execute_query(SQL(query, self.run.id, company.id))
        if company.currency_id.compare_amounts(float(Decimal(ours)), there or 0):
            text = f"the open items are {ours}, the control accounts say {there}"
            raise ConfigurationError(text, code="not_the_ledger", company=company.fin_code)
        self.run._audit("stamp", company=company.fin_code, open=ours)


class FinObjectOpenItem(models.AbstractModel):
    """Open receivables and payables by document and due date: what changed travels, what was settled becomes zero."""

    _name = "fin.object.open_item"
    _inherit = "fin.object.actual"
    _description = "Open Receivables and Payables"
    _crosswalk_kinds = ()
    _contract_class = OpenItem
    _access = {
        "account.move.line": ("read",),
        "account.move": ("read",),
        "account.account": ("read",),
        "res.partner": ("read",),
    }

    def _spelling(self, run):
        return _SPELLING

    def _book(self, run, company):
        return _Subledger(self, run, company)

    def _domain(self, run, company, periods=None):
        domain = super()._domain(run, company)
        kinds = ("asset_receivable", "liability_payable")
        return [*domain, ("account_id.account_type", "in", kinds), ("amount_residual", "!=", 0)]

    def _ledger(self, run, company, is_whole=True, periods=None):
        """SELECT of the company's open items, as `fin.object.actual` describes it."""
        lines = self.env["account.move.line"].with_company(company)
        accounts = self.env["account.account"].with_company(company)
        accounts.check_access("read")
        self.env["res.partner"].check_access("read")
        query = lines._search(self._domain(run, company))
        # The domain asks for the account's type, so the account is joined already.
        account = query.make_alias("account_move_line", "account_id")
        code, name = account_names(accounts, account, query)
        return SQL(
            """SELECT %(company)s AS company, %(code)s AS account, %(name)s AS account_name,
                CASE %(type)s WHEN 'asset_receivable' THEN 'receivable' ELSE 'payable' END AS kind,
                %(partner)s AS partner, %(document)s AS document, min(account_move_line.date)::text AS dated_on,
                account_move_line.date_maturity::text AS due_on, %(currency)s AS currency,
                trim_scale(sum(account_move_line.amount_residual)) AS balance, c.name AS transaction_currency,
                trim_scale(sum(account_move_line.amount_residual_currency)) AS transaction_balance,
                min(account_move_line.date) AS ends, NULL AS mapped
            FROM %(tables)s LEFT JOIN res_partner p ON p.id = account_move_line.partner_id
            JOIN res_currency c ON c.id = account_move_line.currency_id
            WHERE %(where)s GROUP BY 2, 3, 4, 5, 6, 8, 11""",
            company=company.fin_code,
            code=code,
            name=name,
            type=SQL.identifier(account, "account_type"),
            partner=partner_name("p"),
            document=shortened(SQL.identifier("account_move_line", "move_name")),
            currency=company.currency_id.name,
            tables=query.from_clause,
            where=query.where_clause,
        )
