"""What the money will be: where it is now, with what is owed on both sides by the day it is due."""

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.finance_integration_governance.models.screen import opened

from .fin_cash_day import TOLD_BY

PARTS = 8  # how many parts may number their rows side by side


class FinCashForecast(models.Model):
    """One movement to come, or one balance of today, in its currency and in that of the company at today's rate.

    What is overdue is expected today. An addon adds a part, such as approved payments, by `_parts` and `kind`.
    """

    _name = "fin.cash.forecast"
    _inherit = ["fin.amounts"]
    _description = "Cash Forecast"
    _auto = False
    _rec_name = "kind"
    _order = "day, company_id, kind, id"
    _depends = TOLD_BY | {
        "account.move.line": [
            *("parent_state", "reconciled", "account_id", "date", "date_maturity", "amount_residual_currency"),
            *("currency_id", "company_id", "partner_id", "move_id"),
        ],
        "account.account": ["account_type"],
    }
    _amounts = frozenset({"amount", "amount_company"})

    day = fields.Date("Expected on", readonly=True)
    due_on = fields.Date("Due on", readonly=True)
    is_overdue = fields.Boolean("Overdue", readonly=True)
    kind = fields.Selection(
        [
            ("position", "Position today"),
            ("stated", "Position, not proven"),
            ("receivable", "Receivables"),
            ("payable", "Payables"),
        ],
        readonly=True,
    )
    company_id = fields.Many2one("res.company", readonly=True)
    journal_id = fields.Many2one("account.journal", string="Bank account", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    move_id = fields.Many2one("account.move", string="Journal entry", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(readonly=True)
    amount_company = fields.Monetary(
        "In company currency", currency_field="company_currency_id", readonly=True, help="Empty without a rate."
    )
    rate = fields.Float(readonly=True, digits=(16, 6), aggregator=None, help="Its currency for one of the company's.")
    rate_on = fields.Date("Rate of", readonly=True)

    @property
    def _table_query(self):
        today, cash = fields.Date.context_today(self), self.env["fin.cash.day"]
        parts = [
            SQL("SELECT part.number * %s + %s AS id, part.* FROM (%s) part", PARTS, place, part)
            for place, part in enumerate(self._parts(today))
        ]
        return SQL(
            """SELECT account.id, GREATEST(account.due_on, %(today)s) AS day, account.due_on,
                account.due_on < %(today)s AND account.move_id IS NOT NULL AS is_overdue, account.kind,
                account.company_id, account.journal_id, account.partner_id, account.move_id, account.currency_id,
                account.company_currency_id, account.amount, rate.rate / COALESCE(base.rate, 1) AS rate, rate.rate_on,
                ROUND(account.amount * COALESCE(base.rate, 1) / rate.rate, account.decimals) AS amount_company
            FROM (SELECT p.*, c.currency_id AS company_currency_id, u.decimal_places AS decimals, %(today)s AS day,
                    split_part(c.parent_path, '/', 1)::int AS root_id
                FROM (%(parts)s) p JOIN res_company c ON c.id = p.company_id
                JOIN res_currency u ON u.id = c.currency_id) account
            CROSS JOIN LATERAL (%(rate)s) rate CROSS JOIN LATERAL (%(base)s) base""",
            today=today,
            parts=SQL(" UNION ALL ").join(parts),
            rate=cash._rate_of(SQL("account.currency_id"), SQL("account.company_currency_id")),
            base=cash._rate_of(SQL("account.company_currency_id"), SQL("NULL::int")),
        )

    @api.model
    def _parts(self, today):
        """Queries of (number, kind, due_on, company_id, journal_id, partner_id, move_id, currency_id, amount).

        Amounts are signed, and `number` tells the rows of one part apart.
        """
        return [self._open_items(), self._position(today)]

    def _position(self, today):
        return SQL(
            """SELECT journal_id::bigint AS number, CASE WHEN is_proven THEN 'position' ELSE 'stated' END AS kind,
                day AS due_on, company_id, journal_id,
                NULL::int AS partner_id, NULL::int AS move_id, currency_id, balance AS amount
            FROM (%s) cash WHERE balance IS NOT NULL""",
            self.env["fin.cash.day"]._query(today, today),
        )

    def _open_items(self):
        return SQL(
            """SELECT l.id::bigint AS number,
                CASE a.account_type WHEN 'asset_receivable' THEN 'receivable' ELSE 'payable' END AS kind,
                COALESCE(l.date_maturity, l.date) AS due_on, l.company_id, NULL::int AS journal_id, l.partner_id,
                l.move_id, l.currency_id, l.amount_residual_currency AS amount
            FROM account_move_line l JOIN account_account a ON a.id = l.account_id
            WHERE l.reconciled IS NOT TRUE AND l.parent_state = 'posted' AND l.amount_residual_currency <> 0
                AND a.account_type IN ('asset_receivable', 'liability_payable')"""
        )

    def action_open_source(self):
        """What the figure stands on: the entry that is open, or the account's position."""
        self.ensure_one()
        if self.move_id:
            return opened(self.move_id)
        action = self.env["ir.actions.act_window"]._for_xml_id("connector_bank.fin_cash_day_action")
        return {**action, "domain": [("journal_id", "=", self.journal_id.id)], "context": {}}
