from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..item.fin_binding import BY_ROLLBACK

WAYS = [
    ("flow", "Approved flow"),
    ("service", "Service user without a run"),
    ("import", "Import with external ids"),
    ("provider", "Statement provider of another addon"),
    ("recurring", "Recurring entry, posted by Odoo"),
    ("robot", "Odoo itself: cron, automation, mail"),
    ("user", "User registered as automatic"),
]

# Which fields the query reads.
TOLD_BY = {
    "account.move": [
        *("state", "date", "company_id", "journal_id", "create_uid", "amount_total_signed"),
        *("statement_line_id", "auto_post_origin_id"),
    ],
    "fin.binding": ["live", "res_model", "res_id", "run_id"],
    "fin.version": ["applied_at"],
    "fin.feed": ["is_automatic", "user_id"],
    "res.company": ["fin_service_user_id"],
}


class FinGovernedRow(models.Model):
    """Machine postings of one company, month, journal, user and way: how many and how much came through a flow.

    What a stock Odoo keeps does not tell everything: an import without external ids, and a program that works with the
    key of a person who posts by hand, too, look like that person. Such a user is registered as automatic, or not seen.
    """

    _name = "fin.governed.row"
    _description = "Machine Postings"
    _auto = False
    _order = "period desc, uncovered_value desc, id"
    _depends = TOLD_BY

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    period = fields.Date(readonly=True)
    month = fields.Char(compute="_compute_month")
    journal_id = fields.Many2one("account.journal", readonly=True)
    user_id = fields.Many2one("res.users", string="In the name of", readonly=True)
    way = fields.Selection(WAYS, readonly=True)
    postings = fields.Integer(readonly=True)
    governed = fields.Integer("Through a flow", readonly=True)
    uncovered = fields.Integer(readonly=True)
    value = fields.Monetary(readonly=True)
    governed_value = fields.Monetary("Value through a flow", readonly=True)
    uncovered_value = fields.Monetary(readonly=True)
    flow_id = fields.Many2one("fin.flow", compute="_compute_flow", string="Adopted by")

    def _compute_month(self):
        for row in self:
            row.month = f"{row.period:%Y-%m}"

    @property
    def _table_query(self):
        return SQL(
            """SELECT ('x' || left(md5(concat_ws('|', company_id, period, journal_id, user_id, way)), 8))::bit(32)::int
                    & 2147483647 AS id,
                company_id, period, journal_id, user_id, way, count(*) AS postings,
                count(*) FILTER (WHERE way = 'flow') AS governed, count(*) FILTER (WHERE way <> 'flow') AS uncovered,
                sum(value) AS value, COALESCE(sum(value) FILTER (WHERE way = 'flow'), 0) AS governed_value,
                COALESCE(sum(value) FILTER (WHERE way <> 'flow'), 0) AS uncovered_value
            FROM (%s) posting GROUP BY company_id, period, journal_id, user_id, way""",
            self._postings(),
        )

    @api.model
    def _postings(self):
        """Each posted entry that no person made by hand, once, with the way it came; a bank entry is its own entry."""
        return SQL(
            """SELECT move.id AS move_id, move.name, move.date, move.company_id, move.journal_id,
                move.create_uid AS user_id, date_trunc('month', move.date)::date AS period,
                abs(move.amount_total_signed) AS value, origin.way
            FROM account_move move
            LEFT JOIN account_bank_statement_line line ON line.id = move.statement_line_id
            CROSS JOIN LATERAL (SELECT CASE
                WHEN %(bound)s THEN 'flow'
                WHEN %(ended)s THEN 'flow'
                WHEN EXISTS (SELECT 1 FROM res_company c WHERE c.fin_service_user_id = move.create_uid) THEN 'service'
                WHEN EXISTS (
                    SELECT 1 FROM ir_model_data d WHERE d.module = '__import__' AND (d.model, d.res_id) IN (
                        ('account.move', move.id), ('account.bank.statement.line', move.statement_line_id)))
                    THEN 'import'
                WHEN %(provider)s THEN 'provider'
                WHEN move.create_uid = %(robot)s AND move.auto_post_origin_id IS NOT NULL THEN 'recurring'
                WHEN move.create_uid IS NULL OR move.create_uid = %(robot)s THEN 'robot'
                WHEN EXISTS (SELECT 1 FROM fin_feed f WHERE f.is_automatic AND f.user_id = move.create_uid) THEN 'user'
                END AS way) origin
            WHERE move.state = 'posted' AND origin.way IS NOT NULL""",
            bound=self._through_a_flow(SQL("b.live")),
            # What a rollback took back, and what it made of it, came through the flow as well.
            ended=self._through_a_flow(BY_ROLLBACK),
            provider=self._by_provider(),
            robot=self.env.ref("base.user_root").id,
        )

    def _through_a_flow(self, kept):
        return SQL(
            """EXISTS (SELECT 1 FROM fin_binding b JOIN fin_run r ON r.id = b.run_id
                JOIN fin_version v ON v.id = r.version_id
                WHERE %s AND v.applied_at IS NOT NULL AND v.flow_id = r.flow_id AND (b.res_model, b.res_id) IN (
                    ('account.move', move.id), ('account.bank.statement.line', move.statement_line_id)))""",
            kept,
        )

    def _by_provider(self):
        """Addons that fetch statements keep the bank's own reference of a line; stock Odoo has no such column."""
        known = "unique_import_id" in self.env["account.bank.statement.line"]._fields
        return SQL("line.unique_import_id IS NOT NULL") if known else SQL("FALSE")

    @api.model
    def _figure(self, company, since, until):
        """(postings, through a flow, value, value through a flow) of the company from day to day, both included."""
        self._flush_depends()
        [[postings, governed, value, governed_value]] = self.env.execute_query(
            SQL(
                """SELECT count(*), count(*) FILTER (WHERE way = 'flow'), COALESCE(sum(value), 0)::text,
                    COALESCE(sum(value) FILTER (WHERE way = 'flow'), 0)::text
                FROM (%s) posting WHERE company_id = %s AND date BETWEEN %s AND %s""",
                self._postings(),
                company.id,
                since,
                until,
            )
        )
        return postings, governed, Decimal(value), Decimal(governed_value)

    @api.model
    def _ungoverned(self, company, since, until):
        """The uncovered rest entry by entry, from the same query: (id, name, date, journal, login, way, value)."""
        self._flush_depends()
        rows = self.env.execute_query(
            SQL(
                """SELECT move_id, posting.name, date, journal.code, users.login, way, value::text
                FROM (%s) posting JOIN account_journal journal ON journal.id = posting.journal_id
                LEFT JOIN res_users users ON users.id = posting.user_id
                WHERE way <> 'flow' AND posting.company_id = %s AND date BETWEEN %s AND %s ORDER BY date, move_id""",
                self._postings(),
                company.id,
                since,
                until,
            )
        )
        return [(*row[:-1], Decimal(row[-1])) for row in rows]

    def _flush_depends(self):
        for model in self._depends:
            self.env[model].flush_model()

    # Adopting

    def _compute_flow(self):
        """The flow that was made for this feed, in whatever state it is."""
        flows = self.env["fin.flow"].search([("adopts", "in", [row._feed_key() for row in self])])
        found = {flow.adopts: flow for flow in flows}
        for row in self:
            row.flow_id = found.get(row._feed_key(), self.env["fin.flow"])

    def _feed_key(self):
        """What makes postings of several months one feed."""
        # sudo: only the names; the row itself was found under this user's rules
        told = self.sudo()
        return "/".join(
            [told.company_id.fin_code or "", told.journal_id.code or "", told.user_id.login or "", told.way]
        )

    def action_adopt(self):
        """Make a flow of it: the dialog opens with what is known; the flow begins as a draft."""
        self.ensure_one()
        self.env["fin.approval"]._need_group("group_operator")
        action = self.env["ir.actions.act_window"]._for_xml_id("finance_integration_governance.fin_flow_new_action")
        way = dict(self._fields["way"]._description_selection(self.env))[self.way]
        return {
            **action,
            "context": {
                "default_name": f"{self.journal_id.name}: {way}",
                "default_purpose": self.env._(
                    "Replaces what %(user)s posts in %(journal)s by another way: %(way)s.",
                    user=self.user_id.name or "",
                    journal=self.journal_id.name,
                    way=way,
                ),
                "default_company_id": self.company_id.id,
                "default_journal_ids": self.journal_id.ids if self.journal_id.type == "bank" else [],
                "default_submit": False,
                "default_adopts": self._feed_key(),
            },
        }

    def action_open_entries(self):
        """The entries behind the row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "view_mode": "list,form",
            "name": self.env._("Entries"),
            "domain": [("id", "in", self._move_ids())],
        }

    def _move_ids(self):
        rows = self.env.execute_query(
            SQL(
                """SELECT move_id FROM (%s) posting WHERE company_id = %s AND period = %s AND journal_id = %s
                    AND user_id IS NOT DISTINCT FROM %s AND way = %s""",
                self._postings(),
                self.company_id.id,
                self.period,
                self.journal_id.id,
                self.user_id.id or None,
                self.way,
            )
        )
        return [move_id for (move_id,) in rows]
