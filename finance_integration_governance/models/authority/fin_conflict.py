from odoo import api, fields, models

from ...core.authority import CONFLICTS
from ...core.authority_entities import ENTITIES
from ..item.fin_item import Unchecked
from ..screen import opened_at
from ..triggers import refuse_changes


class FinConflict(models.Model):
    """One field that an item would have changed against the authority matrix: what Odoo holds, and what was brought.

    Account numbers and what reaches a person are kept in part only; in full they stand on the record and in the item.
    """

    _name = "fin.conflict"
    _description = "Authority Conflict"
    _inherit = ["fin.evidence.mixin"]
    _log_access = False
    _order = "id"
    _rec_name = "key"

    exception_id = Unchecked("fin.exception", required=True, readonly=True, index=True)
    run_id = Unchecked("fin.run", required=True, readonly=True)
    item_id = Unchecked("fin.item", required=True, readonly=True)
    company_id = Unchecked("res.company", required=True, readonly=True)
    scope = fields.Char(required=True, readonly=True)
    key = fields.Char(required=True, readonly=True)
    entity = fields.Selection([(e.name, e.label) for e in ENTITIES.values()], required=True, readonly=True)
    field = fields.Char(required=True, readonly=True)
    label = fields.Char(readonly=True, string="Field label")
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    ours = fields.Char(readonly=True, string="Odoo holds")
    theirs = fields.Char(readonly=True, string="The flow brought")
    system = fields.Char(required=True, readonly=True, string="System of Record")
    rule = fields.Selection(list(CONFLICTS.items()), required=True, readonly=True)

    _item_uniq = models.UniqueIndex("(exception_id, item_id, field)")

    def init(self):
        refuse_changes(self.env.cr, self._table)

    @api.model
    def _keep(self, rows):
        """Insert the rows, mappings of column to value; what is there already stays."""
        self.env.cr.execute_values(
            """INSERT INTO fin_conflict (exception_id, run_id, item_id, company_id, scope, key, entity, field, label,
                res_model, res_id, ours, theirs, system, rule)
            VALUES %s ON CONFLICT DO NOTHING""",
            rows,
            template="""(%(exception_id)s, %(run_id)s, %(item_id)s, %(company_id)s, %(scope)s, %(key)s, %(entity)s,
                %(field)s, %(label)s, %(res_model)s, %(res_id)s, %(ours)s, %(theirs)s, %(system)s, %(rule)s)""",
        )

    @api.model
    def _waived(self, run):
        """(scope, key, field) that a second person lets a run write, against the rule that asks."""
        exceptions = self.env["fin.item"]._truly_waived(run)
        found = self.search([("exception_id", "in", exceptions.ids), ("rule", "=", "ask")])
        return {(row.scope, row.key, row.field) for row in found}

    @api.model
    def _is_waived(self, run, model, res_id, field):
        """The same, by record, for the guards at the record's edge."""
        exceptions = run.env["fin.item"]._truly_waived(run)
        wanted = [("res_model", "=", model), ("res_id", "=", res_id), ("field", "=", field), ("rule", "=", "ask")]
        return bool(run.env[self._name].search_count([("exception_id", "in", exceptions.ids), *wanted], limit=1))

    def action_open_record(self):
        self.ensure_one()
        return opened_at(self.res_model, self.res_id)
