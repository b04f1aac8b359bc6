from odoo import fields, models
from odoo.tools import SQL

from ...core.stages import OUTCOMES
from ..triggers import refuse_rewriting


class BigInteger(fields.Integer):
    """64 bits, as PostgreSQL's bigint holds them."""

    _column_type = ("int8", "int8")


class Unchecked(fields.Many2one):
    """A reference without a foreign key: checking three of them took half of the time that storing items takes.

    What it points to cannot go: triggers refuse to delete runs, payloads and items; a run's own key holds its company.
    """

    def update_db_foreign_key(self, model, column):
        """No foreign key."""


class FinItem(models.Model):
    """One business fact: one key, one amount, one currency, and in the end one outcome.

    Items are written in bulk only (see fin_item_bulk.py) and their content never changes.
    """

    _name = "fin.item"
    _description = "Item"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id"
    _rec_name = "key"

    uid = fields.Char(required=True, readonly=True, string="Identifier")
    run_id = Unchecked("fin.run", required=True, readonly=True)
    flow_id = fields.Many2one(related="run_id.flow_id")
    payload_id = Unchecked("fin.payload", readonly=True)
    company_id = Unchecked("res.company", required=True, readonly=True)
    row = fields.Integer(required=True, readonly=True, help="Its place in the payload, counted from 1.")
    contract = fields.Char(required=True, readonly=True)
    object = fields.Char(required=True, readonly=True)
    scope = fields.Char(required=True, readonly=True)
    key = fields.Char(required=True, readonly=True)
    alt_key = fields.Char(readonly=True)
    parent_key = fields.Char(readonly=True, string="Document")
    key_hash = BigInteger(readonly=True, export_string_translation=False)
    digest = fields.Char(required=True, readonly=True, size=64)
    content = fields.Text(required=True, readonly=True)
    amount = fields.Float(readonly=True, digits=0)
    currency = fields.Char(readonly=True, size=3)
    on = fields.Date(readonly=True, string="Accounting Date")
    mapped_values = fields.Text(readonly=True)
    outcome = fields.Selection(
        [("open", "Open"), *((outcome, outcome.title()) for outcome in OUTCOMES)], required=True, readonly=True
    )
    reason = fields.Char(readonly=True)
    exception_id = fields.Many2one("fin.exception", readonly=True, ondelete="restrict", index="btree_not_null")
    binding_ids = fields.One2many("fin.binding", "item_id", string="Bindings")

    _row_uniq = models.UniqueIndex("(run_id, payload_id, row)")
    # Not only of open items: an outcome in an index would have every update write all other indexes, too.
    _run_idx = models.Index("(run_id, id)")
    _key_idx = models.Index("(object, scope, key)")

    def init(self):
        # Content goes in one way only, with a purge (fin_content.py); what it added up to stays.
        refuse_rewriting(self.env.cr, self._table, ["digest", "amount", "currency", "run_id", "key_hash"])
        # Outbound, an item gets its payload after it was collected, once.
        refuse_rewriting(self.env.cr, self._table, ["payload_id"], "OLD.payload_id IS NOT NULL")
        refuse_rewriting(self.env.cr, self._table, ["outcome"], "OLD.outcome <> 'open'")
        # Each item is mapped and gets an outcome, neither of which is indexed: with room in its page for what it
        # becomes, no index is written a second and third time.
        self.env.cr.execute(SQL("ALTER TABLE %s SET (fillfactor = 45)", SQL.identifier(self._table)))

    def action_open_record(self):
        """Go to what this item became in Odoo."""
        self.ensure_one()
        return self.binding_ids.filtered("live")[:1].action_open_record()
