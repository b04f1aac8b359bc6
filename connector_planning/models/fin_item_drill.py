import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# Kinds whose figures are sums of the items of one period; balances and open items are not.
DRILLED = ("fin.object.actual", "fin.object.cell")
# What a figure is about, beside its company, its period and its amounts; in the order in which a person reads it.
ABOUT = (
    "entry",
    "account",
    "account_name",
    "label",
    "kind",
    "partner",
    "document",
    "tax",
    "journal_type",
    "transaction_currency",
    "analytic",
)


class FinItem(models.Model):
    """From a figure that planning got to the journal items that are added up in it."""

    _inherit = "fin.item"

    has_journal_items = fields.Boolean(compute="_compute_has_journal_items")
    about = fields.Char(compute="_compute_about", help="Account and dimensions of a figure: its key is for programs.")

    @api.depends("shown_content")
    @api.depends_context("uid")
    def _compute_about(self):
        for item in self:
            told = json.loads(item.shown_content or "{}")
            item.about = " · ".join(str(told[name]) for name in ABOUT if told.get(name))

    def _compute_has_journal_items(self):
        for item in self:
            item.has_journal_items = item.object in DRILLED and item.run_id.direction == "outbound"

    def action_open_journal_items(self):
        """The journal items behind the figure as they are now, under the rights of whoever looks."""
        self.ensure_one()
        self.check_access("read")
        lines = self.env["account.move.line"]
        lines.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": lines._name,
            "name": self.env._("Journal items of %s", self.about or self.shown_key),
            "view_mode": "list,form",
            "domain": list(self._journal_items()),
            "context": {"create": False, "edit": False},
        }

    def _journal_items(self):
        if not self.has_journal_items:
            raise UserError(self.env._("No journal items are added up in this."))
        # sudo: what the cell is made of says the run's own document; the items are opened under the reader's rights
        told = self.sudo()
        if not told.content:
            raise UserError(self.env._("What was sent is purged, so nobody knows what the figure was made of."))
        business = told.run_id._object()
        company = told.company_id.with_env(business.env)
        return business._items_behind(told.run_id, company, told.on, json.loads(told.content))


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    fin_distribution = fields.Char(
        "Distribution as Text",
        store=False,
        search="_search_fin_distribution",
        exportable=False,
        help="To find the items of exactly these analytic distributions, as the database writes them.",
    )

    def _search_fin_distribution(self, operator, value):
        if operator != "in":
            return NotImplemented
        texts, has_none = [text for text in value if text], not all(value)

        def to_sql(model, alias, query):
            column = SQL("%s::text", SQL.identifier(alias, "analytic_distribution"))
            return SQL("(%s = ANY(%s) OR (%s AND %s IS NULL))", column, texts, has_none, column)

        return Domain.custom(to_sql=to_sql)
