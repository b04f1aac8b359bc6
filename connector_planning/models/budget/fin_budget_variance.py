from odoo import fields, models
from odoo.tools import SQL

from .fin_budget_line import BY

# What a plan may be divided by, in the order in which one line goes before another that is as exact.
BESIDE = ("partner_id", *BY.values())


class FinBudgetVariance(models.Model):
    """Plan and actuals by account and month, and by whatever the plan of the account is divided by.

    Each journal item stands against the most exact line that speaks of it: one of its partner, tax, journal type,
    document currency and members before one of fewer of them. A line without partner stands against all partners that
    no other line names. An item that is in several ledgers stands against a line of each. Revenue is positive, cost
    negative; accounts of the balance sheet stand as the ledger counts, and nothing is said of what is favourable there.
    """

    _name = "fin.budget.variance"
    _description = "Plan and Actuals"
    _auto = False
    _order = "version_id, month, account_id, analytic, id"
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
    partner_id = fields.Many2one("res.partner", readonly=True, help="Empty: all that the plan does not name.")
    tax_id = fields.Many2one("account.tax", readonly=True, help="Empty: all that the plan does not name.")
    journal_type = fields.Selection(
        lambda self: self.env["account.journal"]._fields["type"]._description_selection(self.env),
        readonly=True,
        help="Empty: all that the plan does not name.",
    )
    transaction_currency_id = fields.Many2one(
        "res.currency", "Document Currency", readonly=True, help="Empty: all that the plan does not name."
    )
    ledger_id = fields.Many2one("account.journal.group", readonly=True)
    is_result = fields.Boolean("Profit and Loss", readonly=True)
    month = fields.Date(readonly=True)
    period = fields.Char("Month as Text", readonly=True, help="The month as plans and figures name it: 2026-03.")
    planned = fields.Monetary(readonly=True)
    actual = fields.Monetary(readonly=True)
    variance = fields.Monetary(readonly=True, help="Actual less planned.")
    percent = fields.Float("Variance %", readonly=True, aggregator="avg", help="Of what was planned.")
    verdict = fields.Selection(
        [("favourable", "Favourable"), ("unfavourable", "Unfavourable"), ("level", "As planned")], readonly=True
    )

    @property
    def _table_query(self):
        """Months of the version only; of accounts that are not planned those that touch the result."""
        beside = SQL(", ").join(SQL.identifier("s", name) for name in BESIDE)
        return SQL(
            """WITH %(sides)s
            SELECT v.id::bigint * 1000000 + row_number() OVER (
                    PARTITION BY s.version_id ORDER BY s.month, s.account_id, s.place, %(beside)s) AS id,
                s.version_id, v.company_id, s.account_id, NULLIF(s.place, '') AS analytic, %(beside)s, s.month,
                to_char(s.month, 'YYYY-MM') AS period,
                k.internal_group, k.internal_group IN ('income', 'expense') AS is_result,
                k.sign * s.planned AS planned, k.sign * s.actual AS actual,
                k.sign * (s.actual - s.planned) AS variance,
                CASE WHEN s.planned = 0 THEN NULL
                    ELSE k.sign * (s.actual - s.planned) / abs(s.planned) END AS percent,
                CASE WHEN k.internal_group NOT IN ('income', 'expense') THEN NULL
                    WHEN s.actual = s.planned THEN 'level'
                    WHEN s.actual < s.planned THEN 'favourable' ELSE 'unfavourable' END AS verdict
            FROM (
                SELECT version_id, account_id, place, month, %(names)s,
                    sum(planned) AS planned, sum(actual) AS actual
                FROM (
                    SELECT version_id, account_id, place, month, %(names)s, amount AS planned, 0 AS actual FROM planned
                    UNION ALL
                    SELECT version_id, account_id, place, month, %(names)s, 0, actual FROM matched
                ) both_sides GROUP BY version_id, account_id, place, month, %(names)s
            ) s
            JOIN fin_budget_version v ON v.id = s.version_id
            JOIN account_account a ON a.id = s.account_id
            CROSS JOIN LATERAL (
                SELECT split_part(a.account_type, '_', 1) AS internal_group,
                    CASE WHEN a.account_type ~ '^(income|expense)' THEN -1 ELSE 1 END AS sign) k""",
            sides=self._sides(SQL("NULL::int[]"), SQL("TRUE")),
            beside=beside,
            names=SQL(", ").join(map(SQL.identifier, BESIDE)),
        )

    def _read_group_select(self, aggregate_spec, query):
        """A percentage of sums, not a mean of percentages; and nothing over several versions.

        A budget and its forecast are plans of the same money, and the actuals stand against each of them.
        """
        if aggregate_spec not in ("planned:sum", "actual:sum", "variance:sum", "percent:avg"):
            return super()._read_group_select(aggregate_spec, query)
        names = ("version_id", "variance", "planned")
        version, variance, planned = (self._field_to_sql(self._table, name, query) for name in names)
        if aggregate_spec == "percent:avg":
            told = SQL("sum(%s) / NULLIF(abs(sum(%s)), 0)", variance, planned)
        else:
            told = super()._read_group_select(aggregate_spec, query)
        return SQL("CASE WHEN min(%(version)s) = max(%(version)s) THEN %(told)s END", version=version, told=told)

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
        """By name where the row is all of an account's month, by their ids where other rows have part of it."""
        account = [
            ("company_id", "=", self.company_id.id),
            ("account_id", "=", self.account_id.id),
            ("date", ">=", self.month),
            ("date", "<=", fields.Date.end_of(self.month, "month")),
            ("parent_state", "=", "posted"),
        ]
        mine = [(name, "=", self[name].id) for name in ("version_id", "account_id")]
        is_alone = self.search_count([*mine, ("month", "=", self.month)], limit=2) == 1
        return account if is_alone else [*account, ("id", "in", self._item_ids())]
