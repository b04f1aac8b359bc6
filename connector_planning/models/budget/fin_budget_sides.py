"""Which line of a plan each journal item stands against."""

from odoo import fields, models
from odoo.tools import SQL

from .fin_budget_variance import BESIDE

# What tells which values of a line an item has. A ledger is no value of an item: it is in many of them.
_VALUES = {
    "partner_id": SQL("s.partner_id"),
    "tax_id": SQL("s.tax_id"),
    "journal_type": SQL("j.type"),
    "transaction_currency_id": SQL("s.transaction_currency_id"),
}
_NOTHING = {"journal_type": ("''", "'-'")}


class FinBudgetVariance(models.Model):
    _inherit = "fin.budget.variance"

    def _sides(self, items, only):
        """The tables `planned` and `matched` of a query, both by version, account, month, place and `BESIDE`.

        `items`: the SQL by which journal items (m) are kept beside their sums. `only`: which of them, and which
        versions (w), are looked at. Items are added up first, by no more than some line of their account asks for.
        """
        self.env["fin.budget.line"].flush_model()
        self.env["account.move.line"].flush_model()
        places, shares = self._members_tables()
        beside = SQL(", ").join(map(SQL.identifier, BESIDE))
        return SQL(
            """planned AS (
                SELECT l.version_id, l.account_id, COALESCE(place.place, '') AS place,
                    date_trunc('month', l."on"::timestamp)::date AS month, %(lines)s, sum(l.amount) AS amount
                FROM fin_budget_line l
                LEFT JOIN %(places)s ON place.version = l.version_id AND place.told = l.analytic
                GROUP BY 1, 2, 3, 4, %(lines)s),
            cell AS (SELECT DISTINCT version_id, account_id, place, %(beside)s FROM planned),
            grain AS (SELECT version_id, account_id, %(asked)s FROM cell GROUP BY 1, 2),
            shape AS (SELECT DISTINCT version_id, account_id, %(shapes)s FROM cell),
            booked AS (
                SELECT w.id AS version_id, m.account_id, date_trunc('month', m.date::timestamp)::date AS month,
                    CASE WHEN g.has_partner_id THEN m.partner_id END AS partner_id,
                    CASE WHEN g.has_tax_id THEN m.tax_line_id END AS tax_id,
                    CASE WHEN g.has_journal_type OR g.has_ledger_id THEN m.journal_id END AS journal_id,
                    CASE WHEN g.has_transaction_currency_id THEN m.currency_id END AS transaction_currency_id,
                    CASE WHEN w.id IN (SELECT version_id FROM cell WHERE place <> '')
                        THEN m.analytic_distribution::text END AS distribution,
                    sum(m.balance) AS balance, %(items)s AS items
                FROM fin_budget_version w JOIN account_move_line m ON m.company_id = w.company_id
                    AND m.date BETWEEN w.date_from AND w.date_to AND m.parent_state = 'posted'
                JOIN account_account x ON x.id = m.account_id
                LEFT JOIN grain g ON g.version_id = w.id AND g.account_id = m.account_id
                WHERE (x.account_type ~ '^(income|expense)' OR g.account_id IS NOT NULL) AND %(only)s
                GROUP BY 1, 2, 3, 4, 5, 6, 7, 8),
            shared AS (
                SELECT b.*, COALESCE(share.place, '') AS place, b.balance * COALESCE(share.share, 1) AS actual
                FROM booked b LEFT JOIN %(shares)s
                    ON share.version = b.version_id AND share.distribution = b.distribution),
            candidate AS (
                SELECT s.version_id, s.account_id, s.month, s.items, s.actual, COALESCE(c.place, s.place) AS place,
                    %(found)s, c.version_id IS NOT NULL AS is_named,
                    bool_or(c.version_id IS NOT NULL) OVER (PARTITION BY %(one)s) AS is_met,
                    row_number() OVER (PARTITION BY %(one)s, c.ledger_id ORDER BY c.version_id IS NULL,
                        num_nonnulls(%(exact)s) + cardinality(string_to_array(c.place, ';')) DESC,
                        %(first)s, c.place) AS rank
                FROM shared s
                LEFT JOIN account_journal j ON j.id = s.journal_id
                LEFT JOIN shape h ON h.version_id = s.version_id AND h.account_id = s.account_id
                LEFT JOIN cell c ON c.version_id = s.version_id AND c.account_id = s.account_id AND %(same)s
                    AND string_to_array(c.place, ';') <@ string_to_array(s.place, ';')
                    AND NOT EXISTS (SELECT FROM account_journal_account_journal_group_rel r
                        WHERE r.account_journal_group_id = c.ledger_id AND r.account_journal_id = s.journal_id)),
            matched AS (SELECT * FROM candidate WHERE rank = 1 AND (is_named OR NOT is_met))""",
            places=places,
            shares=shares,
            items=items,
            only=only,
            beside=beside,
            lines=SQL(", ").join(SQL.identifier("l", name) for name in BESIDE),
            asked=SQL(", ").join(SQL("bool_or(%s IS NOT NULL) AS %s", *_has(name)) for name in BESIDE),
            shapes=SQL(", ").join(SQL("%s IS NOT NULL AS %s", *_has(name)) for name in _VALUES),
            found=SQL(", ").join(SQL.identifier("c", name) for name in BESIDE),
            exact=SQL(", ").join(SQL.identifier("c", name) for name in _VALUES),
            first=SQL(", ").join(SQL("%s IS NULL", SQL.identifier("c", name)) for name in _VALUES),
            one=SQL(
                "s.version_id, s.account_id, s.month, s.partner_id, s.tax_id, s.journal_id, "
                "s.transaction_currency_id, s.distribution, s.place"
            ),
            same=SQL(" AND ").join(map(_same, _VALUES)),
        )

    def _item_ids(self):
        """The journal items whose amounts, or parts of them, this row adds up."""
        mine = [SQL("%s IS NOT DISTINCT FROM %s", SQL.identifier(name), _value(self, name)) for name in BESIDE]
        only = SQL(
            "w.id = %s AND m.account_id = %s AND m.date BETWEEN %s AND %s",
            self.version_id.id,
            self.account_id.id,
            self.month,
            fields.Date.end_of(self.month, "month"),
        )
        rows = self.env.execute_query(
            SQL(
                "WITH %s SELECT DISTINCT unnest(items) FROM matched WHERE place = %s AND %s ORDER BY 1",
                self._sides(SQL("array_agg(m.id)"), only),
                self.analytic or "",
                SQL(" AND ").join(mine),
            )
        )
        return [item_id for (item_id,) in rows]


def _value(row, name):
    return (row[name].id if name.endswith("_id") else row[name]) or None


def _has(name):
    return SQL.identifier(name), SQL.identifier(f"has_{name}")


def _same(name):
    """Whether the line has the item's value, or none where lines of this shape have none; by equality, to be hashed."""
    none, unknown = (SQL(text) for text in _NOTHING.get(name, ("0", "-1")))
    return SQL(
        "COALESCE(%s, %s) = CASE WHEN %s THEN COALESCE(%s, %s) ELSE %s END",
        SQL.identifier("c", name),
        none,
        SQL.identifier("h", f"has_{name}"),
        _VALUES[name],
        unknown,
        none,
    )
