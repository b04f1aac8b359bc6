from odoo import fields, models
from odoo.tools import SQL


class FinBudgetVariance(models.Model):
    """Plan and actuals by account, member and month, as they touch the result: revenue is positive, cost negative.

    Accounts of the balance sheet stand as the ledger counts, and nothing is said of what is favourable there.
    """

    _name = "fin.budget.variance"
    _description = "Plan and Actuals"
    _auto = False
    _order = "version_id, month, account_id, analytic"
    _rec_name = "account_id"

    version_id = fields.Many2one("fin.budget.version", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    scenario = fields.Selection(related="version_id.scenario")
    account_id = fields.Many2one("account.account", readonly=True)
    internal_group = fields.Char("Kind", readonly=True)
    analytic = fields.Char(
        "Members", readonly=True, help="Of the analytic plans that the version plans by: plan=member;plan=member."
    )
    is_result = fields.Boolean("Profit and Loss", readonly=True)
    month = fields.Date(readonly=True)
    planned = fields.Monetary(readonly=True)
    actual = fields.Monetary(readonly=True)
    variance = fields.Monetary(readonly=True, help="Actual less planned.")
    percent = fields.Float("Variance %", readonly=True, aggregator="avg", help="Of what was planned.")
    verdict = fields.Selection(
        [("favourable", "Favourable"), ("unfavourable", "Unfavourable"), ("level", "As planned")], readonly=True
    )

    @property
    def _table_query(self):
        """Months of the version only; of accounts that are not planned those that touch the result.

        Where a version plans by members, actuals are shared out over them as their journal items say.
        """
        places, shares = self._members_tables()
        return SQL(
            """SELECT v.id::bigint * 1000000 + row_number() OVER (
                    PARTITION BY s.version_id ORDER BY s.month, s.account_id, s.place) AS id,
                s.version_id, v.company_id, s.account_id, NULLIF(s.place, '') AS analytic, k.internal_group, s.month,
                k.internal_group IN ('income', 'expense') AS is_result,
                k.sign * s.planned AS planned, k.sign * s.actual AS actual,
                k.sign * (s.actual - s.planned) AS variance,
                CASE WHEN s.planned = 0 THEN NULL
                    ELSE k.sign * (s.actual - s.planned) / abs(s.planned) END AS percent,
                CASE WHEN k.internal_group NOT IN ('income', 'expense') THEN NULL
                    WHEN s.actual = s.planned THEN 'level'
                    WHEN s.actual < s.planned THEN 'favourable' ELSE 'unfavourable' END AS verdict
            FROM (
                SELECT version_id, account_id, place, date_trunc('month', month)::date AS month,
                    sum(planned) AS planned, sum(actual) AS actual
                FROM (
                    SELECT l.version_id, l.account_id, COALESCE(place.place, '') AS place, l."on" AS month,
                        l.amount AS planned, 0 AS actual
                    FROM fin_budget_line l
                    LEFT JOIN %(places)s ON place.version = l.version_id AND place.told = l.analytic
                    UNION ALL
                    SELECT w.id, m.account_id, COALESCE(share.place, ''), m.date, 0,
                        m.balance * COALESCE(share.share, 1)
                    FROM fin_budget_version w JOIN account_move_line m ON m.company_id = w.company_id
                        AND m.date BETWEEN w.date_from AND w.date_to AND m.parent_state = 'posted'
                    JOIN account_account x ON x.id = m.account_id
                    LEFT JOIN %(shares)s
                        ON share.version = w.id AND share.distribution = m.analytic_distribution::text
                    WHERE x.account_type ~ '^(income|expense)' OR EXISTS (
                        SELECT 1 FROM fin_budget_line l WHERE l.version_id = w.id AND l.account_id = m.account_id)
                ) both_sides GROUP BY 1, 2, 3, 4
            ) s
            JOIN fin_budget_version v ON v.id = s.version_id
            JOIN account_account a ON a.id = s.account_id
            CROSS JOIN LATERAL (
                SELECT split_part(a.account_type, '_', 1) AS internal_group,
                    CASE WHEN a.account_type ~ '^(income|expense)' THEN -1 ELSE 1 END AS sign) k""",
            places=places,
            shares=shares,
        )

    def _read_group_select(self, aggregate_spec, query):
        """A percentage of sums, not a mean of percentages."""
        if aggregate_spec != "percent:avg":
            return super()._read_group_select(aggregate_spec, query)
        variance, planned = (self._field_to_sql(self._table, name, query) for name in ("variance", "planned"))
        return SQL("sum(%s) / NULLIF(abs(sum(%s)), 0)", variance, planned)

    def action_open_items(self):
        """The journal items behind the actual."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move.line",
            "name": f"{self.account_id.display_name} {self.month:%Y-%m}",
            "view_mode": "list,form",
            "domain": self._items(),
            "context": {"create": False, "edit": False},
        }

    def _items(self):
        return [
            ("company_id", "=", self.company_id.id),
            ("account_id", "=", self.account_id.id),
            ("date", ">=", self.month),
            ("date", "<=", fields.Date.end_of(self.month, "month")),
            ("parent_state", "=", "posted"),
            *(self._item_places() if self.analytic else []),
        ]
