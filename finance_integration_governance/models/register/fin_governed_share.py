from odoo import fields, models
from odoo.tools import SQL

from ..screen import table
from .fin_governed_row import TOLD_BY

MONTHS = 12


def percent(part, whole):
    """Share in percent with one decimal, rounded down: 100 means all of it."""
    return int(1000 * part / whole) / 10 if whole else 100.0


class FinGovernedShare(models.Model):
    """How much of what machines posted in a company came through an approved flow: this month and the eleven before."""

    _name = "fin.governed.share"
    _description = "Governed Share"
    _auto = False
    _rec_name = "company_id"
    _depends = TOLD_BY

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    postings = fields.Integer("Machine postings", readonly=True)
    governed = fields.Integer("Through a flow", readonly=True)
    value = fields.Monetary(readonly=True)
    governed_value = fields.Monetary("Value through a flow", readonly=True)
    share_value = fields.Float("Governed by value (%)", compute="_compute_shares", digits=(5, 1))
    share_count = fields.Float("Governed by count (%)", compute="_compute_shares", digits=(5, 1))
    uncovered = fields.Integer(compute="_compute_shares")
    uncovered_value = fields.Monetary(compute="_compute_shares")
    since = fields.Date(compute="_compute_shares")
    trend = fields.Html(compute="_compute_months")
    rest_ids = fields.Many2many("fin.governed.row", compute="_compute_months", string="Uncovered rest")

    @property
    def _table_query(self):
        return SQL(
            """SELECT company.id, company.id AS company_id, count(posting.move_id) AS postings,
                count(posting.move_id) FILTER (WHERE way = 'flow') AS governed, COALESCE(sum(value), 0) AS value,
                COALESCE(sum(value) FILTER (WHERE way = 'flow'), 0) AS governed_value
            FROM res_company company LEFT JOIN (%s) posting ON posting.company_id = company.id
                AND posting.date BETWEEN %s AND %s GROUP BY company.id""",
            self.env["fin.governed.row"]._postings(),
            self._since(),
            fields.Date.context_today(self),
        )

    def _since(self):
        first = fields.Date.subtract(fields.Date.context_today(self), months=MONTHS - 1)
        return fields.Date.start_of(first, "month")

    def _compute_shares(self):
        for share in self:
            share.since = self._since()
            share.uncovered = share.postings - share.governed
            share.uncovered_value = share.value - share.governed_value
            share.share_count = percent(share.governed, share.postings)
            share.share_value = percent(share.governed_value, share.value)

    def _compute_months(self):
        rows = self.env["fin.governed.row"]
        for share in self:
            mine = [("company_id", "=", share.company_id.id), ("period", ">=", self._since())]
            share.trend = self._trend(mine)
            share.rest_ids = rows.search([*mine, ("uncovered", ">", 0)], limit=200)

    def _trend(self, domain):
        sums = ["governed:sum", "postings:sum", "governed_value:sum", "value:sum"]
        months = self.env["fin.governed.row"]._read_group(domain, ["period:month"], sums)
        told = [
            (f"{month:%Y-%m}", f"{percent(a, b)} %", f"{percent(part, whole)} %", str(whole - part))
            for month, part, whole, a, b in months
        ]
        heads = [self.env._("Month"), self.env._("By value"), self.env._("By count"), self.env._("Uncovered")]
        return table(self.env, told, heads) if told else False
