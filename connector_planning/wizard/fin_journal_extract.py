from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..core.item_query import COLUMNS, NAMES, ItemQuery
from ..models.account_move_line import is_kept

_TICKED = ("date", "move_name", "account_id.code", "partner_id.name", "name", "ref", "debit", "credit", "balance")


class FinJournalExtract(models.TransientModel):
    """Which journal items somebody wants as a file; the address that it makes is the one that programs ask."""

    _name = "fin.journal.extract"
    _description = "Journal Items as a File"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    date_from = fields.Date("From", default=lambda self: self._last_month())
    date_until = fields.Date("To", default=lambda self: self._last_month() + relativedelta(day=31))
    accounts = fields.Char(help="Beginnings of account codes, with commas between them. Empty: all.")
    journal_ids = fields.Many2many(
        "account.journal", string="Journals", domain="[('company_id', 'parent_of', company_id)]"
    )
    posted = fields.Boolean("Posted only", default=True)
    gzip = fields.Boolean("Packed (gzip)")
    column_ids = fields.One2many(
        "fin.journal.extract.column", "extract_id", string="Columns", default=lambda self: self._columns()
    )

    def _last_month(self):
        return fields.Date.context_today(self).replace(day=1) - relativedelta(months=1)

    @api.model
    def _columns(self):
        """What may be had: fields that are kept with an item and that this person may read, and names for ids."""
        items = self.env["account.move.line"]
        told = items.fields_get(attributes=["string", "type", "relation"])
        more = sorted(name for name in told if name not in COLUMNS and is_kept(items, name))
        known = [name for name in (*COLUMNS, *NAMES, *more) if name.partition(".")[0] in told]
        rows = [(name, self._label(told, name)) for name in known]
        rows = sorted(rows, key=lambda row: _TICKED.index(row[0]) if row[0] in _TICKED else len(_TICKED))
        return [Command.create({"name": name, "label": label, "is_taken": name in _TICKED}) for name, label in rows]

    def _label(self, told, name):
        """An account may be had as its code, as its name or as an id. `told`: what is known of the item's fields."""
        first, _dot, inner = name.partition(".")
        label = told[first]["string"]
        if inner:
            field = self.env[told[first]["relation"]].fields_get([inner], ["string"])
            return f"{label} › {field[inner]['string']}" if field else label
        return self.env._("%s (id)", label) if told[first]["type"] == "many2one" else label

    def action_download(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/finance_integration/journal_items.csv?{self._query().written()}",
            "target": "download",
        }

    def _query(self):
        columns = tuple(self.column_ids.filtered("is_taken").mapped("name"))
        if not columns:
            raise UserError(self.env._("Tick the columns that the file is to have."))
        days = {"date_from": self.date_from or None, "date_until": self.date_until or None}
        lists = {"accounts": self.accounts or "", "journals": ",".join(self.journal_ids.mapped("code"))}
        plain = {name: str(value) for name, value in days.items() if value} | lists
        told = {"columns": ",".join(columns), "posted": str(int(self.posted)), "gzip": str(int(self.gzip))}
        return ItemQuery.read({"company": self.company_id.fin_code, **plain, **told})


class FinJournalExtractColumn(models.TransientModel):
    _name = "fin.journal.extract.column"
    _description = "Column of a File"

    extract_id = fields.Many2one("fin.journal.extract", required=True, ondelete="cascade")
    name = fields.Char("Field", required=True, readonly=True)
    label = fields.Char("Column", readonly=True)
    is_taken = fields.Boolean("Take")
