from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..screen import opened_at
from ..triggers import refuse_rewriting
from ..writer import as_writer
from .fin_item import Unchecked
from .stretch import between, known_of

# Of an ended binding `b` of a run `r`: a rollback made it, or took it back. One that ended otherwise proves nothing.
BY_ROLLBACK = SQL(
    """NOT b.live AND b.res_id IS NOT NULL AND (r.trigger = 'rollback' OR EXISTS (
        SELECT 1 FROM fin_item u JOIN fin_run t ON t.id = u.run_id
        WHERE u.origin_id = b.item_id AND u.outcome = 'delivered' AND t.trigger = 'rollback'))"""
)


class FinBinding(models.Model):
    """Which record a fact became, or what a target last got of it. Its unique index makes an effect happen once."""

    _name = "fin.binding"
    _description = "Binding"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id"
    _rec_name = "key"

    object = fields.Char(required=True, readonly=True)
    scope = fields.Char(required=True, readonly=True)
    key = fields.Char(required=True, readonly=True)
    alt_key = fields.Char(readonly=True)
    parent_key = fields.Char(readonly=True)
    digest = fields.Char(required=True, readonly=True, size=64)
    rule = fields.Integer(required=True, readonly=True, default=1, string="Rule version")
    live = fields.Boolean(readonly=True, default=True)
    item_id = Unchecked("fin.item", required=True, readonly=True, index=True)
    run_id = Unchecked("fin.run", required=True, readonly=True, index=True)
    company_id = Unchecked("res.company", required=True, readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)

    # The key first: an index that begins with what all bindings share is read from end to end while it is new.
    _key_uniq = models.UniqueIndex("(key, scope, object) WHERE live")
    _alt_idx = models.Index("(alt_key, scope, object) WHERE live")
    _record_idx = models.Index("(res_model, res_id) WHERE live")
    _ended_idx = models.Index("(res_model, res_id) WHERE NOT live AND res_id IS NOT NULL")

    def init(self):
        refuse_rewriting(
            self.env.cr, self._table, ["digest", "key", "scope", "object", "item_id", "res_model", "res_id"]
        )

    @api.model
    def _bind(self, run, bound):
        """One live binding per item: `bound` is a list of (item id, record or None)."""
        if not bound:
            return
        ids = [item_id for item_id, _record in bound]
        self.env.cr.execute(
            SQL(
                """INSERT INTO fin_binding (object, scope, key, alt_key, parent_key, digest, rule, live, item_id,
                    run_id, company_id, res_model, res_id)
                SELECT i.object, i.scope, i.key, i.alt_key, i.parent_key, i.digest, 1, TRUE, i.id, i.run_id,
                    i.company_id, v.model, v.record
                FROM unnest(%s::integer[], %s::varchar[], %s::integer[]) AS v(item, model, record)
                JOIN fin_item i ON i.id = v.item WHERE i.run_id = %s AND %s""",
                ids,
                [record._name if record else None for _id, record in bound],
                [record.id if record else None for _id, record in bound],
                run.id,
                between(ids, "i.id"),
            )
        )

    @api.model
    def _supersede(self, ids):
        """The older bindings of these items' keys give way to what is bound next."""
        self.env.cr.execute(
            SQL(
                """UPDATE fin_binding b SET live = FALSE FROM fin_item i
                WHERE i.id = ANY(%s) AND b.live AND (b.object, b.scope, b.key) = (i.object, i.scope, i.key)""",
                list(ids),
            )
        )

    @api.model
    def _of_items(self, items):
        """The live bindings of the items' keys."""
        if not items:
            return self.browse()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT b.id FROM fin_item i CROSS JOIN LATERAL %s AS b WHERE i.id = ANY(%s)""",
                known_of("id"),
                items.ids,
            )
        )
        return self.browse(row[0] for row in rows)

    @api.model
    def _record(self, run, key, contract_model):
        """The live record of this model bound to a key of the run's object, as the service user sees it."""
        document = run._document()
        binding = self.search(
            [
                ("object", "=", document["object"]),
                ("key", "=", key),
                ("live", "=", True),
                ("res_model", "=", contract_model),
            ],
            limit=1,
        )
        return run._as_service()[contract_model].browse(binding.res_id)

    def _lost(self):
        """The bindings whose record is gone."""
        lost = self.browse()
        for model, bindings in self.filtered("res_model").grouped("res_model").items():
            there = set(self.env[model].browse(bindings.mapped("res_id")).exists().ids)
            lost |= bindings.browse([b.id for b in bindings if b.res_id not in there])
        return lost

    def action_open_record(self):
        if not self.res_model:
            raise UserError(self.env._("This went to another system: there is no record in Odoo."))
        return opened_at(self.res_model, self.res_id)

    def _end(self):
        """The effect was undone: the key is free again."""
        as_writer(self).write({"live": False})
